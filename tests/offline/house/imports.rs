//! Where the imports of a file lead: every path that begins with `crate`, `mlcube_k8s`, `super` or
//! `self`, in a `use` or in the middle of the code, as a path from the root of the crate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of the crate.
pub struct Code {
    /// Its place below `src`.
    pub path: PathBuf,
    /// The module that it is: `policy/load/mod.rs` is `policy`, `load`.
    pub module: Vec<String>,
    pub imports: Vec<Import>,
    text: String,
}

/// A line, and the path that is named there.
pub struct Import {
    pub line: usize,
    pub path: Vec<String>,
}

impl Code {
    pub fn new(path: &Path, text: &str) -> Self {
        let names = path.with_extension("");
        let mut module: Vec<String> =
            names.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|name| name == "mod" || name == "lib") {
            module.pop();
        }
        let text: String =
            text.lines().map(|line| format!("{}\n", without_comment(line))).collect();
        let imports = imports(&text, &module);
        Self { path: path.to_owned(), module, imports, text }
    }

    /// The room of a folder in which the file is; none outside the folder, and none for the
    /// folder's own file.
    pub fn room_in(&self, folder: &[String]) -> Option<&str> {
        let is_inside = self.module.len() > folder.len() && self.module.starts_with(folder);
        is_inside.then(|| self.module[folder.len()].as_str())
    }

    /// The names that this file re-exports from rooms, each with its room.
    pub fn exports<'r>(&self, rooms: &[&'r str]) -> BTreeMap<String, &'r str> {
        let mut exports = BTreeMap::new();
        for (start, _) in self.text.match_indices("use ") {
            let mut rest = self.text[start + "use ".len()..].trim_start();
            rest = rest.strip_prefix("self::").unwrap_or(rest);
            for path in tree(&mut rest) {
                let room = path.first().and_then(|first| rooms.iter().find(|room| **room == first));
                if let (Some(room), Some(name)) = (room, path.last()) {
                    exports.insert(name.clone(), *room);
                }
            }
        }
        exports
    }
}

fn without_comment(line: &str) -> &str {
    // An address in a text is no comment.
    let is_comment = |at: usize| at == 0 || !line[..at].ends_with(':');
    line.match_indices("//").find(|(at, _)| is_comment(*at)).map_or(line, |(at, _)| &line[..at])
}

fn imports(text: &str, module: &[String]) -> Vec<Import> {
    let mut imports = Vec::new();
    // Between `mod x {` and its `}` one `super` is this file.
    let mut inner = false;
    let mut offset = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        inner = (inner || (line.contains("mod ") && line.trim_end().ends_with('{')))
            && !line.starts_with('}');
        for start in starts(line) {
            let mut rest = &text[offset + start..];
            let paths = tree(&mut rest);
            imports.extend(
                paths
                    .iter()
                    .filter_map(|path| absolute(path, module, inner))
                    .map(|path| Import { line: number, path }),
            );
        }
        offset += line.len();
    }
    imports
}

/// Where paths of this crate begin in a line.
fn starts(line: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    for word in ["crate::", "mlcube_k8s::", "super::", "self::"] {
        for (at, _) in line.match_indices(word) {
            let before = line[..at].chars().next_back();
            if before.is_none_or(|sign| !sign.is_alphanumeric() && !"_:$".contains(sign)) {
                starts.push(at);
            }
        }
    }
    starts
}

/// The paths of one tree of a `use`: `a::{b, c::d}` is `a::b` and `a::c::d`. What follows the tree
/// is left.
fn tree(rest: &mut &str) -> Vec<Vec<String>> {
    let mut path = Vec::new();
    loop {
        *rest = rest.trim_start();
        if let Some(inside) = rest.strip_prefix('{') {
            *rest = inside;
            return branches(rest, &path);
        }
        let end =
            rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        *rest = after.trim_start();
        if !name.is_empty() && name != "self" {
            path.push(name.to_owned());
        }
        match rest.strip_prefix("::") {
            Some(after) if !after.starts_with('<') => *rest = after,
            _ => return vec![path],
        }
    }
}

fn branches(rest: &mut &str, stem: &[String]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    while !rest.is_empty() {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            *rest = after;
            break;
        }
        paths.extend(tree(rest).into_iter().map(|branch| [stem, &branch[..]].concat()));
        // Another name (`as x`), a star and the comma say nothing of where the path leads.
        *rest = rest.trim_start_matches(|sign: char| !"{},".contains(sign));
        *rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    paths
}

/// The path from the root of the crate.
fn absolute(path: &[String], module: &[String], is_inner: bool) -> Option<Vec<String>> {
    match path.first()?.as_str() {
        "crate" | "mlcube_k8s" => Some(path[1..].to_vec()),
        "super" => {
            let supers = path.iter().take_while(|part| *part == "super").count();
            let up = supers - usize::from(is_inner);
            let stem = module.get(..module.len().checked_sub(up)?)?;
            Some([stem, &path[supers..]].concat())
        }
        _ => Some([module, path].concat()),
    }
}
