//! Misspelt keys on every layer, told by every command that reads a cube.

use std::fs;

use libtest_mimic::Trial;

use crate::support::program;
use crate::support::team::{Done, Team};
use crate::trials;

const CUBE: &str = "name: c\ndocker: {image: i}\nk8s: {pvc: data}\ntasks: {train: }\n";

/// Commands that read a cube.
const COMMANDS: [&[&str]; 6] = [
    &["describe"],
    &["inspect"],
    &["configure"],
    &["config"],
    &["config", "--resolve", "-o", "json"],
    &["render"],
];

/// A name, more lines of the cube, system settings, arguments, and what is told.
type Slip = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str);

/// Slips that end no command.
const IGNORED: [Slip; 5] = [
    (
        "file",
        "dokcer: {image: j}\n",
        "",
        &[],
        "unknown key `dokcer`, which is ignored; did you mean `docker`?",
    ),
    (
        "override",
        "",
        "",
        &["-Pdocker.imge=j"],
        "unknown key `imge`, which is ignored; did you mean `image`?",
    ),
    (
        "root",
        "",
        "",
        &["-Pimage=j"],
        "unknown key `image`, which is ignored; did you mean `docker.image`?",
    ),
    (
        "parameter",
        "",
        "",
        &["-Ptrain=x"],
        "unknown key `train`, which is ignored; choose a task with `--task train`",
    ),
    (
        "settings",
        "",
        "platfroms: {k8s: {pvc: a}}\n",
        &[],
        "unknown key `platfroms`, which is ignored; did you mean `platforms`?",
    ),
];

/// Slips without which the Job would be another: only `config` goes on.
const REFUSED: [Slip; 4] = [
    ("section", "", "", &["-Pk8s.bakoffLimit=1"], "has no key `bakoffLimit`"),
    ("claim", "", "", &["-Pk8s.pvc={input: a, otuput: b}"], "has no key `otuput`"),
    (
        "platform",
        "",
        "platforms: {k8s: {runner: k8s, imagePulPolicy: Never}}\n",
        &["--platform", "k8s"],
        "has no key `imagePulPolicy`",
    ),
    ("task", "", "", &["-Ptasks.train.paramters.inputs.a=b"], "has no key `paramters`"),
];

pub fn all() -> Vec<Trial> {
    let each = |slips: &[Slip]| -> Vec<(Slip, &'static [&'static str])> {
        slips.iter().flat_map(|slip| COMMANDS.map(|command| (*slip, command))).collect()
    };
    let name = |(slip, command): &(Slip, &[&str])| format!("{} {}", slip.0, command.join(" "));
    let ignored = trials("slips/ignored", each(&IGNORED), name, |(slip, command)| {
        let done = done(&slip, command);
        assert_eq!(done.code, Some(0), "{}", done.told);
        assert!(done.told.contains(slip.4), "{}", done.told);
    });
    let refused = trials("slips/refused", each(&REFUSED), name, |(slip, command)| {
        let done = done(&slip, command);
        let is_shown = command[0] == "config";
        assert_eq!(done.code, Some(if is_shown { 0 } else { 2 }), "{}", done.told);
        let word = if is_shown { "warning   " } else { "error: " };
        assert!(done.told.contains(word) && done.told.contains(slip.4), "{}", done.told);
        assert!(done.told.contains("did you mean"), "{}", done.told);
        assert_eq!(done.out.is_empty(), !is_shown, "{}", done.out);
    });
    ignored.into_iter().chain(refused).collect()
}

fn done((name, lines, settings, arguments, _): &Slip, command: &[&str]) -> Done {
    let team = Team::new(&format!("slips-{name}-{}", command.join("").replace('-', "")));
    fs::write(team.path("mlcube.yaml"), format!("{CUBE}{lines}")).expect("a cube");
    fs::write(team.path("settings.yaml"), settings).expect("settings");
    let mut program = program();
    program.args(command).arg("--mlcube").arg(team.path("mlcube.yaml")).args(*arguments);
    team.done(program.env("MLCUBE_SYSTEM_SETTINGS", team.path("settings.yaml")))
}
