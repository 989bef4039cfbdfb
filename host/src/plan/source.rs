//! One policy as it is named, in the policies file or on the command line: its name and its file.

use crate::error::Error;
use crate::job::PolicyId;
use crate::policy::{LazyCache, PolicyFile, PolicySource};
use serde_json::Value;
use std::path::Path;

/// Read a policy's file. Without a name the file's own counts: `gpu_resources.wasm` is `gpu-resources`.
pub fn source(
    name: Option<&str>,
    path: &Path,
    settings: Value,
    named_by: &str,
    cache: &LazyCache,
) -> Result<PolicySource, Error> {
    let stem =
        || path.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-").to_lowercase()).unwrap_or_default();
    let name = name.map_or_else(stem, str::to_owned);
    let name = PolicyId::parse(&name).map_err(|why| Error::Usage {
        what: format!("policy `{}` of {named_by} has no usable name: {why}", path.display()),
        hint: "name it with `--policy NAME=FILE`, or with `name:` in the policies file".into(),
    })?;
    let failed =
        |error: std::io::Error| Error::File { what: "the policy", path: path.to_owned(), why: error.to_string() };
    let file = PolicyFile::read(path, cache.get()).map_err(failed)?;
    Ok(PolicySource::of(name, path, file, settings))
}
