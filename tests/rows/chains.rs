//! Policies that are asked again because another changed the Job after their turn: what they reject
//! then is rejected, what they change is told, and what does not settle is an error.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::policy::{self, Limit, Limits, PolicyChain, PolicySource};
use crate::support::rows::slug;
use crate::support::team::{Done, Team, label};
use crate::{trial, trials};

pub fn all() -> Vec<Trial> {
    let mut all = trials("chains", rows(), |row| row.name, check);
    all.push(trial("chains/as-data", check_data));
    all.push(trial("chains/replayed", check_replay));
    all.push(trial("chains/each-turn-has-its-own-budget", check_budget));
    all.push(trial("chains/nobody-is-asked-again-for-nothing", check_cost));
    all
}

/// Where the label `team` stands.
const TEAM: &str = "/metadata/labels/team";
/// Where the label `owner` stands.
const OWNER: &str = "/metadata/labels/owner";

/// Policies by name, with the calls of each and more of its entry; and what comes of them.
struct Row {
    name: &'static str,
    policies: Vec<(&'static str, Value, Value)>,
    arguments: &'static [&'static str],
    code: i32,
    /// What is told, in this order.
    told: &'static [&'static str],
    /// What is not told.
    untold: &'static [&'static str],
}

/// One that rejects a Job whose label has a value.
fn forbids(place: &str, value: &str) -> Value {
    json!([
        ["only-if", place, json!(value).to_string()],
        ["reject", format!("`{value}` is forbidden")]
    ])
}

/// One that sets the label `owner` where there is a `team`.
fn mirror() -> Value {
    json!([["only-unless", TEAM, "none"], ["set-label", "owner", "x"]])
}

