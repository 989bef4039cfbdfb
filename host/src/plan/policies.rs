//! The policies to use and their settings: first the platform team's list, then those of the
//! command line, then the settings of the command line on top.

use super::adjust::{self, Adjustment, Change};
use super::files::{self, document};
use super::in_force::{self, PoliciesFrom};
use super::lock::{self, LockFile};
use super::path;
use super::policies_file;
use super::source::source;
use super::typed::{parts, refused};
use crate::cli::PolicyArgs;
use crate::error::Error;
use crate::job::Mode;
use crate::policy::{Grants, Limits, PolicySource};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The policies to use, with their limits, lock and cache.
pub struct Policies {
    /// The policies in their order.
    pub sources: Vec<PolicySource>,
    /// Changes to policies that are not configured under the name that was typed: they may describe
    /// themselves by it.
    pub pending: Vec<Adjustment>,
    /// The limits of each.
    pub limits: Limits,
    /// The policies file, if one is in force.
    pub from: Option<PoliciesFrom>,
    /// The file to record the reviews in.
    pub record: Option<PathBuf>,
    /// The lock to check them against, if there is one.
    pub lock: Option<LockFile>,
    /// The folder of compiled policies, if they are kept.
    pub cache: Option<PathBuf>,
}

/// Read every policy to use, with the lock to check them against.
pub fn read_with_lock(args: &PolicyArgs, program: &str) -> Result<Policies, Error> {
    let policies = read(args)?;
    let path = policies.from.as_ref().map(|from| from.path.as_path());
    let lock = lock::read(path, args, program)?;
    Ok(Policies { lock, ..policies })
}

/// Read every policy to use.
pub fn read(args: &PolicyArgs) -> Result<Policies, Error> {
    let from = in_force::find(args.policies.as_deref().map(Path::new))?;
    let (mut sources, mut limits) = match &from {
        Some(from) => policies_file::read(&from.path)?,
        None => Default::default(),
    };
    for typed in &args.policy {
        let (name, path) = path::named(typed);
        sources.push(source(name, &path::path(path, "the policy")?, "`--policy`")?);
    }
    if args.audit.iter().any(String::is_empty) {
        sources.iter_mut().for_each(|source| source.mode = Mode::Audit);
    }
    let mut pending = adjustments(args)?;
    // With `--locked` nothing of a policy runs before it is held against the lock.
    if args.locked || sources.is_empty() || adjust::are_configured(&pending, &sources) {
        adjust::make(std::mem::take(&mut pending), &mut sources, &[])?;
    }
    set_limits(&mut limits, &args.limit)?;
    let record = args.record.as_deref().map(|file| path::path(file, "the recording"));
    let record = record.transpose()?;
    let cache = files::cache().filter(|_| !args.no_cache);
    Ok(Policies { sources, pending, limits, from, record, lock: None, cache })
}

impl Policies {
    /// Make the changes that wait for the names by which the policies describe themselves.
    pub fn adjust(&mut self, own_names: &[String]) -> Result<(), Error> {
        adjust::make(std::mem::take(&mut self.pending), &mut self.sources, own_names)
    }
}

/// What is to be changed, in the order in which it counts.
fn adjustments(args: &PolicyArgs) -> Result<Vec<Adjustment>, Error> {
    let mut all = Vec::new();
    let change = |name: &str, flag, change| Adjustment { name: name.to_owned(), flag, change };
    for typed in &args.settings {
        let (name, path) = parts(typed, "--settings", "NAME=FILE")?;
        let path = path::path(Path::new(path), "the settings")?;
        // A file of comments alone sets nothing.
        let document = document("the settings", &path)?;
        let settings = Some(document.to_json()).filter(|it| !it.is_null());
        let settings = settings.unwrap_or_else(|| json!({}));
        let typed = document.typed_scalars();
        all.push(change(name, "--settings", Change::Settings { settings, typed }));
    }
    all.extend(adjust::settings(&args.set)?);
    for typed in &args.grant {
        let (name, capabilities) = parts(typed, "--grant", "NAME=CAPABILITY,…")?;
        let names: Vec<_> =
            capabilities.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let grants =
            Grants::new(Some(&names), &[]).map_err(|error| refused(typed, "--grant", error))?;
        all.push(change(name, "--grant", Change::Grants(grants)));
    }
    let audited = args.audit.iter().filter(|name| !name.is_empty());
    all.extend(audited.map(|name| change(name, "--audit", Change::Audit)));
    Ok(all)
}

/// Set the limits of `--limit`.
pub fn set_limits(limits: &mut Limits, typed: &[String]) -> Result<(), Error> {
    for typed in typed {
        let (key, value) = parts(typed, "--limit", "LIMIT=VALUE")?;
        limits.set(key, value).map_err(|why| refused(typed, "--limit", why))?;
    }
    Ok(())
}
