//! mlcube-k8s runs an MLCube on Kubernetes through WebAssembly policies.
//!
//! The modules stand in the order in which a run passes through them; each uses only those above it.

pub mod cube;
