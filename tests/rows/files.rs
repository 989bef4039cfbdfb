//! Files of others: what is read must be a regular file within its bound, and what is written goes
//! through no link and over nothing of another kind.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use crate::support::rows::slug;
use crate::support::team::Team;
use crate::support::{self, policy};
use crate::trials;

/// How long it may take to refuse a file.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file that is read: its name, and a command that reads it at a place.
type Role = (&'static str, fn(&str) -> Vec<String>);

const ROLES: [Role; 8] = [
    ("cube", |file| words(&["describe", "--mlcube", file])),
    ("policies file", |file| render(&["--policies", file])),
    ("settings", |file| {
        let module = policy::file("caller").display().to_string();
        render(&["--policy", &format!("p={module}"), "--settings", &format!("p={file}")])
    }),
    ("policy", |file| render(&["--policy", &format!("p={file}")])),
    ("inspected policy", |file| words(&["policy", "inspect", file])),
    ("recording", |file| words(&["policy", "replay", file])),
    ("lock", |_| render(&["--policies", "TEAM/list.yaml"])),
    ("system settings", |_| words(&["describe", "--mlcube", "tests/cases/documented"])),
];

/// What stands at the place: its name, how it is made, and what is told.
type Kind = (&'static str, fn(&Path), &'static str);

const KINDS: [Kind; 9] = [
    (
        "a folder",
        |place| fs::create_dir(place).expect("made"),
        "expected a regular file, found a folder",
    ),
    ("a pipe", pipe, "expected a regular file, found a pipe"),
    (
        "a link to a pipe",
        |place| {
            pipe(&place.with_extension("pipe"));
            symlink(place.with_extension("pipe"), place).expect("a link");
        },
        "expected a regular file, found a pipe",
    ),
    ("a socket", socket, "expected a regular file, found a socket"),
    (
        "a device",
        |place| symlink("/dev/zero", place).expect("a link"),
        "expected a regular file, found a device",
    ),
    (
        "a terminal",
        |place| symlink("/dev/tty", place).expect("a link"),
        "expected a regular file, found a device",
    ),
    ("6 GB of nothing", |place| sparse(place, 6 << 30), "bytes; at most "),
    ("a little too much", |place| sparse(place, (256 << 20) + 1), "bytes; at most "),
    (
        "a circle of links",
        |place| symlink(place, place).expect("a link"),
        "Too many levels of symbolic links",
    ),
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn render(arguments: &[&str]) -> Vec<String> {
    words(
        &[&["render", "--mlcube", "tests/cases/documented", "--policies", ""], arguments].concat(),
    )
    .into_iter()
    .enumerate()
    // An own list takes the place of the empty one.
    .filter(|(index, _)| !(arguments.contains(&"--policies") && (3..5).contains(index)))
    .map(|(_, word)| word)
    .collect()
}

fn pipe(place: &Path) {
    assert!(Command::new("mkfifo").arg(place).status().expect("mkfifo starts").success());
}

/// A socket; its own path must be short.
fn socket(place: &Path) {
    let path = std::env::temp_dir().join(format!("mlcube-{}", unused()));
    drop(UnixListener::bind(&path).expect("a socket"));
    fs::rename(&path, place).or_else(|_| symlink(&path, place)).expect("a socket");
}

/// A name that nothing else has.
fn unused() -> String {
    support::process::place().file_name().expect("a name").to_string_lossy().into_owned()
}

fn sparse(place: &Path, size: u64) {
    File::create(place).and_then(|file| file.set_len(size)).expect("a file without content");
}

pub fn all() -> Vec<Trial> {
    let read = ROLES.iter().flat_map(|role| KINDS.iter().map(move |kind| (*role, *kind)));
    let name = |(role, kind): &(Role, Kind)| format!("{} {}", role.0, kind.0);
    let mut all = trials("files/read", read, name, is_refused);
    all.extend(trials("files/write", WRITTEN, |row| row.0, is_written));
    all
}

fn is_refused(((role, arguments), (kind, make, told)): (Role, Kind)) {
    let team = Team::new(&format!("read-{}", slug(&format!("{role} {kind}"))));
    let place = match role {
        "lock" => team.path("list.lock"),
        "policy" | "inspected policy" => team.path("p.wasm"),
        _ => team.path("file.yaml"),
    };
    fs::write(team.path("list.yaml"), "policies: []\n").expect("a policies file");
    make(&place);
    let mut command = support::program();
    let arguments = arguments(&place.display().to_string());
    let folder = team.path("").display().to_string();
    command.args(arguments.iter().map(|word| word.replace("TEAM/", &folder)));
    if role == "system settings" {
        command.env("MLCUBE_SYSTEM_SETTINGS", &place);
    }
    let start = Instant::now();
    let done = team.done(&mut command);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    // What a policy's file may have is a limit of its own.
    let is_limit = role.ends_with("policy") && told.starts_with("bytes");
    let told = match (role, kind) {
        // A folder has a cube in it, or none.
        ("cube", "a folder") => "does not exist",
        _ if is_limit => "was stopped in `load` at its `module` limit of 32Mi",
        _ => told,
    };
    let code = if is_limit { 4 } else { 2 };
    assert_eq!((done.code, done.out.as_str()), (Some(code), ""), "{}", done.told);
    assert!(done.told.contains(told) && done.told.contains("hint: "), "{}", done.told);
}

/// A name, what stands at the place before, the exit code, and what is told.
type Written = (&'static str, fn(&Path), i32, &'static str);

/// What a recording and a lock are written to.
const WRITTEN: [Written; 14] = [
    ("nothing", |_| {}, 0, ""),
    ("an empty file", |place| fs::write(place, "").expect("a file"), 0, ""),
    ("an older one", |place| fs::write(place, older(place)).expect("a file"), 0, ""),
    (
        "an older one that all may write",
        |place| {
            fs::write(place, older(place)).expect("a file");
            fs::set_permissions(place, fs::Permissions::from_mode(0o666)).expect("a mode");
        },
        0,
        "",
    ),
    (
        "a stranger's text",
        |place| fs::write(place, "dear diary").expect("a file"),
        2,
        "the file exists and is not a ",
    ),
    (
        "other JSON",
        |place| fs::write(place, "{\"a\": 1}").expect("a file"),
        2,
        "the file exists and is not a ",
    ),
    (
        "a list of services",
        |place| fs::write(place, "version: \"3\"\nservices: {}\n").expect("a file"),
        2,
        "the file exists and is not a ",
    ),
    (
        "a link to a file",
        |place| {
            fs::write(place.with_extension("aside"), older(place)).expect("a file");
            symlink(place.with_extension("aside"), place).expect("a link");
        },
        2,
        "found a symbolic link",
    ),
    (
        "a link to nothing",
        |place| symlink(place.with_extension("aside"), place).expect("a link"),
        2,
        "found a symbolic link",
    ),
    ("another user's, in a folder of all", of_another, 2, "the file exists and "),
    ("a folder", |place| fs::create_dir(place).expect("a folder"), 2, "found a folder"),
    ("a pipe", pipe, 2, "found a pipe"),
    ("a device", |place| symlink("/dev/null", place).expect("a link"), 2, "found a symbolic link"),
    ("a socket", socket, 2, "found a "),
];

/// Another user's file; only root can give one away, so for others it is one of another kind.
fn of_another(place: &Path) {
    fs::write(place, older(place)).expect("a file");
    let folder = place.parent().expect("a folder");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o1777)).expect("a mode");
    if std::os::unix::fs::chown(place, Some(1234), None).is_err() {
        fs::write(place, "dear diary").expect("a file");
    }
}

