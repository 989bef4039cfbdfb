//! Policies in other languages, made by their own toolchains and kept in the cache under a hash of
//! their sources, the contract, the tool and its arguments.

mod javascript;
mod python;

use crate::cache::{self, Cache};
use crate::error::{Doing, Result};
use crate::prerequisites::{self, Installing};
use crate::workspace::{self, Workspace};
use crate::{program, say};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A policy in another language, as a component.
pub struct Guest {
    /// The variable by which the tests find it.
    pub variable: &'static str,
    pub file: PathBuf,
}

/// A language, the policy in it, and the tool that makes a component of it.
struct Language {
    name: &'static str,
    /// Where the policy lies, below `tests/guests`.
    folder: &'static str,
    /// Its files; the contract is put beside its world.
    sources: &'static [&'static str],
    /// The files by which the tool is pinned.
    pins: &'static [&'static str],
    tool: &'static str,
    /// Install the tool into the current folder.
    install: fn() -> Command,
    /// Make a component of the files in the current folder; the tool lies in the first folder.
    compile: fn(&Path, Variant) -> Command,
    component: &'static str,
    /// The variables of both variants.
    variables: [(&'static str, Variant); 2],
}

/// What becomes of the WASI imports that every such runtime has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variant {
    /// The tool replaces them by traps.
    Stubs,
    /// They stay, and the host gives an empty world.
    Wasi,
}

const LANGUAGES: [&Language; 2] = [&python::PYTHON, &javascript::JAVASCRIPT];

/// Where the contract lies for the tools.
const CONTRACT: &str = "wit/deps/mlcube-policy";

/// The files of a policy, relative to its folder, with their content.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// Make them, where they are not in the cache, and say where they lie.
pub fn build(cache: &Cache, workspace: &Workspace, installing: Installing) -> Result<Vec<Guest>> {
    prerequisites::for_languages(installing)?;
    let folder = cache.guests();
    let _lock = cache::lock(&folder, || say::step("another command makes policies: waiting"))?;
    let mut guests = Vec::new();
    for language in LANGUAGES {
        let kept = language.build(&folder, workspace)?;
        let guest = |(variable, variant): (_, Variant)| Guest {
            variable,
            file: kept.join(language.file(variant)),
        };
        guests.extend(language.variables.map(guest));
    }
    Ok(guests)
}

impl Language {
    /// The folder with both variants.
    fn build(&self, folder: &Path, workspace: &Workspace) -> Result<PathBuf> {
        let source = workspace::helper().with_file_name("guests").join(self.folder);
        let pins = read(&source, self.pins)?;
        let mut files = read(&source, self.sources)?;
        files.extend(contract(&workspace.root.join("wit"))?);
        let tool = folder.join(format!("{}-{}", self.tool, key(&pins, &[&(self.install)()])));
        let commands =
            self.variables.map(|(_, variant)| (self.compile)(Path::new(self.tool), variant));
        let all = [pins.clone(), files.clone()].concat();
        let kept = folder.join(key(&all, &commands.each_ref()));
        keep(&kept, |work| {
            keep(&tool, |work| {
                say::step(format!("installing {} into the cache: once", self.tool));
                write(work, &pins)?;
                program::read((self.install)().current_dir(work)).map(drop)
            })?;
            say::step(format!(
                "making components of the {} policy: once, up to a minute",
                self.name
            ));
            self.compile(&tool, &files, work)
        })?;
        Ok(kept)
    }

    fn compile(&self, tool: &Path, files: &Files, work: &Path) -> Result<()> {
        for (_, variant) in self.variables {
            let place = work.join("sources");
            write(&place, files)?;
            program::read((self.compile)(tool, variant).current_dir(&place))?;
            let made = work.join(self.file(variant));
            fs::create_dir_all(made.with_file_name(""))
                .doing(|| format!("create a folder for `{}`", made.display()))?;
            fs::rename(place.join(self.component), &made)
                .doing(|| format!("keep `{}`", made.display()))?;
            fs::remove_dir_all(&place).doing(|| format!("remove `{}`", place.display()))?;
        }
        Ok(())
    }

    /// A policy is called after its file, so both variants have the same name.
    fn file(&self, variant: Variant) -> PathBuf {
        match variant {
            Variant::Stubs => self.component.into(),
            Variant::Wasi => Path::new("wasi").join(self.component),
        }
    }
}

/// Fill a folder, unless it is there. It appears whole or not at all; the caller holds the lock.
fn keep(kept: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if kept.exists() {
        return Ok(());
    }
    let work = kept.with_extension("work");
    if work.exists() {
        fs::remove_dir_all(&work).doing(|| format!("empty `{}`", work.display()))?;
    }
    fs::create_dir_all(&work).doing(|| format!("create `{}`", work.display()))?;
    fill(&work)?;
    fs::rename(&work, kept).doing(|| format!("fill `{}`", kept.display()))
}

fn key(files: &Files, commands: &[&Command]) -> String {
    let mut parts = Vec::new();
    for (path, content) in files {
        parts.extend([path.to_string_lossy().into_owned().into_bytes(), content.clone()]);
    }
    parts.extend(commands.iter().map(|command| program::typed(command).into_bytes()));
    cache::key(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>(), 16)
}

fn read(folder: &Path, names: &[&str]) -> Result<Files> {
    let content = |name| {
        fs::read(folder.join(name)).doing(|| format!("read `{}`", folder.join(name).display()))
    };
    names.iter().map(|name| Ok((name.into(), content(name)?))).collect()
}

/// The contract's files, in their place beside a world.
fn contract(folder: &Path) -> Result<Files> {
    let entries = fs::read_dir(folder).doing(|| format!("read `{}`", folder.display()))?;
    let mut names: Vec<_> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let files = read(folder, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(files.into_iter().map(|(path, content)| (Path::new(CONTRACT).join(path), content)).collect())
}

fn write(folder: &Path, files: &Files) -> Result<()> {
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.with_file_name(""))
            .doing(|| format!("create a folder for `{}`", path.display()))?;
        fs::write(&path, content).doing(|| format!("write `{}`", path.display()))?;
    }
    Ok(())
}
