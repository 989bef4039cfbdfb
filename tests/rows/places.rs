//! Places on this machine: paths as people write them, and a cache that cannot be used.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use libtest_mimic::Trial;

use crate::support::rows::slug;
use crate::support::team::{Done, Team};
use crate::support::{self, policy};
use crate::{trial, trials};

/// A name, the policies file, arguments, the exit code, and what is told. `TEAM` is the folder of the
/// team, which is the home folder too; in it are `gpu_resources.wasm` and a settings file of comments.
type Row = (&'static str, &'static str, &'static [&'static str], i32, &'static str);

const LIST: &str = "policies: []\n";

const PATHS: [Row; 20] = [
    (
        "a module below ~",
        "policies: [{module: ~/gpu_resources.wasm}]",
        &[],
        0,
        "policy    gpu-resources",
    ),
    (
        "a module below $HOME",
        "policies: [{module: $HOME/gpu_resources.wasm}]",
        &[],
        0,
        "policy    gpu-resources",
    ),
    (
        "a module below HOME in braces",
        "policies: [{module: '${HOME}/gpu_resources.wasm'}]",
        &[],
        0,
        "policy    gpu-resources",
    ),
    (
        "a module as an address",
        "policies: [{module: 'file://TEAM/gpu_resources.wasm'}]",
        &[],
        0,
        "policy    gpu-resources",
    ),
    (
        "a module of a registry",
        "policies: [{module: 'oci://example.org/p:1'}]",
        &[],
        2,
        "the policy `oci://example.org/p:1`: expected the path of a file, found an address\nhint: fetch the file, and give its path",
    ),
    (
        "a module of a registry without a scheme",
        "policies: [{module: 'example.org/team/p:1.0'}]",
        &[],
        2,
        "found an address of a registry",
    ),
    (
        "a module of another user",
        "policies: [{module: ~other/p.wasm}]",
        &[],
        2,
        "the home folder of another user is not looked up",
    ),
    (
        "a module below a variable",
        "policies: [{module: $POLICIES/p.wasm}]",
        &[],
        2,
        "variables are not expanded in a path",
    ),
    (
        "a policy below ~",
        LIST,
        &["--policy", "p=~/gpu_resources.wasm"],
        0,
        "policy    p is gpu-resources",
    ),
    (
        "a policy at an address",
        LIST,
        &["--policy", "https://example.org/p.wasm?a=b"],
        2,
        "the policy `https://example.org/p.wasm?a=b`: expected the path of a file, found an address",
    ),
    (
        "a policy at an address of files",
        LIST,
        &["--policy", "file://TEAM/gpu_resources.wasm"],
        0,
        "policy    gpu-resources",
    ),
    (
        "a list below ~",
        LIST,
        &["--policies", "~/policies.yaml"],
        0,
        "policies  `TEAM/policies.yaml`",
    ),
    (
        "a list at an address",
        LIST,
        &["--policies", "https://example.org/policies.yaml"],
        2,
        "the policies file `https://example.org/policies.yaml`: expected the path of a file",
    ),
    (
        "settings of comments",
        LIST,
        &["--policy", "p=~/gpu_resources.wasm", "--settings", "p=~/comments.yaml"],
        0,
        "policy    p is gpu-resources",
    ),
    (
        "settings of nothing",
        LIST,
        &["--policy", "p=~/gpu_resources.wasm", "--settings", "p=~/empty.yaml"],
        0,
        "policy    p is gpu-resources",
    ),
    (
        "settings at an address",
        LIST,
        &["--policy", "p=~/gpu_resources.wasm", "--settings", "p=s3://b/s.yaml"],
        2,
        "the settings `s3://b/s.yaml`: expected the path of a file",
    ),
    (
        "settings of comments in the list",
        "policies:\n- module: gpu_resources.wasm\n  settings:\n    # none yet\n",
        &[],
        0,
        "policy    gpu-resources",
    ),
    ("a list of comments", "# none yet\n", &[], 2, "expected a mapping, found nothing"),
    ("a recording below ~", LIST, &["--record", "~/run.json"], 0, ""),
    (
        "a recording at an address",
        LIST,
        &["--record", "s3://b/run.json"],
        2,
        "the recording `s3://b/run.json`: expected the path of a file",
    ),
];

/// A name, how the folder of the cache is made, and what is told of it once.
type Cache = (&'static str, fn(&Path), &'static str);

