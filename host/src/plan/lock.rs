//! The policies in use against `policies.lock`, which lies beside the policies file.

use super::document;
use super::policies::{self, Policies};
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::policy::{Difference, LazyCache, Lock};
use std::path::{Path, PathBuf};

const WHAT: &str = "the lock file";

/// Where the lock of a policies file lies.
pub fn path(policies: &Path) -> PathBuf {
    policies.with_extension("lock")
}

/// Read every policy that is meant, and hold it against the lock. A file that must be the one in the lock is read itself:
/// what is remembered of it does not count.
pub fn read(args: &PolicyArgs, cache: &LazyCache) -> Result<Policies, Error> {
    let none = LazyCache::default();
    let mut policies = policies::read(args, if args.locked { &none } else { cache })?;
    hold(&mut policies, args.locked)?;
    Ok(policies)
}

/// Hold policies against the lock. With `--locked` every difference is an error; else they are told, and a policy must not
/// do more than it could when it was locked.
fn hold(policies: &mut Policies, is_strict: bool) -> Result<(), Error> {
    let path = policies.from.as_ref().map(|from| path(&from.path));
    let Some(path) = path.filter(|path| is_strict || path.exists()) else {
        return if is_strict { Err(nothing_to_lock()) } else { Ok(()) };
    };
    let lock = content(&path)?;
    let differences = lock.differences(&policies.sources);
    if is_strict && !differences.is_empty() {
        return Err(differs(path, &differences));
    }
    for source in &mut policies.sources {
        source.locked = lock.capabilities(source.name.as_str()).map(<[String]>::to_vec);
    }
    let told = differences.iter().map(|difference| format!("{difference}: `mlcube-k8s policy lock` accepts it"));
    policies.warnings.extend(told);
    Ok(())
}

fn content(path: &Path) -> Result<Lock, Error> {
    serde_json::from_value(document(WHAT, path)?.to_json()).map_err(|error| Error::Configuration {
        what: WHAT,
        path: path.to_owned(),
        why: error.to_string(),
        hint: "`mlcube-k8s policy lock` writes it anew".into(),
    })
}

fn nothing_to_lock() -> Error {
    Error::Usage {
        what: "`--locked` needs a policies file".into(),
        hint: "name it with `--policies FILE` or the variable `MLCUBE_K8S_POLICIES`".into(),
    }
}

fn differs(path: PathBuf, differences: &[Difference]) -> Error {
    let why = differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let hint = "look at what changed; `mlcube-k8s policy lock` accepts it".into();
    Error::Configuration { what: WHAT, path, why, hint }
}
