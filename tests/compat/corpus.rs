//! Owns the cases: every piece alone, pieces together, files with a slip of the hand, and the
//! published cubes. Invariant: a seed gives the same corpus in every run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::pieces::{AROUND, PIECES, RESTATED, Slot, TOGETHER};
use crate::support::dice::Dice;

/// Cases of several pieces that chance puts together.
const COMPOSED: usize = 120;
/// Files with a slip of the hand.
const SLIPS: usize = 80;

/// One configuration, asked of both sides.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Case {
    pub root: String,
    pub cube: String,
    pub system: Option<String>,
    pub platform: Option<String>,
    pub overrides: Vec<String>,
    pub workspace: Option<String>,
    pub values: Vec<String>,
    pub task: String,
    pub env: BTreeMap<String, String>,
    /// Whether the reference shall merge the cube's own section, as its other runners do.
    pub merged: bool,
    /// The same in the reference's own words, and the row that says why.
    #[serde(skip)]
    pub restated: Option<(&'static str, Box<Case>)>,
}

impl Case {
    /// Whether the cube or the command line has a section for this runner.
    pub fn has_own_section(&self) -> bool {
        let sections = ["k8s", "kubernetes"];
        self.cube
            .lines()
            .any(|line| sections.iter().any(|name| line.starts_with(&format!("{name}:"))))
            || self
                .overrides
                .iter()
                .any(|typed| sections.iter().any(|name| typed.starts_with(&format!("{name}."))))
    }
}

impl Case {
    /// What the reference is asked: the case, the case with the own section merged, the case in
    /// other words.
    pub fn questions(&self) -> Vec<Case> {
        let merged =
            self.has_own_section().then(|| Case { merged: true, restated: None, ..self.clone() });
        let restated = self.restated.as_ref().map(|(_, other)| Case::clone(other));
        [Some(self.clone()), merged, restated].into_iter().flatten().collect()
    }

    /// The same with one thing less, in every way. What is said in two ways stays as it is, or they
    /// would differ.
    pub fn smaller(&self) -> Vec<Case> {
        if self.restated.is_some() {
            return Vec::new();
        }
        let lines: Vec<&str> = self.cube.lines().collect();
        let mut cases: Vec<Case> = (0..lines.len())
            .map(|line| {
                let kept = lines
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != line)
                    .map(|(_, text)| format!("{text}\n"));
                Case { cube: kept.collect(), ..self.clone() }
            })
            .collect();
        if self.system.is_some() || self.workspace.is_some() {
            cases.push(Case { system: None, ..self.clone() });
            cases.push(Case { workspace: None, ..self.clone() });
        }
        cases.extend(
            (!self.overrides.is_empty()).then(|| Case { overrides: Vec::new(), ..self.clone() }),
        );
        cases
            .extend((!self.values.is_empty()).then(|| Case { values: Vec::new(), ..self.clone() }));
        cases.retain(|case| case != self);
        cases
    }
}

/// All cases; `root` is the folder in which the cube is said to lie.
pub fn cases(seed: u64, root: &str, published: &Path) -> Vec<Case> {
    let mut dice = Dice(seed);
    let all: Vec<Piece> = pieces();
    let mut cases: Vec<Case> =
        all.iter().map(|piece| built(root, std::slice::from_ref(piece))).collect();
    cases.extend(TOGETHER.iter().map(|pieces| assembled(root, pieces)));
    for _ in 0..COMPOSED {
        let mut chosen: Vec<Piece> = Vec::new();
        for _ in 0..2 + dice.below(3) {
            let piece = all[dice.below(all.len())].clone();
            let fits = chosen.iter().all(|other| other.slot != piece.slot && !other.is_restated());
            // A restated piece may need any of the slots, so it is put to others only as the first.
            if piece.slot != Slot::Cube && fits && (chosen.is_empty() || !piece.is_restated()) {
                chosen.push(piece);
            }
        }
        cases.push(built(root, &chosen));
    }
    let ordinary: Vec<Piece> = all
        .iter()
        .filter(|piece| piece.slot != Slot::Cube && !piece.is_restated())
        .cloned()
        .collect();
    for _ in 0..SLIPS {
        let mut case = built(root, &[ordinary[dice.below(ordinary.len())].clone()]);
        slip(&mut case.cube, &mut dice);
        cases.push(case);
    }
    cases.extend(published_cubes(root, published));
    cases
}

