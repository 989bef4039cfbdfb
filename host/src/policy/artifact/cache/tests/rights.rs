//! Tests of whose a cache's folder is, and of what happens where it cannot be used.

use super::{Folder, engine, is_kept, mode, store, target};
use crate::policy::artifact::cache::{Cache, Name};
use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

#[test]
fn a_folder_of_others_is_not_used() {
    type Change = fn(&Path);
    let rows: [(&str, Change); 5] = [
        ("others may write it", |path| mode(path, 0o707)),
        ("others may read it", |path| mode(path, 0o755)),
        ("it is a link", |path| {
            fs::rename(path, path.with_extension("aside")).expect("moved aside");
            symlink(path.with_extension("aside"), path).expect("a link");
        }),
        ("it is a file", |path| {
            fs::remove_dir(path).expect("removed");
            File::create(path).expect("a file");
        }),
        ("it is somebody else's", |path| {
            // Only root can give a folder away; for others, root's own folder is somebody else's.
            if std::os::unix::fs::chown(path, Some(1234), None).is_err() {
                fs::remove_dir(path).expect("removed");
                symlink("/root", path).expect("a link");
            }
        }),
    ];
    for (name, change) in rows {
        let folder = Folder::new();
        assert!(Cache::open(folder.cache()).is_ok(), "a fresh folder is used");
        change(&folder.cache());
        assert!(Cache::open(folder.cache()).is_err(), "{name}");
    }
}

/// A volume's `fsGroup` gives its group rights to every folder and file.
#[test]
fn rights_of_the_group_are_taken_back() {
    let engine = engine();
    for (of_folder, of_file) in [(0o2770, 0o660), (0o770, 0o640), (0o750, 0o600), (0o710, 0o670)] {
        let folder = Folder::new();
        let cache = Cache::open(folder.cache()).expect("a cache");
        store(&cache, "one");
        let path = cache.path(&Name::new(&target(), "one"));
        let inode = |path: &Path| fs::metadata(path).expect("an entry").ino();
        let before = inode(&path);
        mode(&folder.cache(), of_folder);
        mode(&path, of_file);
        let cache = Cache::open(folder.cache()).expect("the folder is the user's own");
        assert!(is_kept(&cache, &engine, "one"), "{of_file:o}");
        assert_eq!(inode(&path), before, "it is not compiled again");
        let modes = [&folder.cache(), &path].map(|path| fs::metadata(path).expect("there").mode());
        assert_eq!(modes.map(|mode| mode & 0o7777), [0o700, 0o600]);
        assert!(cache.trouble().is_none());
    }
}

/// What cannot be kept is told once, with the reason.
#[test]
fn the_first_trouble_is_kept() {
    let folder = Folder::new();
    let cache = Cache::open(folder.cache()).expect("a cache");
    fs::remove_dir(folder.cache()).expect("removed");
    store(&cache, "one");
    store(&cache, "two");
    let told = cache.trouble().expect("there was trouble").to_string();
    let expected = format!("compiled policies are not kept in `{}`: ", folder.cache().display());
    assert!(told.starts_with(&expected) && told.contains("No such file"), "{told}");
}
