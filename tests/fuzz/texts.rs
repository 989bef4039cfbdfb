//! Owns the arbitrary texts: bytes, words of the language in any order, trees that are almost
//! cubes, and slips in cubes. Invariant: a seed gives the same text in every run.

use std::collections::BTreeSet;

use crate::support::cube::Input;
use crate::support::dice::Dice;

const WORDS: [&str; 64] = [
    "name",
    ": ",
    ":",
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    "tasks",
    "train",
    "parameters",
    "inputs",
    "outputs",
    "type",
    "default",
    "opts",
    "entrypoint",
    "docker",
    "image",
    "k8s",
    "pvc",
    "env",
    "resources",
    "limits",
    "tolerations",
    "platform",
    "accelerator_count",
    "runner",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "'",
    "\"",
    "&a ",
    "*a",
    "<<",
    "!!str ",
    "!",
    "${",
    "}",
    ".",
    "..",
    "oc.env:",
    "oc.select:",
    "oc.decode:",
    "\\",
    "???",
    "null",
    "0x1f",
    "1e3",
    "1:30",
    ".inf",
    "~",
    "|\n",
    ">-\n",
    "# ",
    "\t",
    "\r",
    "é\u{feff}\u{0}",
    "/",
    "%YAML 1.1\n---\n",
];

const SCALARS: [&str; 32] = [
    "a",
    "data/",
    "a/b.txt",
    "'${name}'",
    "'${v.a}'",
    "'${.x}'",
    "'${..y}'",
    "'${v.${v.k}}'",
    "'${oc.env:V}'",
    "'${oc.env:NONE,${v}}'",
    "'${oc.decode:${oc.env:V}}'",
    "'${oc.select:v.none,[1, {a: b}]}'",
    "'\\${x}'",
    "'${'",
    "???",
    "~",
    "5",
    "-1.5e3",
    "yes",
    "*a",
    "''",
    "'../x'",
    "/abs",
    "\"\\u00e9\\n\"",
    "'a b'",
    "1:30",
    "0b1",
    "!!int '5'",
    "file",
    "ro",
    "'$(x) $$'",
    "'${v}'",
];

const KEYS: [&str; 28] = [
    "name",
    "docker",
    "image",
    "tasks",
    "train",
    "parameters",
    "inputs",
    "outputs",
    "type",
    "default",
    "opts",
    "entrypoint",
    "k8s",
    "pvc",
    "input",
    "output",
    "env",
    "resources",
    "platform",
    "accelerator_count",
    "v",
    "a",
    "k",
    "x",
    "y",
    "z",
    "runner",
    "tolerations",
];

const CUBE: &str = "name: mnist
docker: {image: 'mlcommons/mnist:0.0.1'}
v: &a {a: 1, k: a, l: [1, {b: '${v.a}'}]}
k8s: {pvc: {input: in, output: out}, env: [{name: A, value: '${name}'}], resources: {limits: {cpu: 500m}}}
tasks:
  train:
    entrypoint: python run.py
    parameters:
      inputs: {data: {type: directory, default: 'data/${v.a}', opts: ro}, x: '${oc.env:V}.txt'}
      outputs: {model: model/}
";

/// The texts of a seed.
pub fn input(seed: u64) -> Input {
    let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    match dice.below(8) {
        0 => Input::cube(bytes(&mut dice)),
        1 | 2 => Input::cube(words(&mut dice)),
        3 | 4 => Input::cube(tree(&mut dice)),
        5 => {
            let overrides = (0..dice.below(3)).map(|_| change(&mut dice)).collect();
            let values =
                vec![format!("x={}", words(&mut dice)), format!("data={}", *dice.pick(&SCALARS))];
            Input { overrides, values, ..Input::cube(CUBE) }
        }
        6 => {
            let system = if dice.below(2) == 0 {
                words(&mut dice)
            } else {
                format!(
                    "platforms: {{k8s: {{runner: k8s, image: {}, pvc: {}}}}}",
                    dice.pick(&SCALARS),
                    flow(&mut dice, 6)
                )
            };
            Input {
                system: Some(system),
                platform: Some(words(&mut dice)).filter(|_| dice.below(3) == 0),
                ..Input::cube(CUBE)
            }
        }
        _ => Input::cube(slips(&mut dice)),
    }
}