fn rows() -> Vec<Row> {
    let plain = |name, calls| (name, calls, json!({}));
    let audited = |name, calls| (name, calls, json!({"mode": "audit"}));
    let row = |name, policies, code, told, untold| Row {
        name,
        policies,
        arguments: &[],
        code,
        told,
        untold,
    };
    vec![
        row(
            "a rule that a later policy breaks",
            vec![plain("rule", forbids(TEAM, "x")), plain("setter", label("x"))],
            3,
            &[
                "review    rule admits the Job as it is\n",
                "review    setter admits the Job with 2 edits\n",
                "review    rule rejects the Job, asked again after `setter`\n",
                "error: policy `rule` rejects the Job: `x` is forbidden",
            ],
            &[],
        ),
        row(
            "a rule that a later policy keeps",
            vec![plain("rule", forbids(TEAM, "x")), plain("setter", label("y"))],
            0,
            &["review    setter admits the Job with 2 edits\n"],
            &["asked again", "warning"],
        ),
        row(
            "an edit when asked again",
            vec![plain("mirror", mirror()), plain("setter", label("x"))],
            0,
            &[
                "review    mirror admits the Job as it is\n",
                "review    setter admits the Job with 2 edits\n",
                "review    mirror admits the Job with 2 edits, asked again after `setter`\n",
            ],
            &["setter admits the Job as it is", "warning"],
        ),
        row(
            "a rule that an edit of the second round breaks",
            vec![
                plain("rule", forbids(OWNER, "x")),
                plain("mirror", mirror()),
                plain("setter", label("x")),
            ],
            3,
            &[
                "mirror admits the Job with 2 edits, asked again after `setter`\n",
                "review    rule rejects the Job, asked again after `mirror`\n",
                "error: policy `rule` rejects the Job: `x` is forbidden",
            ],
            &[],
        ),
        row(
            "a rule that an edit of the second round keeps",
            vec![
                plain("rule", forbids(OWNER, "y")),
                plain("mirror", mirror()),
                plain("setter", label("x")),
            ],
            0,
            &["mirror admits the Job with 2 edits, asked again after `setter`\n"],
            &["rule rejects"],
        ),
        row(
            "two that do not settle",
            vec![plain("first", label("a")), plain("second", label("b"))],
            4,
            &[
                "review    first admits the Job with 2 edits, asked again after `second`\n",
                "review    second admits the Job with 2 edits, asked again after `first`\n",
                "error: policies `first` and `second` do not settle: after two rounds `first` still changes \
                 `/metadata/labels/team`, because `second` has changed the Job\n",
                "hint: a policy is asked again when another has changed the Job after it",
            ],
            &[],
        ),
        row(
            "three of which two do not settle",
            vec![
                plain("first", label("a")),
                plain("rule", forbids(TEAM, "z")),
                plain("second", label("b")),
            ],
            4,
            &["error: policies `first` and `second` do not settle: "],
            &[],
        ),
        row(
            "two that answer each other at other places",
            vec![
                plain(
                    "first",
                    json!([
                        ["only-unless", OWNER, "\"a\""],
                        ["set-label", "team", "b"],
                        ["set-label", "owner", "a"]
                    ]),
                ),
                plain("second", json!([["set-label", "owner", "b"]])),
            ],
            4,
            &[
                "`first` still changes `/metadata/labels/owner`, because `second` has changed the Job\n",
            ],
            &[],
        ),
        row(
            "one that gives way",
            vec![
                plain("first", json!([["only-if", TEAM, "none"], ["set-label", "team", "a"]])),
                plain("second", label("b")),
            ],
            0,
            &["warning   `second` overwrites what `first` wrote at /metadata/labels/team"],
            &["asked again"],
        ),
        row(
            "edits of an audited policy do not count",
            vec![plain("rule", forbids(TEAM, "x")), audited("setter", label("x"))],
            0,
            &["setter would admit the Job with 2 edits (audit)\n"],
            &["asked again"],
        ),
        row(
            "an audited policy judges the last Job",
            vec![audited("rule", forbids(TEAM, "x")), plain("setter", label("x"))],
            0,
            &[
                "review    rule would reject the Job (audit): `x` is forbidden, asked again after `setter`\n",
            ],
            &[],
        ),
        row(
            "an audited policy that never settles",
            vec![
                audited("first", label("a")),
                plain("second", label("b")),
                audited("third", label("c")),
            ],
            0,
            &["first would admit the Job with 2 edits (audit), asked again after `second`\n"],
            &["warning"],
        ),
        row(
            "one that breaks when asked again",
            vec![
                plain("first", json!([["only-if", TEAM, "\"x\""], ["trap", "late"]])),
                plain("second", label("x")),
            ],
            4,
            &[
                "review    second admits",
                "review    first gives no verdict, asked again after `second`\n",
                "error: policy `first` broke in `review`: it panicked at ",
            ],
            &[],
        ),
        row(
            "a rejection of the third round stands before its edits",
            vec![
                plain(
                    "rule",
                    json!([
                        ["only-if", OWNER, "\"x\""],
                        ["set-label", "more", "x"],
                        ["reject", "no"]
                    ]),
                ),
                plain("mirror", mirror()),
                plain("setter", label("x")),
            ],
            3,
            &["error: policy `rule` rejects the Job: no\n"],
            &["do not settle"],
        ),
        row(
            "a warning is told once",
            vec![plain("first", json!([["warn", ["look out"]]])), plain("second", label("x"))],
            0,
            &["warn      first: look out\n"],
            &["asked again"],
        ),
        row(
            "a warning that is new",
            vec![
                plain("first", json!([["only-if", TEAM, "\"x\""], ["warn", ["look out"]]])),
                plain("second", label("x")),
            ],
            0,
            &["asked again after `second`\nwarn      first: look out\n"],
            &[],
        ),
        Row {
            name: "an explanation tells every turn",
            policies: vec![plain("rule", forbids(TEAM, "y")), plain("setter", label("x"))],
            arguments: &["--explain"],
            code: 0,
            told: &["review    rule admits the Job as it is, asked again after `setter`\n"],
            untold: &["setter admits the Job as it is"],
        },
    ]
}

fn check(row: Row) {
    let team = Team::new(&format!("chains-{}", slug(row.name)));
    let Done { code, told, .. } = team.policies(&row.policies).render(row.arguments);
    assert_eq!(code, Some(row.code), "{told}");
    let mut rest = told.as_str();
    for words in row.told {
        let Some((_, after)) = rest.split_once(words) else {
            panic!("`{words}` is not in its place in\n{told}")
        };
        rest = after;
    }
    assert_eq!(told.matches("look out").count(), usize::from(told.contains("look out")), "{told}");
    row.untold.iter().for_each(|words| assert!(!told.contains(words), "`{words}` is in\n{told}"));
}

