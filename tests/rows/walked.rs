//! Local files as they are to lie on a claim: what is found, in which order, and what is refused.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use mlcube_k8s::files::{Kind, LocalEntry, WalkError, walk};
use mlcube_k8s::staging::What;

use crate::support::Folder;
use crate::support::rows::slug;
use crate::trials;

/// A value of a parameter: the row's name, what lies in the workspace and beside it, the value and
/// its path on the claim, and what is found, or the error and its remedy.
///
/// What lies there: `a/` is a folder, `a=text` a file, `a -> b` a link, `a |` a pipe.
/// `WS` is the workspace, and `../out/` a folder beside it.
type Row =
    (&'static str, &'static [&'static str], (&'static str, &'static str), Kind, &'static str);

const DATA: (&str, &str) = ("data", "data");

const FOUND: &[Row] = &[
    ("a file", &["data=12345"], DATA, Kind::File, "data=5"),
    ("a file by another path", &["in/a.csv=1"], ("./in//a.csv", "x/y"), Kind::File, "x/y=1"),
    ("an empty file", &["data="], DATA, Kind::File, "data=0"),
    ("an empty folder", &["data/"], DATA, Kind::Folder, "data/"),
    (
        "a tree",
        &["data/b/c=12", "data/a=1", "data/b/", "data/e/f/", "data/b-=1", "other=1"],
        DATA,
        Kind::Folder,
        "data/|data/a=1|data/b/|data/b-=1|data/b/c=2|data/e/|data/e/f/",
    ),
    (
        "names of all kinds",
        &["data/-rf=1", "data/a b=1", "data/ü漢=1", "data/n\nl=1", "data/'$(x)\"\\=1", "data/.h=1"],
        DATA,
        Kind::Folder,
        "data/|data/'$(x)\"\\=1|data/-rf=1|data/.h=1|data/a b=1|data/n\nl=1|data/ü漢=1",
    ),
    ("the whole workspace", &["a=1", "b/c=1"], (".", ""), Kind::Folder, "a=1|b/|b/c=1"),
    ("a value with a slash", &["data/a=1"], ("data/", "data"), Kind::Folder, "data/|data/a=1"),
    // Links that stay.
    ("a link beside", &["data/a=1", "data/l -> a"], DATA, Kind::Folder, "data/|data/a=1|data/l>a"),
    (
        "a link to a folder",
        &["data/a/b=1", "data/l -> a/"],
        DATA,
        Kind::Folder,
        "data/|data/a/|data/a/b=1|data/l>a/",
    ),
    (
        "a link up",
        &["data/a/l -> ../b", "data/b=1"],
        DATA,
        Kind::Folder,
        "data/|data/a/|data/a/l>../b|data/b=1",
    ),
    ("a link to itself", &["data/l -> l"], DATA, Kind::Folder, "data/|data/l>l"),
    ("a link to its folder", &["data/l -> ."], DATA, Kind::Folder, "data/|data/l>."),
    ("a link to nothing", &["data/l -> no/where"], DATA, Kind::Folder, "data/|data/l>no/where"),
    (
        "a link through a link",
        &["data/a/b/c=1", "data/l -> a/b", "data/m -> l/c"],
        DATA,
        Kind::Folder,
        "data/|data/a/|data/a/b/|data/a/b/c=1|data/l>a/b|data/m>l/c",
    ),
    (
        "an absolute link",
        &["data/a/b=1", "data/l -> WS/data/a/b", "data/a/m -> WS/data/a/b", "data/r -> WS/data"],
        DATA,
        Kind::Folder,
        "data/|data/a/|data/a/b=1|data/a/m>b|data/l>a/b|data/r>.",
    ),
    (
        "a link through an absolute one",
        &["data/a/b=1", "data/l -> WS/data/a", "data/m -> l/b"],
        DATA,
        Kind::Folder,
        "data/|data/a/|data/a/b=1|data/l>a|data/m>l/b",
    ),
    (
        "an absolute link to nothing",
        &["data/a/l -> WS/data/b/../no"],
        DATA,
        Kind::Folder,
        "data/|data/a/|data/a/l>../no",
    ),
    (
        "a link that leaves and comes back",
        &["data/a=1", "data/b/l -> ../../data/a"],
        DATA,
        Kind::Folder,
        "data/|data/a=1|data/b/|data/b/l>../a",
    ),
    (
        "a link that leaves by the parent of a link",
        &["data/a=1", "data/l -> .", "data/m -> l/../data/a"],
        DATA,
        Kind::Folder,
        "data/|data/a=1|data/l>.|data/m>a",
    ),
    (
        "a link that comes back by a link outside",
        &["data/a=1", "back -> data", "data/l -> ../back/a"],
        DATA,
        Kind::Folder,
        "data/|data/a=1|data/l>a",
    ),
    // The parameter itself is a link.
    ("a linked folder", &["real/a=1", "data -> real"], DATA, Kind::Folder, "data/|data/a=1"),
    ("a linked file", &["real/a=12", "data -> WS/real/a"], DATA, Kind::File, "data=2"),
    ("a file in a linked folder", &["r/a=1", "in -> r"], ("in/a", "in/a"), Kind::File, "in/a=1"),
];

const REFUSED: &[Row] = &[
    (
        "nothing",
        &["date/"],
        DATA,
        Kind::Folder,
        "`WS/data` does not exist|put the data there, or give the folder that has it with `--workspace`",
    ),
    (
        "nothing below a folder",
        &[],
        ("a/b", "a/b"),
        Kind::File,
        "`WS/a/b` does not exist|put the data",
    ),
    (
        "a link to nothing",
        &["data -> gone"],
        DATA,
        Kind::File,
        "`WS/data` is a symbolic link to `gone`, which does not exist|put the data there",
    ),
    (
        "a file for a folder",
        &["data=1"],
        DATA,
        Kind::Folder,
        "`WS/data` is a file; the task declares a folder|give the path of a folder, or declare",
    ),
    (
        "a folder for a file",
        &["data/"],
        DATA,
        Kind::File,
        "`WS/data` is a folder; the task declares a file|give the path of a file, or declare",
    ),
    (
        "a pipe",
        &["data |"],
        DATA,
        Kind::File,
        "`WS/data` is a pipe, which cannot be copied|move it",
    ),
    (
        "a pipe in a folder",
        &["data/a |"],
        DATA,
        Kind::Folder,
        "`WS/data/a` is a pipe, which cannot be copied|move it to another folder",
    ),
    (
        "a device",
        &["data/a=1", "data/l -> /dev/zero"],
        DATA,
        Kind::Folder,
        "`WS/data/l` is a symbolic link that leads out of its folder, to `/dev/zero`|put the data",
    ),
    (
        "a name that is not text",
        &["data/café=1"],
        DATA,
        Kind::Folder,
        r"`WS/data/caf\xe9` has a name that is not UTF-8|give it another name",
    ),
    (
        "a link to a name that is not text",
        &["data/l -> café"],
        DATA,
        Kind::Folder,
        r"`WS/data/l` is a symbolic link to `caf\xe9`, which is not UTF-8|give that place another name",
    ),
    (
        "a link out",
        &["secret=1", "data/l -> ../secret"],
        DATA,
        Kind::Folder,
        "`WS/data/l` is a symbolic link that leads out of its folder, to `WS/secret`|put the data there",
    ),
    (
        "a link out to nothing",
        &["data/l -> ../no/where"],
        DATA,
        Kind::Folder,
        "`WS/data/l` is a symbolic link that leads out of its folder, to `WS/no/where`|put",
    ),
    (
        "a link out through links",
        &["secret=1", "data/a/l -> ..", "data/m -> a/l/../secret"],
        DATA,
        Kind::Folder,
        "`WS/data/m` is a symbolic link that leads out of its folder, to `WS/secret`|put",
    ),
    (
        "an absolute link out",
        &["data/l -> /etc/hostname-that-is-not"],
        DATA,
        Kind::Folder,
        "`WS/data/l` is a symbolic link that leads out of its folder, to `/etc/hostname-that-is-not`|put",
    ),
    (
        "a name that only begins like the folder",
        &["database/a=1", "data/l -> ../database/a"],
        DATA,
        Kind::Folder,
        "`WS/data/l` is a symbolic link that leads out of its folder, to `WS/database/a`|put",
    ),
    (
        "a parameter that leads out",
        &["../out/a=1", "data -> ../out"],
        DATA,
        Kind::Folder,
        "`WS/data` leads out of the workspace, to `OUT`|put the data into the workspace",
    ),
    (
        "a parameter below a link out",
        &["../out/a=1", "in -> ../out"],
        ("in/a", "in/a"),
        Kind::File,
        "`WS/in/a` leads out of the workspace, to `OUT/a`|put the data into the workspace",
    ),
    (
        "a circle",
        &["data -> data"],
        DATA,
        Kind::File,
        "`WS/data` cannot be read: Too many levels of",
    ),
    (
        "a file as a folder",
        &["a=1"],
        ("a/b", "a/b"),
        Kind::File,
        "`WS/a/b` cannot be read: Not a directory",
    ),
    (
        "our own folder",
        &[".mlcube-k8s/lock=1"],
        (".", ""),
        Kind::Folder,
        "`WS/.mlcube-k8s` would lie in `.mlcube-k8s` on the claim, which mlcube-k8s keeps for itself|",
    ),
    (
        "our own folder by name",
        &["data/a=1"],
        ("data", ".mlcube-k8s/data"),
        Kind::Folder,
        "`WS/data` would lie in `.mlcube-k8s` on the claim, which mlcube-k8s keeps for itself|give",
    ),
];

pub fn all() -> Vec<Trial> {
    let mut all = trials("walked/found", FOUND.iter().copied(), |row| row.0, is_found);
    all.extend(trials("walked/refused", REFUSED.iter().copied(), |row| row.0, is_refused));
    all
}

fn is_found(row: Row) {
    let (found, workspace) = walked(&row);
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    for LocalEntry { entry, local, id } in &found {
        let metadata = fs::symlink_metadata(local).expect("it is where it says");
        let mode = metadata.permissions().mode() & 0o7777;
        match &entry.what {
            What::File(stat) => assert_eq!((stat.mode, stat.size), (mode, id.size)),
            What::Folder { mode: found, .. } => assert_eq!(*found, mode),
            What::Link { .. } => assert!(metadata.is_symlink()),
        }
    }
    let words: Vec<String> = found.iter().map(told).collect();
    assert_eq!(words.join("|"), row.4);
    drop(workspace);
}

fn told(found: &LocalEntry) -> String {
    let path = &found.entry.path;
    match &found.entry.what {
        What::File(stat) => format!("{path}={}", stat.size),
        What::Folder { .. } => format!("{path}/"),
        What::Link { target } => format!("{path}>{target}"),
    }
}

fn is_refused(row: Row) {
    let (found, workspace) = walked(&row);
    let error = found.expect_err("it is refused");
    let told = workspace.hidden(&format!("{error}|{}", error.hint()), "TOP");
    let told = told.replace("TOP/ws", "WS").replace("TOP/out", "OUT");
    assert!(told.starts_with(row.4), "{told}");
    let is_missing = told.contains("does not exist");
    assert_eq!(error.is_missing(), is_missing);
}

/// Make the workspace, and look at the parameter.
fn walked(row: &Row) -> (Result<Vec<LocalEntry>, WalkError>, Folder) {
    let (name, there, (value, on_claim), kind, _) = *row;
    let folder = Folder::new(&format!("walked-{}", slug(name)));
    let workspace = folder.join("ws");
    fs::create_dir(&workspace).expect("a folder");
    there.iter().for_each(|what| make(&workspace, what));
    (walk(&workspace, value, on_claim, kind), folder)
}

fn make(workspace: &Path, what: &str) {
    let place = |text: &str| {
        let place = workspace.join(name(text));
        fs::create_dir_all(place.parent().expect("a folder")).expect("folders");
        place
    };
    if let Some((link, target)) = what.split_once(" -> ") {
        let target = target.replace("WS", &workspace.display().to_string());
        symlink(name(&target), place(link)).expect("a link");
    } else if let Some(pipe) = what.strip_suffix(" |") {
        let made = Command::new("mkfifo").arg(place(pipe)).status().expect("mkfifo starts");
        assert!(made.success());
    } else if let Some((file, content)) = what.split_once('=') {
        fs::write(place(file), content).expect("a file");
    } else {
        fs::create_dir_all(place(what)).expect("a folder");
    }
}

/// A name as a system in Latin-1 writes its `é`, which is no UTF-8.
fn name(text: &str) -> OsString {
    let sign = |sign: char| if sign == 'é' { vec![0xe9] } else { sign.to_string().into_bytes() };
    OsString::from_vec(text.chars().flat_map(sign).collect())
}
