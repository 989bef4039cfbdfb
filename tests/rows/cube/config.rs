//! The effective configuration: what is merged onto what, and what wins.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::cube::read;
use crate::verbatim;

const CUBE: &str = "name: c\ndocker: {image: mlcommons/c:1}\ntasks: {train: }\n";

const PLATFORMS: &str = "--system=platforms: {k8s: {runner: k8s, pvc: p, namespace: own}, big: {pvc: b, backoffLimit: 1}}";

/// More lines of a cube, the arguments, and what is then found under a JSON pointer.
type Row = (&'static str, &'static [&'static str], &'static str, Value);

pub fn all() -> Vec<Trial> {
    let table =
        |name: &str, rows: Vec<Row>| verbatim(&format!("cube/config/{name}"), rows, spelled, check);
    [
        table("runtime-and-workspace", runtime_and_workspace()),
        table("overrides", overrides()),
        table("runner", runner()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The pointer, the lines and the arguments, on one line.
fn spelled((lines, arguments, pointer, _): &Row) -> String {
    let pointer = pointer.trim_start_matches('/');
    format!("{pointer} of {}", [lines.trim_end(), &arguments.join(" ")].join(" ").trim())
}

fn check((lines, arguments, pointer, wanted): Row) {
    let cube = read(&format!("{CUBE}{lines}"), arguments);
    let cube = cube.unwrap_or_else(|error| panic!("it is read: {error}"));
    let found = cube.config.resolved.pointer(pointer).unwrap_or(&Value::Null);
    assert_eq!(*found, wanted);
}

fn runtime_and_workspace() -> Vec<Row> {
    vec![
        ("", &[], "/runtime", json!({"root": "/cubes/it", "workspace": "/cubes/it/workspace"})),
        ("", &[], "/workspace", json!("/cubes/it/workspace")),
        ("", &["--workspace=/data/w"], "/runtime/workspace", json!("/data/w")),
        ("", &["--workspace=/data/w"], "/workspace", json!("/data/w")),
        ("", &["--workspace=/data//a/./b/../w/"], "/workspace", json!("/data/a/w")),
        ("", &["--workspace=/../w"], "/workspace", json!("/w")),
        ("", &["--workspace=/odd/${name}/\\${x}"], "/workspace", json!("/odd/${name}/\\${x}")),
        ("runtime: {root: /elsewhere, kept: 1}\n", &[], "/runtime/root", json!("/cubes/it")),
        ("runtime: {root: /elsewhere, kept: 1}\n", &[], "/runtime/kept", json!(1)),
        ("", &["-P runtime.root=/r"], "/workspace", json!("/r/workspace")),
    ]
}

fn overrides() -> Vec<Row> {
    vec![
        ("", &["-P docker.image=x:2"], "/docker/image", json!("x:2")),
        ("", &["-P docker.image=x:2"], "/runner/image", json!("x:2")),
        ("", &["-P docker.image=a", "-P docker.image=b"], "/docker/image", json!("b")),
        ("", &["-P a.b.c=1"], "/a", json!({"b": {"c": 1}})),
        ("", &["-P a=[1, yes, x]"], "/a", json!([1, true, "x"])),
        ("", &["-P a={b: 1}", "-P a.c=2"], "/a", json!({"b": 1, "c": 2})),
        ("", &["-P a=x=y"], "/a", json!("x=y")),
        ("", &["-P a="], "/a", Value::Null),
        ("", &["-P a=${name}"], "/a", json!("c")),
        ("", &["-P a='${name}'"], "/a", json!("c")),
        ("a: {b: 1, c: 2}\n", &["-P a.b=3"], "/a", json!({"b": 3, "c": 2})),
        ("a: {b: 1}\n", &["-P a={}"], "/a", json!({"b": 1})),
        ("a: {b: 1}\n", &["-P a=null"], "/a", Value::Null),
        ("a: {b: 1}\n", &["-P a=???"], "/a", json!({"b": 1})),
        ("a: null\n", &["-P a=???"], "/a", Value::Null),
        ("", &["-P a=???"], "/a", json!("???")),
        ("", &["-P a.b=???"], "/a", json!({"b": "???"})),
        ("a: [1, 2]\n", &["-P a=[3]"], "/a", json!([3])),
        ("a: [1, {b: 2}]\n", &["-P a.1.b=3"], "/a", json!([1, {"b": 3}])),
        ("a: [1, 2]\n", &["-P a[0]=3"], "/a", json!([3, 2])),
        ("a: 1\n", &["-P a.b=3"], "/a", json!({"b": 3})),
    ]
}

/// The runner's section is merged from all sides.
fn runner() -> Vec<Row> {
    vec![
        ("", &[], "/runner", json!({"runner": "k8s", "pvc": "c", "image": "mlcommons/c:1"})),
        ("k8s: {pvc: x}\n", &[], "/runner/pvc", json!("x")),
        ("kubernetes: {pvc: x}\n", &[], "/runner/pvc", json!("x")),
        ("runner: {pvc: x}\n", &[], "/runner/pvc", json!("x")),
        ("k8s: ${mine}\nmine: {pvc: x}\n", &[], "/runner/pvc", json!("x")),
        ("k8s: {pvc: '${name}-data', image: '${.pvc}'}\n", &[], "/runner/image", json!("c-data")),
        (
            "k8s: {pvc: {input: a}}\n",
            &["-P k8s.pvc.output=b"],
            "/runner/pvc",
            json!({"input": "a", "output": "b"}),
        ),
        ("k8s: {pvc: x}\n", &["-P k8s.pvc=y"], "/runner/pvc", json!("y")),
        ("kubernetes: {pvc: x, namespace: n}\n", &["-P k8s.pvc=y"], "/runner/pvc", json!("y")),
        (
            "kubernetes: {pvc: x, namespace: n}\n",
            &["-P k8s.pvc=y"],
            "/runner/namespace",
            json!("n"),
        ),
        ("k8s: {pvc: x}\n", &["-P kubernetes.pvc=y"], "/runner/pvc", json!("y")),
        ("k8s: {pvc: x}\n", &["-P runner.pvc=y"], "/runner/pvc", json!("y")),
        ("", &[PLATFORMS], "/runner/pvc", json!("p")),
        ("", &[PLATFORMS], "/runner/namespace", json!("own")),
        ("", &[PLATFORMS, "--platform=big"], "/runner/pvc", json!("b")),
        ("", &[PLATFORMS, "--platform=big"], "/runner/namespace", Value::Null),
        ("", &[PLATFORMS, "--platform=k8s"], "/runner/pvc", json!("p")),
        ("", &[PLATFORMS, "--platform=kubernetes"], "/runner/pvc", json!("p")),
        ("k8s: {pvc: x}\n", &[PLATFORMS], "/runner/pvc", json!("x")),
        ("runner: {pvc: x}\n", &[PLATFORMS], "/runner/pvc", json!("p")),
        (
            "",
            &["--system=platforms: {k8s: {pvc: a}, kubernetes: {pvc: b}}"],
            "/runner/pvc",
            json!("a"),
        ),
        (
            "",
            &["--system=platforms: {k8s: {pvc: a}, kubernetes: {pvc: b}}", "--platform=kubernetes"],
            "/runner/pvc",
            json!("b"),
        ),
        ("", &["--system=k8s: {pvc: old}"], "/runner/pvc", json!("old")),
        (
            "",
            &["--system=k8s: {pvc: old, image: i}\nplatforms: {k8s: {pvc: new}}"],
            "/runner/pvc",
            json!("new"),
        ),
        (
            "",
            &["--system=k8s: {pvc: old, image: i}\nplatforms: {k8s: {pvc: new}}"],
            "/runner/image",
            json!("i"),
        ),
        ("", &["--system=platforms: {k8s: {pvc: '${name}-p'}}"], "/runner/pvc", json!("c-p")),
        ("", &["--system="], "/runner/pvc", json!("c")),
        ("", &["--system=platforms:"], "/runner/pvc", json!("c")),
        ("", &["--platform=k8s"], "/runner/pvc", json!("c")),
    ]
}
