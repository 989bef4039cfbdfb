//! Parameters of all shapes, and what becomes of them with the values of one run.

use libtest_mimic::Trial;
use mlcube_k8s::cube::Kind;

use crate::support::cube::{bind, read};
use crate::{trial, verbatim};

type Words = &'static [&'static str];

/// The parameters, the values of the command line, and what they become.
type Shape = (&'static str, Words, Words);

const SHAPES: [Shape; 43] = [
    ("inputs:\noutputs:", &[], &[]),
    ("{}", &[], &[]),
    ("inputs: {x: }", &[], &["x=x file ro"]),
    ("inputs: {x: {}}", &[], &["x=x file ro"]),
    ("inputs: {x: {default: }}", &[], &["x=x file ro"]),
    ("inputs: {x: a.txt}", &[], &["x=a.txt file ro"]),
    ("inputs: {x: a/}", &[], &["x=a dir ro"]),
    ("inputs: {x: 'a\\'}", &[], &["x=a dir ro"]),
    ("inputs: {x: a/b}", &[], &["x=a/b file ro"]),
    ("inputs: {x: ./a//b/.}", &[], &["x=a/b file ro"]),
    ("inputs: {x: .}", &[], &["x=. dir ro"]),
    ("inputs: {x: 'null'}", &[], &["x=null file ro"]),
    ("inputs: {x: {type: file, default: a}}", &[], &["x=a file ro"]),
    ("inputs: {x: {type: directory, default: a}}", &[], &["x=a dir ro"]),
    ("inputs: {x: {type: unknown, default: a/}}", &[], &["x=a dir ro"]),
    ("inputs: {x: {type: , default: a/}}", &[], &["x=a dir ro"]),
    ("outputs: {y: {type: file}}", &[], &["y=y file rw"]),
    ("outputs: {y: a/}", &[], &["y=a dir rw"]),
    ("outputs: {y: a/}\ninputs: {x: b, w: c}", &[], &["x=b file ro", "w=c file ro", "y=a dir rw"]),
    // The workspace of this machine stands for the one on the claim.
    ("inputs: {x: '${workspace}'}", &[], &["x=. dir ro"]),
    ("inputs: {x: '${runtime.workspace}/'}", &[], &["x=. dir ro"]),
    ("inputs: {x: '${workspace}/data'}", &[], &["x=data file ro"]),
    ("inputs: {x: '${runtime.workspace}/a/b/'}", &[], &["x=a/b dir ro"]),
    ("inputs: {x: '${runtime.root}/workspace/a'}", &[], &["x=a file ro"]),
    ("inputs: {x: {type: directory, default: '${workspace}'}}", &[], &["x=. dir ro"]),
    ("outputs: {y: '${workspace}'}", &[], &["y=. dir rw"]),
    ("outputs: {y: .}", &[], &["y=. dir rw"]),
    ("inputs: {x: a}", &["x=/cubes/it/workspace/data/"], &["x=data dir ro"]),
    // A value of the command line replaces the default; the kind that the default told stays.
    ("inputs: {x: a}", &["x=b/"], &["x=b dir ro"]),
    ("inputs: {x: a/}", &["x=b"], &["x=b dir ro"]),
    ("inputs: {x: a}", &["x=b", "x=c"], &["x=c file ro"]),
    ("inputs: {x: a}", &["x=b=c"], &["x=b=c file ro"]),
    ("outputs: {y: a}", &["y=b/"], &["y=b dir rw"]),
    ("inputs: {x: ???}", &["x=b"], &["x=b file ro"]),
    ("inputs: {x: '${oc.env:NONE}'}", &["x=b"], &["x=b file ro"]),
    ("inputs: {x: /mnt/a}", &["x=b"], &["x=b file ro"]),
    ("inputs: {x: '${oc.env:V}/${.y}', y: d/}", &[], &["x=val/d dir ro", "y=d dir ro"]),
    // How it is mounted.
    ("inputs: {x: {opts: rw}}", &[], &["x=x file rw"]),
    ("inputs: {x: {opts: rw}}", &["--mount=ro"], &["x=x file ro"]),
    ("inputs: {x: a}\noutputs: {y: b/}", &["--mount=rw"], &["x=a file rw", "y=b dir rw"]),
    ("outputs: {y: {type: file, opts: ro}}", &["--mount=rw"], &["y=y file ro"]),
    (
        "inputs: {x: {default: a, opts: ro}, y: {default: ./a, opts: rw}}",
        &[],
        &["x=a file rw", "y=a file rw"],
    ),
    (
        "inputs: {x: {default: a, opts: ro}}\noutputs: {y: {type: file, default: a}}",
        &[],
        &["x=a file ro", "y=a file rw"],
    ),
];

/// A task, and the words of its entry point.
type Entry = (&'static str, Option<Words>);

const ENTRY_POINTS: [Entry; 6] = [
    ("{}", None),
    ("{entrypoint: null}", None),
    ("{entrypoint: /run.sh}", Some(&["/run.sh"])),
    (
        "{entrypoint: python3  -m 'my mod' \"a\\\"b\" c\\ d}",
        Some(&["python3", "-m", "my mod", "a\"b", "c d"]),
    ),
    ("{entrypoint: [sh, -c, echo a b]}", Some(&["sh", "-c", "echo a b"])),
    ("{entrypoint: '${oc.env:V} x'}", Some(&["val", "x"])),
];

/// A task, and the warnings.
type Warned = (&'static str, Words);

const WARNINGS: [Warned; 5] = [
    (
        "{entrypoint: }",
        &[
            "`mlcube.yaml:3:17`: task `t`: `entrypoint` is empty and is ignored; the image's own entry point is used",
        ],
    ),
    (
        "{gpu: 1}",
        &[
            "`mlcube.yaml:3:7`: task `t` has an unknown key `gpu`, which is ignored; expected one of `entrypoint`, `parameters`",
        ],
    ),
    (
        "{parameters: {inputs: {x: {typ: file}}}}",
        &[
            "`mlcube.yaml:3:33`: parameter `x` of task `t` has an unknown key `typ`, which is ignored; did you mean `type`? expected one of `type`, `opts`, `default`",
        ],
    ),
    (
        "{parameters: {outputs: {x: {opts: ro}}}}",
        &["`mlcube.yaml:3:40`: parameter `x` of task `t` is an output and asks to be mounted `ro`"],
    ),
    ("{parameters: {outputs: {x: {opts: rw}}}}", &[]),
];

pub fn all() -> Vec<Trial> {
    let spelled = |(parameters, arguments, _): &Shape| {
        format!("{parameters} {}", arguments.join(" ")).trim().to_owned()
    };
    let mut all = verbatim("cube/bind/parameters", SHAPES, spelled, check_shape);
    all.extend(verbatim("cube/bind/entry-points", ENTRY_POINTS, |row| row.0, check_entry));
    all.extend(verbatim("cube/bind/warnings", WARNINGS, |row| row.0, check_warnings));
    all.push(trial("cube/bind/warnings/one path with two kinds of access", two_kinds_of_access));
    all
}

fn cube(parameters: &str) -> String {
    let indented: String = parameters.lines().map(|line| format!("      {line}\n")).collect();
    format!("name: c\ndocker: {{image: i}}\ntasks:\n  t:\n    parameters:\n{indented}")
}

/// Each parameter as `name=value kind access`.
fn bound(parameters: &str, arguments: &[&str]) -> Vec<String> {
    let arguments = [&["--task=t"], arguments].concat();
    let cube = read(&cube(parameters), &[])
        .unwrap_or_else(|error| panic!("{parameters} is read: {error}"));
    let tasks =
        bind(&cube, &arguments).unwrap_or_else(|error| panic!("{parameters} is bound: {error}"));
    let parameters = tasks.into_iter().flat_map(|task| task.parameters);
    let shown = parameters.map(|parameter| {
        let kind = match parameter.kind {
            Kind::File => "file",
            Kind::Directory => "dir",
            Kind::Unknown => "unknown",
        };
        format!("{}={} {kind} {}", parameter.name, parameter.value, parameter.access.word())
    });
    shown.collect()
}

fn check_shape((parameters, arguments, wanted): Shape) {
    assert_eq!(bound(parameters, arguments), wanted);
}

fn check_entry((task, wanted): Entry) {
    let cube = read(&format!("name: c\ntasks:\n  t: {task}\n"), &[]).expect("the row is a cube");
    let found = cube.tasks[0].entrypoint.as_deref();
    let found = found.map(|words| words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(found.as_deref(), wanted);
}

fn check_warnings((task, wanted): Warned) {
    let cube = read(&format!("name: c\ntasks:\n  t: {task}\n"), &[]).expect("the row is a cube");
    assert_eq!(cube.warnings, wanted);
}

fn two_kinds_of_access() {
    let both = cube("inputs: {x: {default: a, opts: ro}, y: {default: a, opts: rw}}");
    let tasks = bind(&read(&both, &[]).expect("the cube is read"), &["--task=t"])
        .expect("the task is bound");
    let wanted = [
        "`mlcube.yaml:6:16`: parameter `x` of task `t` asks for `a` as `ro`, another as `rw`; it becomes `rw`",
    ];
    assert_eq!(tasks[0].warnings, wanted);
}
