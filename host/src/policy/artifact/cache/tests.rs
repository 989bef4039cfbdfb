//! Tests of every kind of damage to an entry and to its folder: a damaged entry is removed, not
//! used, and can be stored anew.

/// Whose the folder is, and what happens where it cannot be used.
mod rights;

use super::{Cache, Name, Target, entry};
use crate::policy::artifact::engine::{self, Allocation};
use crate::policy::artifact::native::{self, Native};
use crate::policy::{Description, Limit, Limits};
use serde_json::json;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use wasmtime::Engine;

/// A fresh folder for a cache, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!(
            "mlcube-k8s-cache-{:016x}",
            getrandom::u64().expect("the operating system has randomness")
        );
        let base = std::env::temp_dir().join(name);
        fs::create_dir(&base).expect("a folder");
        Self(base)
    }

    fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    fn entries(&self) -> Vec<String> {
        let files = fs::read_dir(self.cache()).expect("the cache is there").flatten();
        let mut names: Vec<_> =
            files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn engine() -> Engine {
    engine::engine(&Limits::default(), Allocation::OnDemand).expect("an engine")
}

fn target() -> Target {
    Target::of(&Limits::default())
}

fn native(name: &str) -> Native {
    let text = format!("(component (core module (data \"{name}\")) (import \"{name}\" (func)))");
    let compiler = engine::compiler(Limits::default().count(Limit::Stack)).expect("a compiler");
    native::compile(&compiler, &wat::parse_str(text).expect("the text is sound"))
        .map(Native::compiled)
        .expect("a component")
}

fn description(name: &str) -> Description {
    let text = |what: &str| format!("{what} of {name}");
    let version = text("version");
    let summary = text("summary");
    let settings_schema = text("schema");
    Description { name: name.to_owned(), version, summary, settings_schema }
}

fn store(cache: &Cache, name: &str) {
    cache.store(&target(), name, &native(name), &description(name));
}

/// Whether the right entry is stored under a name.
fn is_kept(cache: &Cache, engine: &Engine, name: &str) -> bool {
    let Some(kept) = cache.load(engine, &target(), name) else { return false };
    let imports: Vec<_> =
        kept.component.component_type().imports(engine).map(|(name, _)| name.to_owned()).collect();
    assert_eq!(imports, [name], "the code is that of the file");
    assert_eq!(format!("{:?}", kept.description), format!("{:?}", description(name)));
    true
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("an entry");
    change(&mut bytes);
    fs::write(path, bytes).expect("an entry can be written");
}

#[test]
fn a_damaged_entry_is_removed_and_kept_anew() {
    type Damage = fn(&Path, &Path);
    let rows: [(&str, Damage); 15] = [
        ("a bit of the code", |path, _| change(path, |bytes| bytes[5000] ^= 1)),
        ("a bit of the facts", |path, _| {
            change(path, |bytes| *bytes.iter_mut().rev().nth(60).expect("facts") ^= 1)
        }),
        ("a bit of the length", |path, _| {
            change(path, |bytes| *bytes.iter_mut().rev().nth(23).expect("a length") ^= 1)
        }),
        ("a bit of the checksum", |path, _| {
            change(path, |bytes| *bytes.last_mut().expect("a checksum") ^= 1)
        }),
        ("the last byte is missing", |path, _| {
            change(path, |bytes| bytes.truncate(bytes.len() - 1))
        }),
        ("half of it is missing", |path, _| change(path, |bytes| bytes.truncate(bytes.len() / 2))),
        ("all but a few bytes are missing", |path, _| change(path, |bytes| bytes.truncate(20))),
        ("it is empty", |path, _| change(path, Vec::clear)),
        ("something is added", |path, _| change(path, |bytes| bytes.push(0))),
        ("not code, with the right checksum", |path, _| {
            change(path, |bytes| {
                bytes[..64].fill(0);
                bytes.truncate(bytes.len() - 16);
                entry::seal(bytes);
            });
        }),
        ("it is that of another policy", |path, other| {
            change(path, |bytes| *bytes = fs::read(other).expect("an entry"))
        }),
        ("others may write it", |path, _| mode(path, 0o622)),
        ("others may read it", |path, _| mode(path, 0o644)),
        ("it is a link to a sound entry", |path, other| {
            let aside = other.with_extension("aside");
            fs::rename(path, &aside).expect("moved aside");
            symlink(&aside, path).expect("a link");
        }),
        ("it is a link to nothing", |path, _| {
            fs::remove_file(path).expect("removed");
            symlink("/nowhere", path).expect("a link");
        }),
    ];
    let engine = engine();
    for (name, damage) in rows {
        let folder = Folder::new();
        let cache = Cache::open(folder.cache()).expect("a cache");
        store(&cache, "one");
        store(&cache, "two");
        let path = |name: &str| cache.path(&Name::new(&target(), name));
        let one = path("one");
        let two = path("two");
        damage(&one, &two);
        assert!(!is_kept(&cache, &engine, "one"), "{name}: it is used");
        assert!(fs::symlink_metadata(&one).is_err(), "{name}: it is still there");
        store(&cache, "one");
        assert!(
            is_kept(&cache, &engine, "one") && is_kept(&cache, &engine, "two"),
            "{name}: it is not kept anew"
        );
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the mode can be changed");
}

#[test]
fn the_least_recently_used_entries_make_room() {
    let engine = engine();
    let folder = Folder::new();
    let all = Cache::open(folder.cache()).expect("a cache");
    for name in ["one", "two", "three"] {
        store(&all, name);
    }
    let long_ago = |days: u64| SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    let age = |path: &Path, days: u64| {
        let file = File::options().write(true).open(path).expect("a file");
        file.set_modified(long_ago(days)).expect("a time");
    };
    let path = |name: &str| all.path(&Name::new(&target(), name));
    for (name, days) in [("one", 3), ("two", 2), ("three", 1)] {
        age(&path(name), days);
    }
    let abandoned = folder.cache().join("x.tmp");
    let current = folder.cache().join("y.tmp");
    for file in [&abandoned, &current] {
        File::create(file).expect("a file");
    }
    age(&abandoned, 1);

    // Using an entry makes it the youngest.
    assert!(is_kept(&all, &engine, "one"));
    let size = fs::metadata(path("one")).expect("an entry").len();
    let three = Cache::open_bounded(folder.cache(), size * 3 + size / 2).expect("a cache");
    store(&three, "four");
    for (name, expected) in [("one", true), ("two", false), ("three", true), ("four", true)] {
        assert_eq!(is_kept(&three, &engine, name), expected, "{name}");
    }
    assert!(!abandoned.exists(), "what a crashed process left is removed");
    assert!(current.exists(), "what another process writes is not");

    let none = Cache::open_bounded(folder.cache(), size / 2).expect("a cache");
    store(&none, "five");
    assert!(!is_kept(&none, &engine, "five"), "what is larger than all the room is not kept");
}

#[test]
fn an_entry_is_for_one_target() {
    let engine = engine();
    let folder = Folder::new();
    let cache = Cache::open(folder.cache()).expect("a cache");
    store(&cache, "one");
    let lower = Target::of(&Limits::default().with(Limit::Functions, 1));
    assert!(
        cache.load(&engine, &lower, "one").is_none(),
        "what was compiled under other limits is not looked at"
    );
    assert!(is_kept(&cache, &engine, "one"), "and not touched");
    assert!(
        !is_kept(&cache, &Engine::default(), "one"),
        "an engine with other knobs refuses the code"
    );
    assert_eq!(folder.entries(), [""; 0], "so that it is compiled again");
}

#[test]
fn accepted_settings_are_of_one_policy_and_undamaged() {
    let folder = Folder::new();
    let cache = Cache::open(folder.cache()).expect("a cache");
    let given = json!({"a": 1});
    let complete = json!({"a": 1, "b": 2});
    let other = Limits::default().with(Limit::SchemaSteps, 7);
    let usual = target();
    let other = Target::of(&other);
    let key = cache.settings_key(&usual, "one", &given);
    assert_eq!(cache.accepted_settings(&key), None, "nobody has accepted anything");
    cache.accept_settings(&key, &complete);
    cache.accept_settings(&key, &complete);
    let rows = [
        ("one", &usual, json!({"a": 1}), Some(complete.clone())),
        ("one", &usual, json!({"a": 2}), None),
        ("one", &other, json!({"a": 1}), None),
        ("two", &usual, json!({"a": 1}), None),
    ];
    for (file, target, settings, expected) in rows {
        assert_eq!(
            cache.accepted_settings(&cache.settings_key(target, file, &settings)),
            expected,
            "{file} {settings}"
        );
    }
    type Damage = fn(&Path);
    let rows: [(&str, Damage); 4] = [
        ("a bit is wrong", |path| change(path, |bytes| bytes[17] ^= 1)),
        ("it is too short", |path| change(path, |bytes| bytes.truncate(15))),
        ("others may write it", |path| mode(path, 0o622)),
        ("it is a link", |path| {
            fs::rename(path, path.with_extension("aside")).expect("moved aside");
            symlink(path.with_extension("aside"), path).expect("a link");
        }),
    ];
    for (name, damage) in rows {
        damage(&folder.cache().join(&folder.entries()[0]));
        assert_eq!(cache.accepted_settings(&key), None, "{name}");
        cache.accept_settings(&key, &complete);
        assert_eq!(cache.accepted_settings(&key), Some(complete.clone()), "{name}");
    }
}
