//! Policies that break: first the reviews before them and what they wrote themselves, then the error
//! with their own words and place; for people, as JSON, in audit and in recordings. And texts of
//! several lines, or of too many.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::hostile::guest::Guest;
use crate::support::policy;
use crate::support::rows::slug;
use crate::support::team::{Done, Team, label};
use crate::trials;

pub fn all() -> Vec<Trial> {
    let told = trials("breaking/told", told(), |row| row.0, check_told);
    let words = trials("breaking/words", words(), |row| row.0, check_words);
    let texts = trials("breaking/texts", texts(), |row| row.0, check_text);
    let early = trials("breaking/early", early(), |row| row.0, check_early);
    let kept = trials("breaking/kept", ["json", "recording", "audit"], |row| *row, check_kept);
    [told, words, texts, early, kept].into_iter().flatten().collect()
}

/// Where the policy `caller` panics.
const PANIC: &str = "it panicked at tests/guests/caller/src/lib.rs:";

/// A name, the calls of the policy that comes second, and what is told, in this order.
type Told = (&'static str, Value, &'static [&'static str]);

fn told() -> Vec<Told> {
    const FIRST: &str = "review    first admits the Job with 2 edits\n";
    vec![
        (
            "a panic",
            json!([["trap", "no rule for `train`"]]),
            &[
                FIRST,
                "review    second gives no verdict\n",
                "error: policy `second` broke in `review`: it panicked at \
                 tests/guests/caller/src/lib.rs:",
                ": no rule for `train`\nhint: this is a bug in the policy",
            ],
        ),
        (
            "its lines at every level",
            json!([
                ["log", "debug", "one"],
                ["log", "info", "two"],
                ["log", "warn", "three"],
                ["trap"]
            ]),
            &[
                FIRST,
                "review    second gives no verdict\n",
                "debug     second: one\n",
                "info      second: two\n",
                "warn      second: three\n",
                "error: policy `second` broke in `review`: it panicked at ",
            ],
        ),
        (
            "a panic of several lines",
            json!([["trap", "no rule\nfor `train`\t\u{1b}[2J"]]),
            &[FIRST, ": no rule for `train` \u{fffd}[2J\nhint: "],
        ),
        (
            "a limit",
            json!([["log", "info", "before"], ["set-label", "a", "b"], ["set-label", "a", "c"]]),
            &[
                FIRST,
                "review    second gives no verdict\n",
                "info      second: before\n",
                "error: policy `second` was stopped in `review` at its `edits` limit of 2: it asked for 3",
            ],
        ),
    ]
}

fn check_told((name, calls, expected): Told) {
    let done = run(&format!("told-{}", slug(name)), calls, json!({}), &["--limit", "edits=2"]);
    assert_eq!(done.code, Some(4), "{}", done.told);
    in_order(&done.told, expected);
}

/// Policies by hand and with `panic` in them: a name, the deed of `hostile`, and what is said.
type Words = (&'static str, &'static str, &'static str);

fn words() -> Vec<Words> {
    let row = |name, deed, said| (name, deed, said);
    vec![
        row("a message", "panic", ": on purpose"),
        row("an index", "index", ": index out of bounds: the len is 3 but the index is 7"),
        row("a division", "divide", ": attempt to divide by zero"),
        row("an unwrap", "unwrap", ": called `Option::unwrap()` on a `None` value"),
        row("something else", "panic-with-a-number", ": without a message"),
        row("a long message", "panic-at-length", "xxx… ("),
    ]
}

fn check_words((name, deed, said): Words) {
    let team = Team::new(&format!("words-{}", slug(name)));
    let entry = json!({"module": policy::file("hostile"), "settings": {"do": deed}});
    let done = team.file(json!({"policies": [entry]})).render(&[]);
    assert_eq!(done.code, Some(4), "{}", done.told);
    let place = "error: policy `hostile` broke in `review`: it panicked at ";
    let error = done.told.lines().find(|line| line.starts_with("error")).unwrap_or_default();
    assert!(error.starts_with(place) && error.contains(said), "{}", done.told);
    assert!(error.contains("tests/guests/hostile/src/lib.rs:"), "{}", done.told);
}

/// A name, calls, and what is told of them, in this order; a policy that admits or rejects.
type Text = (&'static str, Value, &'static [&'static str]);

fn texts() -> Vec<Text> {
    let many = |count: usize| -> Value {
        (0..count).map(|line| json!(["log", "warn", format!("line {line}")])).collect()
    };
    let long = "x".repeat(2001);
    vec![
        (
            "a line break in a line",
            json!([["log", "warn", "one\ntwo\r\n\tthree\n"]]),
            &["warn      second: one\n                  two\n                      three\npolicy"],
        ),
        (
            "a line break in a reason",
            json!([["reject", "one\n  two\tthree", "do this:\n  that"]]),
            &[
                "error: policy `second` rejects the Job: one two three\nhint: do this:\n        that\n",
            ],
        ),
        (
            "a line break in a warning",
            json!([["warn", ["one\ntwo"]]]),
            &["warn      second: one two\n"],
        ),
        (
            "a line that is no error",
            json!([["log", "warn", "fine\nerror: policy `first` rejects the Job"]]),
            &["warn      second: fine\n                  error: policy"],
        ),
        (
            "too many lines",
            many(203),
            &[
                "second: line 199\n",
                "warn      second: 3 more lines were dropped at the `log-lines` limit of 200\n",
            ],
        ),
        (
            "one line too many",
            many(201),
            &[
                "second: line 199\n",
                "second: 1 more line was dropped at the `log-lines` limit of 200",
            ],
        ),
        (
            "too many warnings",
            json!([["warn", vec!["again"; 202]]]),
            &[
                "second: again\n",
                "second: 2 more sentences were dropped at the `log-lines` limit of 200",
            ],
        ),
        ("a text that is cut", json!([["log", "warn", long]]), &["xxx… (1 more byte)\n"]),
        ("a reason that is cut", json!([["reject", long]]), &["xxx… (1 more byte)\n"]),
    ]
}

fn check_text((name, calls, expected): Text) {
    let rejects = calls[0][0] == "reject";
    let done = run(&format!("texts-{}", slug(name)), calls, json!({}), &[]);
    assert_eq!(done.code, Some(if rejects { 3 } else { 0 }), "{}", done.told);
    // What follows the review.
    in_order(&format!("{}policy", done.told), expected);
}

/// A name, the policy, and what is told: the lines that it logged before any review, then the error.
type Early = (&'static str, Vec<u8>, &'static str, &'static [&'static str]);

fn early() -> Vec<Early> {
    let describing = |ending: &str| {
        let line = "(call $log (i32.const 1) (i32.const 4096) (i32.const 10))";
        Guest::new().data(4096, "no schema!").with("describe", format!("{line} {ending}")).module()
    };
    let hostile = || policy::bytes("hostile");
    vec![
        (
            "a panic in validate-settings",
            hostile(),
            "panic-while-validating",
            &[
                "debug     p: looking at `do`\n",
                "warn      p: no rule\n             for it\n",
                "error: policy `p` broke in `validate-settings`: it panicked at ",
            ],
        ),
        (
            "a limit in validate-settings",
            hostile(),
            "loop-while-validating",
            &[
                "info      p: again and again\n",
                "error: policy `p` was stopped in `validate-settings` at its `fuel` limit",
            ],
        ),
        (
            "a trap in describe",
            describing("unreachable"),
            "",
            &["info      p: no schema!\n", "error: policy `p` broke in `describe`: "],
        ),
        (
            "a limit in describe",
            describing("(loop (br 0)) unreachable"),
            "",
            &["info      p: no schema!\n", "error: policy `p` was stopped in `describe` at its "],
        ),
    ]
}

/// The same for people, in a recording and its replay, and as JSON.
fn check_early((name, module, deed, expected): Early) {
    let team = Team::new(&format!("early-{}", slug(name)));
    std::fs::write(team.path("p.wasm"), module).expect("a policy");
    let settings = if deed.is_empty() { json!({}) } else { json!({"do": deed}) };
    let entry = json!({"module": "p.wasm", "settings": settings});
    team.file(json!({"policies": [entry]}));
    let file = team.path("run.json").display().to_string();
    let done = team.render(&["--record", &file]);
    assert_eq!(done.code, Some(4), "{}", done.told);
    in_order(&done.told, expected);
    let recorded = json_of(&std::fs::read_to_string(&file).expect("a recording"));
    let replayed = team.run(&["policy", "replay", &file]);
    assert_eq!(replayed.code, Some(4), "{}", replayed.told);
    in_order(&replayed.told, expected);
    let cube = ["run", "--mlcube", "tests/cases/documented", "-o", "json"];
    let done = team.run(&cube);
    let error = done.out.lines().map(json_of).find(|event| event["event"] == "error");
    let error = error.expect("an error");
    assert_eq!((&error["policy"], &error["log"]), (&json!("p"), &recorded["log"]), "{error}");
    let first = error["log"][0]["message"].as_str().expect("a line");
    assert!(expected[0].contains(first), "{error}");
    assert_eq!(error["message"], recorded["error"]);
}

/// The reviews before the one that broke, and its own lines, are kept wherever reviews are.
fn check_kept(where_to: &str) {
    let calls = json!([["log", "info", "so far"], ["set-label", "a", "b"], ["trap", "no"]]);
    let name = format!("kept-{where_to}");
    let expected = |review: &Value| {
        assert_eq!(review["log"], json!([{"level": "info", "message": "so far"}]), "{review}");
        assert_eq!(review["edits"].as_array().map(Vec::len), Some(2), "{review}");
    };
    match where_to {
        "json" => {
            let done = run(&name, calls, json!({}), &["--explain=json"]);
            let lines: Vec<Value> = done.out.lines().map(json_of).collect();
            assert_eq!((done.code, lines.len()), (Some(4), 2), "{}", done.out);
            assert_eq!(
                (&lines[0]["policy"], &lines[0]["verdict"]),
                (&json!("first"), &json!("admit"))
            );
            assert_eq!(lines[1]["verdict"], "broke");
            let why = lines[1]["rejection"]["reason"].as_str().unwrap_or_default();
            assert!(why.contains(PANIC), "{why}");
            expected(&lines[1]);
        }
        "recording" => {
            let team = team(&name, calls, json!({}));
            let file = team.path("run.json").display().to_string();
            assert_eq!(team.render(&["--record", &file]).code, Some(4));
            let recorded = std::fs::read_to_string(&file).expect("a recording");
            let job = &json_of(&recorded)["jobs"][0];
            assert_eq!(job["reviews"][0]["policy"], "first");
            assert!(job["error"].as_str().is_some_and(|error| error.contains(PANIC)), "{job}");
            expected(&job["reviews"][1]);
            let replayed = team.run(&["policy", "replay", &file]);
            assert_eq!(replayed.code, Some(4), "{}", replayed.told);
            in_order(
                &replayed.told,
                &["info      second: so far\n", "error: policy `second` broke"],
            );
        }
        _ => {
            let done = run(&name, calls, json!({"mode": "audit"}), &[]);
            assert_eq!(done.code, Some(0), "{}", done.told);
            let broke =
                "review    second would end the run (audit): policy `second` broke in `review`: ";
            in_order(&done.told, &[broke, PANIC, "info      second: so far\n"]);
        }
    }
}

/// A policy that sets a label, and one that makes these calls.
fn run(name: &str, calls: Value, more: Value, arguments: &[&str]) -> Done {
    team(name, calls, more).render(arguments)
}

fn team(name: &str, calls: Value, more: Value) -> Team {
    let team = Team::new(&format!("breaking-{name}"));
    team.policies(&[("first", label("a"), json!({})), ("second", calls, more)]);
    team
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// All words stand in a text, one after the other.
fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for words in words {
        let Some((_, after)) = rest.split_once(words) else {
            panic!("`{words}` is not in its place in\n{text}")
        };
        rest = after;
    }
}