/// Each turn is an event, and the Job names each policy once.
fn check_data() {
    let team = Team::new("chains-as-data");
    team.policies(&[("mirror", mirror(), json!({})), ("setter", label("x"), json!({}))]);
    let lines = team.render(&["--explain=json"]).out;
    let lines = lines.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let turns = lines.map(|line: Value| {
        json!([
            line["policy"],
            line["round"],
            line["after"],
            line["edits"].as_array().map(Vec::len)
        ])
    });
    let expected = json!([
        ["mirror", 1, null, 0],
        ["setter", 1, null, 2],
        ["mirror", 2, "setter", 2],
        ["setter", 2, "mirror", 0],
    ]);
    assert_eq!(turns.collect::<Value>(), expected);
    let job: Value = serde_json::from_str(&team.render(&["-o", "json"]).out).expect("a Job");
    let note = job["metadata"]["annotations"]["mlcube-k8s.dev/policies"].as_str().expect("a note");
    let note: Value = serde_json::from_str(note).expect("JSON");
    let names: Vec<_> =
        note["policies"].as_array().into_iter().flatten().map(|policy| &policy["name"]).collect();
    assert_eq!((names, &note["edits"]), (vec![&json!("mirror"), &json!("setter")], &json!(4)));
}

/// Every turn is recorded, and replayed.
fn check_replay() {
    let ends: [(&str, Value, i32); 3] = [
        ("settled", mirror(), 0),
        ("rejected", forbids(TEAM, "x"), 3),
        ("unsettled", label("y"), 4),
    ];
    for (name, calls, code) in ends {
        let team = Team::new(&format!("chains-replayed-{name}"));
        team.policies(&[("first", calls, json!({})), ("setter", label("x"), json!({}))]);
        let file = team.path("run.json").display().to_string();
        let recorded = team.render(&["--record", &file]);
        let replayed = team.run(&["policy", "replay", &file]);
        assert_eq!((recorded.code, replayed.code), (Some(code), Some(code)), "{}", replayed.told);
        assert_eq!(recorded.out, replayed.out, "{name}");
        let text = std::fs::read_to_string(&file).expect("a recording");
        assert!(text.contains("\"round\": 2") && text.contains("\"after\": \"setter\""), "{text}");
    }
}

/// Two edits in each of two turns are not too many where two are allowed.
fn check_budget() {
    let first = json!([
        ["set-label", "team", "a"],
        ["only-unless", OWNER, "none"],
        ["set-label", "more", "x"]
    ]);
    let chain = chain(
        Limits::default().with(Limit::Edits, 2),
        &[first, json!([["set-label", "owner", "b"]])],
    );
    let admitted = chain.review(policy::small_job()).unwrap_or_else(|error| panic!("{error:?}"));
    let turns: Vec<_> =
        admitted.reviews().iter().map(|review| (review.round, review.edits.len())).collect();
    assert_eq!(turns, [(1, 2), (1, 2), (2, 2), (2, 0)]);
}

/// Where nobody wrote after a policy, it is not asked again.
fn check_cost() {
    let none = json!([]);
    let rows: [(&[Value], usize); 4] = [
        (&[none.clone(), none.clone()], 2),
        (&[label("a"), none.clone(), none.clone()], 3),
        (&[none.clone(), label("a"), none.clone()], 4),
        (&[label("a"), label("a")], 2),
    ];
    for (policies, expected) in rows {
        let reviewed = chain(Limits::default(), policies).review(policy::small_job());
        let admitted = reviewed.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(admitted.reviews().len(), expected, "{policies:?}");
        assert_eq!(admitted.original(), policy::small_job());
    }
}

fn chain(limits: Limits, policies: &[Value]) -> PolicyChain {
    let source = |(index, calls): (usize, &Value)| -> PolicySource {
        let name = format!("caller-{index}");
        let (file, bytes) = (policy::file("caller"), policy::bytes("caller"));
        policy::source_of(&name, file, bytes, json!({"calls": calls}))
    };
    policy::chain_of(&policy::host(limits), policies.iter().enumerate().map(source).collect())
}
