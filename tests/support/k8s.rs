//! The rules of Kubernetes for names, as the host has them.

pub use mlcube_k8s::job::{to_dns_label, to_label_value};
pub use mlcube_k8s::k8s::{dns_label, dns_subdomain, label_value};
