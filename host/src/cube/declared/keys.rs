//! Keys that nothing reads. Keys of a cube's own are legitimate: interpolations lead to them. So a
//! key of a file is told where it is near a known one, a key of the command line where nothing reads
//! it, and neither where an interpolation names it.

use crate::cube::config::{RUNNERS, is_typed};
use crate::cube::runner;
use crate::yaml::{Data, Entry, Map, Node, Position, nearest, quote};
use std::collections::HashSet;

/// The keys of a cube, of MLCube's other runners too.
const ROOT: [&str; 21] = [
    "name",
    "description",
    "author",
    "authors",
    "version",
    "platform",
    "tasks",
    "docker",
    "podman",
    "singularity",
    "apptainer",
    "k8s",
    "kubernetes",
    "kubeflow",
    "ssh",
    "gcp",
    "runner",
    "runtime",
    "workspace",
    "schema_type",
    "schema_version",
];

/// The keys of the section `docker`.
const DOCKER: [&str; 11] = [
    "image",
    "docker",
    "runner",
    "env_args",
    "gpu_args",
    "cpu_args",
    "build_args",
    "build_context",
    "build_file",
    "build_strategy",
    "tar_file",
];

/// The keys of the section `platform`.
const PLATFORM: [&str; 6] = [
    "accelerator_count",
    "accelerator_maker",
    "accelerator_model",
    "host_memory_gb",
    "host_disk_space_gb",
    "need_internet_access",
];

/// Keys of a section that are looked at: a slip among more is found by a search in the file.
const LOOKED_AT: usize = 200;

/// Warnings about the keys of a merged configuration that nothing reads.
pub fn unread(tree: &Node) -> Vec<String> {
    let Some(root) = tree.as_map() else { return Vec::new() };
    let mut keys = Unread { tree, mentioned: None, warnings: Vec::new() };
    keys.section(None, root, &ROOT, |key| elsewhere(root, key));
    for (name, known) in [("docker", &DOCKER[..]), ("platform", &PLATFORM[..])] {
        if let Some(section) = root.value(name).and_then(Node::as_map) {
            keys.section(Some(name), section, known, |_| None);
        }
    }
    if let Some(tasks) = root.value("tasks").and_then(Node::as_map) {
        keys.made("task", tasks);
        for parameters in tasks.iter().filter_map(|task| below(&task.value, "parameters")) {
            for group in ["inputs", "outputs"] {
                if let Some(group) = parameters.value(group).and_then(Node::as_map) {
                    keys.made("parameter", group);
                }
            }
        }
    }
    keys.warnings
}

/// The key of a cube by which another was probably meant.
pub fn misspelt<'n>(tree: &'n Node, wanted: &str) -> Option<&'n Entry> {
    let unknown = tree.as_map()?.iter().filter(|entry| !ROOT.contains(&&*entry.key));
    unknown.take(LOOKED_AT).find(|entry| nearest::meant(&entry.key, ROOT) == Some(wanted))
}

struct Unread<'n> {
    tree: &'n Node,
    /// The words of all interpolations, once they are needed.
    mentioned: Option<HashSet<(&'n str, bool)>>,
    warnings: Vec<String>,
}

impl<'n> Unread<'n> {
    /// Tell the keys of a section, or of the root; `advice` knows where else a key belongs.
    fn section(
        &mut self,
        name: Option<&str>,
        section: &'n Map,
        known: &[&str],
        advice: impl Fn(&Entry) -> Option<String>,
    ) {
        let unknown = section.iter().filter(|entry| !known.contains(&&*entry.key));
        for entry in unknown.take(LOOKED_AT) {
            let meant = nearest::meant(&entry.key, known.iter().copied());
            let advice =
                advice(entry).or_else(|| meant.map(|key| format!("did you mean `{key}`?")));
            if (advice.is_none() && !is_typed(&entry.at))
                || self.is_mentioned(&entry.key, name.is_none())
            {
                continue;
            }
            let advice = advice.map(|advice| format!("; {advice}")).unwrap_or_default();
            let key = quote(&entry.key);
            let inside = name.map_or("the cube".to_owned(), |name| format!("`{name}`"));
            self.tell(
                &entry.at,
                &format!("{inside} has an unknown key `{key}`, which is ignored{advice}"),
            );
        }
    }

