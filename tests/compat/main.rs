//! The proof against the reference: on a corpus of configurations both build the same configuration
//! and the same Job, but for the differences that `docs/compatibility.md` names.

#![allow(clippy::panic, reason = "a test fails by panicking")]

/// An answer of either side, and where two of them differ.
mod answer;
/// The cases, made of pieces.
mod corpus;
/// What this project makes of a case.
mod ours;
/// The parts of an answer by name.
mod parts;
/// Every form that a cube, the settings or the command line may take.
mod pieces;
/// What shows why one side refuses.
mod reasons;
/// The reference, installed and asked.
mod reference;
/// How each rule says the reference's answer anew.
mod rewrites;
/// What a rule is.
mod rules;
#[path = "../support/mod.rs"]
mod support;
/// The differences that were decided.
mod table;
/// How the reference fills in `tasks`.
mod tasks;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use answer::Answer;
use corpus::Case;
use reference::Reference;
use rules::Asked;
use support::{cases, workspace};

/// Another number makes another corpus, for longer searches.
const SEED: &str = "MLCUBE_COMPAT_SEED";

/// A case with what each side made of it.
#[derive(Clone)]
struct Row {
    case: Case,
    ours: Answer,
    theirs: Answer,
    merged: Option<Answer>,
    restated: Option<(&'static str, Answer)>,
}

#[test]
#[ignore = "needs Python and PyPI: cargo xtask test"]
fn both_mean_the_same() {
    let mut reference = Reference::ready();
    let rows = rows(&mut reference);
    let mut used = vec![0; table::RULES.len()];
    let mut wrong = Vec::new();
    for row in &rows {
        match explain(row) {
            (rules, left) if left.is_empty() => {
                rules.into_iter().for_each(|rule: usize| used[rule] += 1)
            }
            _ => wrong.push(row),
        }
    }
    let count = |is_built: bool| {
        rows.iter()
            .filter(|row| {
                [&row.ours, &row.theirs].iter().all(|side| side.built().is_some() == is_built)
            })
            .count()
    };
    let (built, refused) = (count(true), count(false));
    say(&format!("{} configurations: both build {built}, both refuse {refused}", rows.len()));
    table::RULES
        .iter()
        .zip(&used)
        .for_each(|(rule, count)| say(&format!("{count:5} {}", rule.row)));
    assert!(rows.len() >= 500 && built * 3 > rows.len(), "the corpus lost its sense");
    // The smallest of a few is enough to begin with.
    wrong.sort_by_key(|row| row.case.cube.len());
    let shown: Vec<String> = wrong.iter().take(5).map(|row| shrunk(row, &mut reference)).collect();
    assert!(wrong.is_empty(), "{} differences have no row:\n{}", wrong.len(), shown.join("\n"));
    let dead = table::RULES.iter().enumerate().filter(|(rule, _)| used[*rule] == 0);
    let dead: Vec<String> =
        dead.map(|(number, rule)| format!("rule {number}, `{}`", rule.row)).collect();
    assert!(dead.is_empty(), "these explain nothing: {}", dead.join(", "));
}

#[test]
fn every_row_is_in_the_document_and_used() {
    let text = std::fs::read_to_string(workspace().join("docs/compatibility.md"))
        .expect("the document is here");
    let cells = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |").map(|(row, _)| row));
    let written: BTreeSet<&str> = cells.collect();
    let used: BTreeSet<&str> = table::RULES.iter().map(|rule| rule.row).collect();
    assert_eq!(written, used, "left: the document, right: the test");
}

/// The case without every line and word that the difference does not need, and both answers.
fn shrunk(row: &Row, reference: &mut Reference) -> String {
    let mut smallest = row.clone();
    loop {
        let smaller = smallest.case.smaller().into_iter().map(|case| asked(case, reference));
        match smaller.into_iter().find(|row| !explain(row).1.is_empty()) {
            Some(row) => smallest = row,
            None => break,
        }
    }
    let case = serde_json::to_string_pretty(&smallest.case).expect("a case is JSON");
    format!(
        "{case}\n{}\nours:   {}\ntheirs: {}\n",
        explain(&smallest).1.join("\n"),
        smallest.ours,
        smallest.theirs
    )
}

/// The rules that apply, and what they leave unexplained.
fn explain(row: &Row) -> (Vec<usize>, Vec<String>) {
    let mut theirs = row.theirs.clone();
    let asked = Asked {
        case: &row.case,
        ours: &row.ours,
        merged: row.merged.as_ref(),
        restated: row.restated.as_ref().map(|(id, answer)| (*id, answer)),
    };
    let mut explained = Vec::new();
    for (number, rule) in table::RULES.iter().enumerate() {
        if !answer::differences(&row.ours, &theirs).is_empty() && rule.apply(&asked, &mut theirs) {
            explained.push(number);
        }
    }
    (explained, answer::differences(&row.ours, &theirs))
}

fn rows(reference: &mut Reference) -> Vec<Row> {
    let seed = std::env::var(SEED).map_or(0, |text| text.parse().expect("the seed is a number"));
    let cases = corpus::cases(seed, "/cubes/it", &cases("cubes"));
    let questions: Vec<Case> = cases.iter().flat_map(Case::questions).collect();
    let mut answers = reference.ask_all(&questions).into_iter();
    cases.into_iter().map(|case| row(case, &mut answers)).collect()
}

fn asked(case: Case, reference: &mut Reference) -> Row {
    let answers = reference.ask_all(&case.questions());
    row(case, &mut answers.into_iter())
}

fn row(case: Case, answers: &mut impl Iterator<Item = Answer>) -> Row {
    let mut next = || answers.next().expect("each question has an answer");
    let theirs = next();
    let merged = case.has_own_section().then(&mut next);
    let restated = case.restated.as_ref().map(|(row, _)| (*row, next()));
    Row { ours: ours::ask(&case), theirs, merged, restated, case }
}

/// Shown at once, although the test runner keeps what tests print.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A folder for what the test writes.
fn scratch() -> PathBuf {
    workspace().join("target/tests/compat")
}
