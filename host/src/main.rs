//! The binary `mlcube-k8s`.
fn main() {}