/// A piece with its place, and how the reference would have it.
#[derive(Clone, Debug)]
struct Piece {
    slot: Slot,
    text: &'static str,
    restated: Option<(&'static str, &'static [(Slot, &'static str)])>,
}

impl Piece {
    fn is_restated(&self) -> bool {
        self.restated.is_some()
    }
}

fn pieces() -> Vec<Piece> {
    let plain =
        PIECES.iter().flat_map(|(slot, texts)| texts.iter().map(|text| (*slot, *text, None)));
    let restated =
        RESTATED.iter().map(|(slot, text, row, other)| (*slot, *text, Some((*row, *other))));
    plain.chain(restated).map(|(slot, text, restated)| Piece { slot, text, restated }).collect()
}

fn built(root: &str, pieces: &[Piece]) -> Case {
    let written = |piece: &Piece| (piece.slot, piece.text);
    let case = assembled(root, &pieces.iter().map(written).collect::<Vec<_>>());
    let restated = pieces.iter().find_map(|piece| piece.restated);
    let other = restated.map(|(row, said)| {
        let others = pieces.iter().filter(|piece| {
            !piece.is_restated() && said.iter().all(|(slot, _)| *slot != piece.slot)
        });
        let other: Vec<_> = said.iter().copied().chain(others.map(written)).collect();
        (row, Box::new(assembled(root, &other)))
    });
    Case { restated: other, ..case }
}

/// A cube of one task, with the pieces in it and around it.
fn assembled(root: &str, pieces: &[(Slot, &str)]) -> Case {
    let of =
        |slot: Slot| pieces.iter().filter(move |(other, _)| *other == slot).map(|(_, text)| *text);
    let one =
        |slot: Slot, usual: &'static str| of(slot).next().map_or(usual.to_owned(), str::to_owned);
    let below = |slot: Slot, indent: usize| {
        let lines = of(slot)
            .flat_map(str::lines)
            .map(move |line| format!("{}{line}\n", " ".repeat(indent)));
        lines.collect::<String>()
    };
    let name = one(Slot::Name, "name: mnist");
    let docker = one(Slot::Docker, "docker: {image: mlcommons/mnist:0.0.1}");
    let value = of(Slot::Value).next().map_or(String::new(), |value| format!("q: {value}\n"));
    let cube = format!(
        "{name}\n{docker}\n{AROUND}\n{value}{lines}tasks:\n  train:\n    parameters:\n      inputs:\n        data_dir: {{type: directory, default: data}}\n{inputs}      outputs:\n        model_dir: {{type: directory, default: model}}\n{outputs}{tasks}{others}",
        lines = below(Slot::Line, 0),
        inputs = below(Slot::Input, 8),
        outputs = below(Slot::Output, 8),
        tasks = below(Slot::Task, 2),
        others = below(Slot::OtherTask, 2),
    );
    let task = match of(Slot::Task).next() {
        Some(task) => task
            [..task.rfind(": ").map_or(task.len() - 1, |_| task.find(':').unwrap_or(0))]
            .trim_matches('\'')
            .to_owned(),
        None if of(Slot::Cube).next().is_some() => "t".to_owned(),
        None => "train".to_owned(),
    };
    Case {
        root: root.to_owned(),
        cube: one(Slot::Cube, "").to_owned()
            + if of(Slot::Cube).next().is_some() { "" } else { &cube },
        system: of(Slot::System).next().map(str::to_owned),
        platform: of(Slot::Platform).next().map(str::to_owned),
        overrides: of(Slot::Override).map(str::to_owned).collect(),
        workspace: of(Slot::Workspace).next().map(str::to_owned),
        values: of(Slot::Argument).map(str::to_owned).collect(),
        task,
        env: env(),
        ..Case::default()
    }
}

fn env() -> BTreeMap<String, String> {
    let pairs = [
        ("V", "val"),
        ("INT", "12"),
        ("EMPTY", ""),
        ("INTERPOLATED", "${v.a}"),
        ("text", "found"),
        ("HOME", "/home/u"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What a hand does to a file by mistake.
fn slip(text: &mut String, dice: &mut Dice) {
    const SIGNS: [char; 24] = [
        '{', '}', '[', ']', ':', ',', '\'', '"', '#', '&', '*', '!', '|', '>', '%', '@', '`', '-',
        ' ', '\n', '\t', '?', '$', '~',
    ];
    let at = (0..=dice.below(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    match dice.below(6) {
        0 | 1 => text.insert(at, SIGNS[dice.below(SIGNS.len())]),
        2 | 3 => drop(text.remove(at)),
        4 => text.truncate(at),
        _ => {
            let mut lines: Vec<&str> = text.lines().collect();
            let from = dice.below(lines.len());
            let line = lines.remove(from);
            lines.insert(dice.below(lines.len()), line);
            *text = lines.join("\n");
        }
    }
}

/// Every task of every published cube, with the settings people use.
fn published_cubes(root: &str, folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for cube in ["emdenoise", "hello_world", "matmul", "mnist"] {
        let text = fs::read_to_string(folder.join(cube).join("mlcube.yaml"))
            .expect("a published cube is here");
        let tasks = text.split("\ntasks:\n").nth(1).unwrap_or_default().lines();
        let tasks = tasks.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        for task in tasks.map(|line| line.trim().trim_end_matches(':').to_owned()) {
            let plain = Case {
                root: root.to_owned(),
                cube: text.clone(),
                task,
                env: env(),
                ..Case::default()
            };
            let system = Some(
                "platforms: {k8s: {runner: k8s, pvc: data-claim, namespace: team}}".to_owned(),
            );
            let overrides = vec!["docker.image=mirror/it:2".to_owned()];
            cases.push(Case { workspace: Some("/data/w".into()), ..plain.clone() });
            cases.push(Case { system, overrides, ..plain.clone() });
            cases.push(plain);
        }
    }
    cases
}