/// The content of an older file of the kind.
fn older(place: &Path) -> &'static str {
    match place.extension().is_some_and(|ending| ending == "lock") {
        true => "# Written by `mlcube-k8s policy lock`; an older one\n",
        false => "{\n  \"version\": 1,\n  \"program\": \"0.0.1\"\n}\n",
    }
}

fn is_written((name, prepare, code, told): Written) {
    let team = Team::new(&format!("write-{}", slug(name)));
    let list = "policies: []\n";
    team.text(list);
    let file = team.path("policies.yaml").display().to_string();
    let record = team.path("run.json").display().to_string();
    let rows = [
        (team.path("policies.lock"), vec!["policy", "lock", "--policies", &file]),
        (
            team.path("run.json"),
            vec![
                "render",
                "--mlcube",
                "tests/cases/documented",
                "--policies",
                "",
                "--record",
                &record,
            ],
        ),
    ];
    for (place, arguments) in rows {
        prepare(&place);
        let before = state(&place);
        let done = team.run(&arguments);
        assert_eq!(done.code, Some(code), "{place:?}: {}", done.told);
        assert!(done.told.contains(told), "{place:?}: {}", done.told);
        if code != 0 {
            assert!(done.told.contains("hint: "), "{}", done.told);
            assert_eq!(state(&place), before, "{place:?} is untouched");
        } else {
            let metadata = fs::symlink_metadata(&place).expect("it is written");
            assert!(metadata.is_file() && metadata.len() > 60, "{place:?} is written");
            let mode = metadata.mode() & 0o777;
            let is_private = place.ends_with("run.json");
            assert!(!is_private || mode == 0o600, "{place:?}: {mode:o}");
        }
    }
    let left = fs::read_dir(team.path("")).expect("a folder").flatten();
    let left: Vec<PathBuf> = left.map(|file| file.path()).collect();
    assert!(left.iter().all(|path| path.extension().is_none_or(|it| it != "tmp")), "{left:?}");
}

/// What stands at a place, and at the end of its link.
fn state(place: &Path) -> (Option<(u64, u64)>, Option<Vec<u8>>) {
    let metadata = fs::symlink_metadata(place).ok();
    let content = fs::metadata(place).is_ok_and(|found| found.is_file());
    (metadata.map(|it| (it.ino(), it.len())), content.then(|| fs::read(place).expect("a file")))
}
