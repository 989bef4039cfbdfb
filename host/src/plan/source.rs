//! The source of one policy, from the policies file or the command line: its name and the path of
//! its file.

use crate::error::Error;
use crate::job::PolicyId;
use crate::policy::PolicySource;
use std::path::Path;

/// The longest name in letters.
const LONGEST: usize = 63;

/// A policy without settings. Without a name, it is derived from the file's: `gpu_resources.wasm`
/// is `gpu-resources`.
pub fn source(name: Option<&str>, path: &Path, named_by: &str) -> Result<PolicySource, Error> {
    let name = name.map_or_else(|| name_of(path), str::to_owned);
    let name = PolicyId::parse(&name).map_err(|why| Error::Usage {
        what: format!("policy `{}` of {named_by} has no valid name: {why}", path.display()),
        hint: "set one with `--policy NAME=FILE`, or with `name:` in the policies file".into(),
    })?;
    Ok(PolicySource::new(name, path.to_owned()))
}

fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.replace('_', "-").to_lowercase()
}

/// A policy that is named after its file because nobody gave it a name: its name is only for
/// messages, so what no name can contain is left out of it.
pub fn unnamed(path: &Path) -> PolicySource {
    let plain = |sign: char| if sign.is_ascii_alphanumeric() { sign } else { '-' };
    let name: String = name_of(path).chars().map(plain).take(LONGEST).collect();
    let name = PolicyId::parse(name.trim_matches('-'));
    let name = name.or_else(|_| PolicyId::parse("policy")).expect("it is a DNS label");
    PolicySource::new(name, path.to_owned())
}
