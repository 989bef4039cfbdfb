//! Owns the pieces of which the corpus is made: every form that a cube, the settings or the command
//! line may take. Invariant: each piece stands alone in at least one case.

/// Lines of a cube, and whole files.
mod cube;
/// Tasks and their parameters.
mod tasks;
/// What is typed, and the system settings.
mod typed;
/// Values somewhere in the file.
mod values;

/// Where a piece goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The whole file.
    Cube,
    /// The line `name:`.
    Name,
    /// The line `docker:`.
    Docker,
    /// Lines of the file itself.
    Line,
    /// A value somewhere in the file.
    Value,
    /// A line below `inputs`.
    Input,
    /// A line below `outputs`.
    Output,
    /// A task of its own, which is then the one that runs.
    Task,
    /// A task that does not run.
    OtherTask,
    /// The system settings.
    System,
    /// `--platform`.
    Platform,
    /// `-P`.
    Override,
    /// `--workspace`.
    Workspace,
    /// `name=value`.
    Argument,
}

use Slot::{
    Argument, Cube, Docker, Input, Line, Name, OtherTask, Output, Override, Platform, System, Task,
    Value, Workspace,
};

/// What stands in every cube, for interpolations to lead to.
pub const AROUND: &str = "v: {a: 1, s: text, f: 0.001, g: 1e16, t: yes, n: , l: [10, 20, {k: v}], m: {s: '${v.s}', up: '${..a}', sib: '${.s}'}, key: s, dir: data/, image: 'a/b:1'}";

/// Each slot with the forms that go there.
pub const PIECES: &[(Slot, &[&str])] = &[
    (Name, cube::NAME),
    (Docker, cube::DOCKER),
    (Line, cube::LINE),
    (Value, values::VALUE),
    (Input, tasks::INPUT),
    (Output, tasks::OUTPUT),
    (Task, tasks::TASK),
    (OtherTask, tasks::OTHER_TASK),
    (System, typed::SYSTEM),
    (Platform, &["k8s", "docker", "none", "ssh"]),
    (Override, typed::OVERRIDE),
    (Workspace, &["/data/w", "/data/w/", "/data/../w", "/data//w", "/odd ${name}", "/odd $name"]),
    (Argument, typed::ARGUMENT),
    (Cube, cube::CUBE),
];

/// A form that the reference does not know, the row that says why, and the same said in its own
/// words.
pub type Restated = (Slot, &'static str, &'static str, &'static [(Slot, &'static str)]);

/// All such forms.
pub const RESTATED: &[Restated] = &[
    (
        System,
        "k8s: {pvc: old}",
        "settings-file",
        &[(System, "platforms: {k8s: {runner: k8s, pvc: old}}")],
    ),
    (
        System,
        "k8s: {pvc: old, image: i}\nplatforms: {k8s: {runner: k8s, pvc: new}}",
        "settings-file",
        &[(System, "platforms: {k8s: {runner: k8s, pvc: new, image: i}}")],
    ),
    (
        System,
        "platforms: {k8s: {pvc: p}}",
        "settings-file",
        &[(System, "platforms: {k8s: {runner: k8s, pvc: p}}")],
    ),
    (Platform, "kubernetes", "settings-file", &[(Platform, "k8s")]),
    (Override, "v.l.0=3", "overrides", &[(Override, "v.l=[3, 20, {k: v}]")]),
    (Override, "v.l[2].k=w", "overrides", &[(Override, "v.l=[10, 20, {k: w}]")]),
    (
        Line,
        "runner: {pvc: mine}",
        "runner-section",
        &[(Line, "runner: {pvc: mine}"), (System, "platforms: {k8s: {runner: k8s}}")],
    ),
];

/// Pieces that mean something only together.
pub const TOGETHER: &[[(Slot, &str); 2]] = &[
    // What is replaced need not be sound.
    [(Value, "'${v.a'"), (Override, "q=- a")],
    [(Value, "'${oc.dict.values:v.m}'"), (Override, "q=x")],
    [(Docker, "docker: '${other}'\nother: {image: o}"), (Override, "docker.image=x:2")],
    // An interpolation may lead to what the reference fills in.
    [
        (Task, "t: {parameters: {inputs: '${tasks.train.parameters.inputs}'}}"),
        (Override, "tasks.train=null"),
    ],
    // A task without parameters needs no claim.
    [(Line, "k8s: {pvc: 5}"), (Task, "t:")],
    // A value is used where its parameter is, and only there.
    [(OtherTask, "o: {parameters: {inputs: {data_dir: other}}}"), (Argument, "data_dir=new/")],
    [(Input, "x: '${..data_dir.default}/x'"), (Argument, "data_dir=new")],
];
