//! Symbolic links below a folder that is copied: each must lead to a place in the same folder, on
//! the claim as it does here.

use super::{WalkError, WalkFault};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The links that Linux follows for one path.
const MOST: usize = 40;

/// The target of a link below `root`, which is canonical. It is changed if the way to it leaves
/// `root`, or begins at the root of the file system.
pub fn target(root: &Path, link: &Path) -> Result<String, WalkError> {
    let target = fs::read_link(link).map_err(|error| WalkFault::System(error).of(link))?;
    let folder = link.parent().unwrap_or(root);
    let above = names(folder.strip_prefix(root).unwrap_or(Path::new("")));
    let target = if stays(root, above.clone(), &target) {
        target
    } else {
        let end = fs::canonicalize(link).unwrap_or_else(|_| furthest(&folder.join(target)));
        match end.strip_prefix(root) {
            Ok(inside) => relative(&above, &names(inside)),
            Err(_) => return Err(WalkFault::OutOfFolder(end).of(link)),
        }
    };
    let text = target.into_os_string().into_string();
    text.map_err(|target| WalkFault::LeadsToNoText(target.into()).of(link))
}

/// Whether the way from a folder below `root` to a target stays below `root`, at every step. What
/// does not exist is followed as it is written.
fn stays(root: &Path, mut at: Vec<OsString>, target: &Path) -> bool {
    let mut ahead = Vec::new();
    if !turn(&mut ahead, target) {
        return false;
    }
    let mut links = 0;
    while let Some(step) = ahead.pop() {
        if step == ".." {
            if at.pop().is_none() {
                return false;
            }
            continue;
        }
        at.push(step);
        let here = root.join(at.iter().collect::<PathBuf>());
        let Ok(next) = fs::read_link(&here) else { continue };
        links += 1;
        if links > MOST {
            // A circle: it leads nowhere, here as there.
            return true;
        }
        if turn(&mut ahead, &next) {
            at.pop();
        } else {
            // Its copy leads to the same place by a way that stays.
            let end = fs::canonicalize(&here).unwrap_or(next);
            let Ok(inside) = end.strip_prefix(root) else { return false };
            at = names(inside);
        }
    }
    true
}

/// Put the steps of a relative path before those that are ahead; `false` for an absolute path.
fn turn(ahead: &mut Vec<OsString>, path: &Path) -> bool {
    if path.is_relative() {
        let steps = path.components().rev().filter(|step| *step != Component::CurDir);
        ahead.extend(steps.map(|step| step.as_os_str().to_owned()));
    }
    path.is_relative()
}

/// The names of a path without `.` and `..`.
fn names(path: &Path) -> Vec<OsString> {
    path.iter().map(OsStr::to_owned).collect()
}

/// A place that does not exist, as an absolute path: canonical as far as it exists, and as it is
/// written from there on.
fn furthest(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            step => normal.push(step),
        }
    }
    let existing = |above: &Path| Some((fs::canonicalize(above).ok()?, above.to_owned()));
    match normal.ancestors().find_map(existing) {
        Some((real, above)) => real.join(normal.strip_prefix(&above).unwrap_or(Path::new(""))),
        None => normal,
    }
}

/// The way from a folder to a place, both from the same root.
fn relative(folder: &[OsString], place: &[OsString]) -> PathBuf {
    let common = folder.iter().zip(place).take_while(|(a, b)| a == b).count();
    let up = folder[common..].iter().map(|_| OsStr::new(".."));
    let way: PathBuf = up.chain(place[common..].iter().map(OsString::as_os_str)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}