const CACHES: [Cache; 7] = [
    ("nothing", |_| {}, ""),
    ("of a volume with a group", |place| folder(place, 0o2770), ""),
    ("that the group reads", |place| folder(place, 0o750), ""),
    (
        "open to all",
        |place| folder(place, 0o777),
        "every user has rights in it (mode 0777); `chmod 700 TEAM/cache/mlcube-k8s/policies` after a look at what is in it",
    ),
    (
        "a file",
        |place| {
            fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
            fs::write(place, "").expect("a file");
        },
        "expected a folder, found something else; set `XDG_CACHE_HOME` to a folder of your own",
    ),
    (
        "below a file",
        |place| {
            let parent = place.parent().expect("a parent");
            fs::create_dir_all(parent.parent().expect("a parent")).expect("a folder");
            fs::write(parent, "").expect("a file");
        },
        "Not a directory",
    ),
    (
        "a dangling link",
        |place| {
            fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
            std::os::unix::fs::symlink("nowhere", place).expect("a link");
        },
        "expected a folder, found something else",
    ),
];

fn folder(place: &Path, mode: u32) {
    fs::create_dir_all(place).expect("a folder");
    fs::set_permissions(place, fs::Permissions::from_mode(mode)).expect("a mode");
}

pub fn all() -> Vec<Trial> {
    let paths = trials("places/paths", PATHS, |row| row.0, is_meant);
    let caches = trials("places/cache", CACHES, |row| row.0, goes_on);
    let lock = trial("places/lock/beside-the-file-that-a-link-leads-to", lock_is_named);
    [paths, caches, vec![lock]].into_iter().flatten().collect()
}

fn team(name: &str) -> Team {
    let team = Team::new(&format!("places-{}", slug(name)));
    fs::copy(policy::file("gpu-resources"), team.path("gpu_resources.wasm")).expect("copied");
    fs::write(team.path("comments.yaml"), "# none yet\n").expect("a file");
    fs::write(team.path("empty.yaml"), "").expect("a file");
    team
}

fn render(team: &Team, arguments: &[&str]) -> Done {
    let folder = team.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    let mut command = support::program();
    command.args(["render", "--mlcube", "tests/cases/documented"]);
    command.args(arguments.iter().map(|word| word.replace("TEAM", folder)));
    command.env("HOME", folder).env("XDG_CACHE_HOME", team.path("cache"));
    team.done(command.env("MLCUBE_K8S_POLICIES", team.path("policies.yaml")))
}

fn is_meant((name, list, arguments, code, told): Row) {
    let team = team(name);
    let folder = team.path("").display().to_string();
    team.text(&list.replace("TEAM", folder.trim_end_matches('/')));
    let done = render(&team, arguments);
    assert_eq!(done.code, Some(code), "{}", done.told);
    assert!(done.told.contains(told), "{}", done.told);
    assert!(code == 0 || done.told.contains("hint: "), "{}", done.told);
}

/// The lock lies beside the real file, under its name.
fn lock_is_named() {
    let team = team("lock");
    fs::create_dir(team.path("shipped")).expect("a folder");
    fs::write(team.path("shipped/team.yaml"), "policies: []\n").expect("a file");
    std::os::unix::fs::symlink("shipped/team.yaml", team.path("policies.yaml")).expect("a link");
    let done = team.run(&["policy", "lock"]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    assert!(
        done.told.contains("locked    0 policies in `TEAM/shipped/team.lock`"),
        "{}",
        done.told
    );
    assert!(team.path("shipped/team.lock").is_file());
}

/// A cache that cannot be used is told of once, and rights of the group are taken back.
fn goes_on((name, make, told): Cache) {
    const START: &str =
        "warning   compiled policies are not kept in `TEAM/cache/mlcube-k8s/policies`: ";
    let team = team(name);
    let place = team.path("cache/mlcube-k8s/policies");
    make(&place);
    team.text(
        "policies: [{module: gpu_resources.wasm}, {module: gpu_resources.wasm, name: other}]",
    );
    let done = render(&team, &[]);
    assert_eq!(done.code, Some(0), "{}", done.told);
    let count = usize::from(!told.is_empty());
    assert_eq!(done.told.matches(START).count(), count, "{}", done.told);
    assert!(done.told.contains(told), "{}", done.told);
    if count == 0 {
        let mode = fs::metadata(&place).expect("a folder").permissions().mode() & 0o7777;
        assert_eq!(mode, 0o700);
        assert!(fs::read_dir(&place).expect("a folder").count() > 0, "something is kept");
    }
    let mut precompile = support::program();
    precompile.args(["policy", "precompile"]).arg(team.path("gpu_resources.wasm"));
    let done = team.done(precompile.env("XDG_CACHE_HOME", team.path("cache")));
    let code = if count == 0 { 0 } else { 2 };
    assert_eq!(done.code, Some(code), "{}", done.told);
}
