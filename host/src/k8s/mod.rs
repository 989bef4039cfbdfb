//! Kubernetes' own rules for names, keys and quantities: the one book that cubes, flags and verbs
//! of policies are checked by.
//!
//! A rule answers `Ok`, or says in one sentence what the text is not and what was expected. A text
//! that passes has the form that the API server takes; only facts of the cluster can still refuse
//! it.

mod devices;
mod keys;
mod names;
mod number;
mod quantity;

pub use devices::{gives_devices, is_gpu};
pub use keys::{is_extended, key, label_value, may_differ, page_size, resource_name};
pub use names::{
    ClaimName, InvalidName, Namespace, any_env_name, capability, data_key, dns_label,
    dns_subdomain, env_name, image, int32, mount_path, relative_path,
};
pub use quantity::Quantity;