    /// Tell what an override made beside something of nearly its name.
    fn made(&mut self, what: &str, map: &'n Map) {
        for entry in map.iter().filter(|entry| is_typed(&entry.at)).take(LOOKED_AT) {
            let others = map.iter().filter(|other| !is_typed(&other.at)).map(|other| &*other.key);
            if let Some(meant) = nearest::meant(&entry.key, others) {
                let key = quote(&entry.key);
                self.tell(
                    &entry.at,
                    &format!("this makes a new {what} `{key}`; did you mean `{meant}`?"),
                );
            }
        }
    }

    fn tell(&mut self, at: &Position, sentence: &str) {
        self.warnings.push(format!("`{at}`: {sentence}"));
    }

    fn is_mentioned(&mut self, key: &str, is_root: bool) -> bool {
        let tree = self.tree;
        self.mentioned.get_or_insert_with(|| {
            let mut words = HashSet::new();
            mention(tree, &mut words);
            words
        });
        self.mentioned.as_ref().is_some_and(|words| {
            words.contains(&(key, true)) || (!is_root && words.contains(&(key, false)))
        })
    }
}

/// Gather the words of all interpolations, each with whether it may name a key of the root: in
/// `${a.b}` only `a` does.
fn mention<'n>(node: &'n Node, words: &mut HashSet<(&'n str, bool)>) {
    match &node.data {
        Data::Text(text) => {
            let Some(start) = text.find("${") else { return };
            let mut is_below = false;
            for part in text[start..].split_inclusive(ends_word) {
                let word = part.trim_end_matches(ends_word);
                if !word.is_empty() {
                    words.insert((word, !is_below));
                }
                is_below = !word.is_empty() && part.ends_with(['.', '[']);
            }
        }
        Data::List(items) => items.iter().for_each(|item| mention(item, words)),
        Data::Map(map) => map.iter().for_each(|entry| mention(&entry.value, words)),
        _ => {}
    }
}

fn ends_word(c: char) -> bool {
    "${}[].:, \t'\"\\".contains(c)
}

/// Where a key of the cube belongs that stands at its root.
fn elsewhere(root: &Map, entry: &Entry) -> Option<String> {
    let key = &*entry.key;
    let section = if DOCKER.contains(&key) {
        "docker"
    } else if PLATFORM.contains(&key) {
        "platform"
    } else if runner::KEYS.contains(&key) {
        RUNNERS[0]
    } else if is_typed(&entry.at) {
        return of_tasks(root, entry);
    } else {
        return None;
    };
    Some(format!("did you mean `{section}.{key}`?"))
}

/// The parameter or the task that an override is named like.
fn of_tasks(root: &Map, entry: &Entry) -> Option<String> {
    let key = &*entry.key;
    let tasks = root.value("tasks")?.as_map()?;
    let mut groups =
        tasks.iter().filter_map(|task| below(&task.value, "parameters")).flat_map(|all| {
            ["inputs", "outputs"].into_iter().filter_map(move |group| all.value(group)?.as_map())
        });
    if groups.any(|group| group.get(key).is_some()) {
        let value = entry.value.as_typed().unwrap_or("…");
        return Some(format!(
            "give a value to the parameter without `-P`: `{key}={}`",
            quote(value)
        ));
    }
    tasks.get(key).map(|_| format!("choose a task with `--task {key}`"))
}

fn below<'n>(node: &'n Node, key: &str) -> Option<&'n Map> {
    node.as_map()?.value(key)?.as_map()
}