fn bytes(dice: &mut Dice) -> String {
    let bytes: Vec<u8> = (0..dice.below(400)).map(|_| dice.below(256) as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn words(dice: &mut Dice) -> String {
    (0..dice.below(80)).map(|_| *dice.pick(&WORDS)).collect()
}

/// `-P`: a path that leads somewhere or nowhere, and any value.
fn change(dice: &mut Dice) -> String {
    if dice.below(4) == 0 {
        return words(dice);
    }
    let path: Vec<&str> = (0..=dice.below(4)).map(|_| *dice.pick(&KEYS)).collect();
    let start = *dice.pick(&["v.", "tasks.train.parameters.inputs.", "k8s.", "v.l.1.", ""]);
    format!("{start}{}={}", path.join("."), flow(dice, 6))
}

/// A cube whose sections hold anything.
fn tree(dice: &mut Dice) -> String {
    let mut text = String::from("name: c\ndocker: {image: i}\nanchor: &a {x: 1}\n");
    for key in
        distinct(dice, &["v", "k", "x", "y", "l", "platform", "k8s", "runner", "description"])
    {
        // What is checked in any case is wrong more seldom.
        let value =
            if key.len() > 1 && dice.below(3) > 0 { "{}".to_owned() } else { flow(dice, 0) };
        text.push_str(&format!("{key}: {value}\n"));
    }
    let parameters = |dice: &mut Dice| {
        let all = distinct(dice, &["a", "b", "x", "y", "data_dir"]).into_iter().map(|name| {
            match dice.below(3) {
                0 => format!("{name}: {}", *dice.pick(&SCALARS)),
                1 => format!("{name}: {{type: file, default: {}}}", *dice.pick(&SCALARS)),
                _ => format!(
                    "{name}: {}",
                    if dice.below(4) == 0 { flow(dice, 5) } else { "d/".to_owned() }
                ),
            }
        });
        all.collect::<Vec<_>>().join(", ")
    };
    let (inputs, outputs) = (parameters(dice), parameters(dice));
    format!(
        "{text}tasks: {{t: {{parameters: {{inputs: {{{inputs}}}, outputs: {{{outputs}}}}}}}, u: }}\n"
    )
}

fn flow(dice: &mut Dice, depth: usize) -> String {
    match dice.below(4) {
        0 if depth < 8 => {
            let items = (0..dice.below(4)).map(|_| flow(dice, depth + 1));
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        1 | 2 if depth < 8 => {
            let entries = distinct(dice, &KEYS)
                .into_iter()
                .map(|key| format!("{key}: {}", flow(dice, depth + 1)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        _ => (*dice.pick(&SCALARS)).to_owned(),
    }
}

/// Up to three keys, none of them twice.
fn distinct(dice: &mut Dice, keys: &[&'static str]) -> Vec<&'static str> {
    let chosen: BTreeSet<&str> = (0..dice.below(4)).map(|_| *dice.pick(keys)).collect();
    chosen.into_iter().collect()
}

/// A sound cube with signs changed, lost, doubled and moved.
fn slips(dice: &mut Dice) -> String {
    let mut signs: Vec<char> = CUBE.chars().collect();
    for _ in 0..=dice.below(6) {
        if signs.is_empty() {
            break;
        }
        let at = dice.below(signs.len());
        match dice.below(5) {
            0 => drop(signs.remove(at)),
            1 => signs.insert(at, dice.pick(&WORDS).chars().next().unwrap_or(' ')),
            2 => signs.truncate(at.max(1)),
            3 => signs.extend_from_within(at..),
            _ => {
                let other = dice.below(signs.len());
                signs.swap(at, other);
            }
        }
    }
    signs.into_iter().collect()
}
