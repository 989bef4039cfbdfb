//! What people see is what is there: characters that act on a terminal or hide, in every text of
//! others that comes to be shown; and secrets, which are not shown.

use std::fs;

use libtest_mimic::Trial;
use mlcube_k8s::text::visible;
use serde_json::{Value, json};

use crate::hostile::guest::Guest;
use crate::support::rows::slug;
use crate::support::team::{Done, Team};
use crate::support::{self, policy};
use crate::{trial, trials};

/// Characters that act, turn or hide.
const CHARACTERS: [(&str, char); 18] = [
    ("escape", '\u{1b}'),
    ("bell", '\u{7}'),
    ("backspace", '\u{8}'),
    ("carriage return", '\r'),
    ("delete", '\u{7f}'),
    ("next line", '\u{85}'),
    ("control sequence introducer", '\u{9b}'),
    ("right-to-left override", '\u{202e}'),
    ("isolate", '\u{2066}'),
    ("mark of direction", '\u{200f}'),
    ("zero-width space", '\u{200b}'),
    ("zero-width joiner", '\u{200d}'),
    ("byte order mark", '\u{feff}'),
    ("soft hyphen", '\u{ad}'),
    ("line separator", '\u{2028}'),
    ("variation selector", '\u{fe0f}'),
    ("filler", '\u{3164}'),
    ("tag", '\u{e0041}'),
];

/// A text of others: what it is, and a command that shows it. Files are made in the folder of the
/// team, which is called `TEAM`.
type Source = (&'static str, fn(&Team, &str) -> Vec<String>);

const SOURCES: [Source; 18] = [
    ("key of a policies file", |team, text| {
        team.text(&format!("policies: []\n{}: 1\n", yaml(&format!("x{text}"))));
        render(&[])
    }),
    ("name of a policies file", |team, text| {
        team.text("policies: []\n");
        let path = format!("TEAM/a{text}b.yaml");
        fs::write(team.path(&path["TEAM/".len()..]), "policies: []\n").expect("a file");
        render(&["--policies", &path])
    }),
    ("name of a file that is not there", |_, text| {
        render(&["--policies", &format!("TEAM/a{text}b")])
    }),
    ("name of a module", |team, text| {
        team.text(&format!("policies: [{{name: p, module: {}}}]", yaml(&format!("a{text}b.wasm"))));
        render(&[])
    }),
    ("name of a policy", |team, text| {
        team.text(&format!("policies: [{{name: {}, module: p.wasm}}]", yaml(&format!("a{text}b"))));
        render(&[])
    }),
    ("field of a lock", |team, text| {
        team.text("policies: []\n");
        let lock =
            format!("version: 2\npolicies: []\nlimits: {{}}\n{}: 1\n", yaml(&format!("a{text}")));
        fs::write(team.path("policies.lock"), lock).expect("a lock");
        render(&[])
    }),
    ("program of a recording", |team, text| replay(team, |it| it["program"] = text.into())),
    ("error of a recording", |team, text| replay(team, |it| it["error"] = text.into())),
    ("limit of a recording", |team, text| replay(team, |it| it["limits"] = json!({text: "1"}))),
    ("policy of a recording", |team, text| {
        replay(team, |it| it["policies"][0]["name"] = text.into())
    }),
    ("settings", |team, text| {
        fs::write(team.path("s.yaml"), format!("{}: 1\n", yaml(&format!("x{text}"))))
            .expect("a file");
        let module = policy::file("node-selector").display().to_string();
        render(&["--policy", &format!("p={module}"), "--settings", "p=TEAM/s.yaml"])
    }),
    ("cube", |team, text| cube(team, text, &["describe"])),
    ("cube as JSON", |team, text| cube(team, text, &["describe", "-o", "json"])),
    ("configuration", |team, text| cube(team, text, &["config"])),
    ("configuration as JSON", |team, text| cube(team, text, &["config", "-o", "json"])),
    ("edit", |team, text| edit(team, text, "--explain")),
    ("edit as JSON", |team, text| edit(team, text, "--explain=json")),
    ("schema", |team, text| {
        let schema =
            json!({"title": text, "properties": {"a": {"description": text, "default": text}}});
        inspect(team, Guest::new().describing(2, text).describing(3, schema.to_string()), "json")
    }),
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn render(arguments: &[&str]) -> Vec<String> {
    words(&[&["render", "--mlcube", "tests/cases/documented"], arguments].concat())
}

fn cube(team: &Team, text: &str, command: &[&str]) -> Vec<String> {
    let cube = format!(
        "name: {0}\ndescription: {0}\ndocker: {{image: i:1}}\ntasks: {{{0}: {{}}}}\n",
        yaml(&format!("a{text}b"))
    );
    fs::write(team.path("mlcube.yaml"), cube).expect("a cube");
    words(&[command, &["--mlcube", "TEAM/"]].concat())
}

fn edit(team: &Team, text: &str, explain: &str) -> Vec<String> {
    let value = format!("a{text}b");
    let calls = json!([["set-annotation", "example.org/a", value]]);
    team.policies(&[("p", calls, json!({}))]);
    render(&[explain])
}

fn replay(team: &Team, alter: impl FnOnce(&mut Value)) -> Vec<String> {
    let policy = json!({
        "name": "p", "path": "p", "mode": "enforce", "grants": [], "settings": {}, "digest": "", "bytes": "",
    });
    let mut recording = json!({
        "version": 1, "program": "0.0.1", "limits": {}, "policies": [policy], "error": "broke", "jobs": [],
    });
    alter(&mut recording);
    if recording["policies"][0]["name"] == "p" {
        recording["policies"] = json!([]);
    }
    fs::write(team.path("run.json"), recording.to_string()).expect("a recording");
    words(&["policy", "replay", "TEAM/run.json"])
}

fn inspect(team: &Team, guest: Guest, format: &str) -> Vec<String> {
    fs::write(team.path("p.wasm"), guest.module()).expect("a policy");
    words(&["policy", "inspect", "TEAM/p.wasm", "-o", format])
}

/// A text in double quotes, with escapes for all that is not ASCII.
fn yaml(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

pub fn all() -> Vec<Trial> {
    let rows = SOURCES.iter().flat_map(|source| CHARACTERS.map(|it| (*source, it)));
    let name =
        |(source, character): &(Source, (&str, char))| format!("{} {}", source.0, character.0);
    let mut all = trials("seen/character", rows, name, is_harmless);
    all.extend(trials("seen/usual", SOURCES, |source| source.0, stays));
    all.extend(trials("seen/secret", SECRETS, |row| row.0, is_hidden));
    all.push(trial("seen/digests-are-too-long-for-a-pair", digests_are_long));
    all.push(trial("seen/secret/a-recording-asks-for-it", recordings_ask));
    all.push(trial("seen/secret/an-unused-policy-needs-none", unused_policies_need_none));
    all
}

fn run(team: &Team, arguments: &[String]) -> Done {
    let folder = team.path("").display().to_string();
    let mut command = support::program();
    command.args(arguments.iter().map(|word| word.replace("TEAM/", &folder)));
    team.done(command.env("MLCUBE_K8S_POLICIES", team.path("policies.yaml")))
}

fn is_harmless(((source, make), (name, character)): (Source, (&str, char))) {
    let team = Team::new(&format!("seen-{}", slug(&format!("{source} {name}"))));
    team.text("policies: []\n");
    let arguments = make(&team, &character.to_string());
    let done = run(&team, &arguments);
    let all = [done.out, done.told].concat();
    for line in all.split('\n') {
        assert_eq!(visible(line), line, "{source}: {name}");
    }
    let code = u32::from(character);
    let mut units = [0; 2];
    let json: String =
        character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    let forms = [
        format!("\\u{{{code:x}}}"),
        json,
        format!("\\U{code:08x}"),
        format!("\\x{code:02X}"),
        "\u{fffd}".to_owned(),
        character.escape_debug().to_string(),
        "\\b".to_owned(),
    ];
    assert!(forms.iter().any(|form| all.contains(form)), "it is not seen: {all}");
}

/// Ordinary text of any script stays as it is.
fn stays((source, make): Source) {
    let team = Team::new(&format!("usual-{}", slug(source)));
    team.text("policies: []\n");
    let arguments = make(&team, "Zürich–漢字✓");
    let done = run(&team, &arguments);
    assert!(
        [&*done.out, &done.told].concat().contains("Zürich–漢字✓"),
        "{}{}",
        done.out,
        done.told
    );
}

/// 128 bits, of which nobody finds two that are the same.
fn digests_are_long() {
    let team = Team::new("digests");
    team.policies(&[("p", json!([]), json!({}))]);
    let done = run(&team, &render(&[]));
    let (_, digest) = done.told.split_once("(sha256:").expect("the line `policy`");
    let digits = digest.chars().take_while(char::is_ascii_hexdigit).count();
    assert!(digits >= 32, "{}", done.told);
}

/// The schema of a policy with a secret setting `token`, its settings, and what is told of them.
type Secret = (&'static str, fn() -> Value, &'static str, &'static str);

const SECRETS: [Secret; 9] = [
    (
        "too short",
        || json!({"properties": {"token": {"writeOnly": true, "minLength": 9}}}),
        "hunter2",
        "`/token`: the value does not match (it is not shown)",
    ),
    (
        "a password",
        || json!({"properties": {"token": {"format": "password", "pattern": "^x"}}}),
        "hunter2",
        "`/token`: the value does not match",
    ),
    (
        "of another type",
        || json!({"properties": {"token": {"writeOnly": true, "type": "integer"}}}),
        "hunter2",
        "`/token`: the value does not match",
    ),
    (
        "marked by another part",
        || json!({"allOf": [{"properties": {"token": {"writeOnly": true}}}, {"properties": {"token": {"enum": ["a"]}}}]}),
        "hunter2",
        "`/token`: the value does not match",
    ),
    (
        "marked by what it refers to",
        || json!({"$defs": {"s": {"format": "password"}}, "properties": {"token": {"allOf": [{"$ref": "#/$defs/s"}], "const": "a"}}}),
        "hunter2",
        "`/token`: the value does not match",
    ),
    (
        "marked in an alternative",
        || json!({"anyOf": [{"properties": {"token": {"writeOnly": true}}}], "properties": {"token": {"maxLength": 1}}}),
        "hunter2",
        "`/token`: the value does not match",
    ),
    (
        "marked by a pattern",
        || json!({"patternProperties": {"^to": {"writeOnly": true}}, "properties": {"token": {"maxLength": 1}}}),
        "hunter2",
        "`/token`: the value does not match",
    ),
    (
        "within what is marked",
        || json!({"properties": {"token": {"writeOnly": true, "properties": {"a": {"type": "integer"}}}}}),
        "{a: hunter2}",
        "`/token`: the value does not match",
    ),
    (
        "twice in a list",
        || json!({"properties": {"token": {"items": {"writeOnly": true}, "uniqueItems": true}}}),
        "[hunter2, hunter2]",
        "`/token`: duplicate item (it is not shown)",
    ),
];

fn is_hidden((name, schema, value, told): Secret) {
    let team = Team::new(&format!("secret-{}", slug(name)));
    let guest = Guest::new().describing(3, schema().to_string());
    fs::write(team.path("p.wasm"), guest.module()).expect("a policy");
    let set = format!("p.token={value}");
    let recording = ["--record", "TEAM/run.json"];
    let policies = ["--policies", "", "--policy", "p=TEAM/p.wasm", "--set", &set];
    let done = run(&team, &render(&[&policies[..], &recording].concat()));
    assert_eq!(done.code, Some(2), "{}", done.told);
    assert!(done.told.contains(told), "{}", done.told);
    let recording = fs::read_to_string(team.path("run.json")).expect("a recording");
    assert!(![&*done.told, &recording].concat().contains("hunter2"), "{}{recording}", done.told);
}

/// A schema in which `token` is secret, with a secret of its own.
fn schema() -> Value {
    json!({"properties": {
        "token": {"type": "string", "writeOnly": true, "default": "hunter3"},
        "pool": {"type": "string", "default": "gpu"},
    }})
}

/// The recording holds a word in the place of the secret, and a replay needs it again.
fn recordings_ask() {
    let team = Team::new("secret-recording");
    fs::write(team.path("p.wasm"), Guest::new().describing(3, schema().to_string()).module())
        .expect("a policy");
    let policies = ["--policies", "", "--policy", "p=TEAM/p.wasm", "--record", "TEAM/run.json"];
    let set = ["--set", "p.token=hunter2", "--set", "p.pool=cpu"];
    let rendered = run(&team, &render(&[&policies[..], &set].concat()));
    assert_eq!(rendered.code, Some(0), "{}", rendered.told);
    let text = fs::read_to_string(team.path("run.json")).expect("a recording");
    let recording: Value = serde_json::from_str(&text).expect("JSON");
    let recorded = &recording["policies"][0];
    assert_eq!(recorded["settings"], json!({"token": "(not shown)", "pool": "cpu"}));
    assert_eq!(recorded["hidden"], json!(["/token"]));
    assert!(!text.contains("hunter2"));
    let done = run(&team, &words(&["policy", "replay", "TEAM/run.json"]));
    assert_eq!(done.code, Some(2), "{}", done.told);
    let told = "it does not hold the setting `p.token`, which is secret\nhint: give it again: `--set 'p.token=VALUE'`";
    assert!(done.told.contains(told), "{}", done.told);
    let again =
        run(&team, &words(&["policy", "replay", "TEAM/run.json", "--set", "p.token=hunter2"]));
    assert_eq!((again.code, again.out), (Some(0), rendered.out), "{}", again.told);

    for format in ["json", "table"] {
        let done = run(&team, &words(&["policy", "inspect", "TEAM/p.wasm", "-o", format]));
        assert_eq!(done.code, Some(0), "{}", done.told);
        assert!(!done.out.contains("hunter3") && done.out.contains("(not shown)"), "{}", done.out);
        assert!(done.out.contains("gpu"), "{}", done.out);
    }
    for (set, told) in [
        ("token=hunter2", "invalid value `token=…` for `--set`"),
        ("p.token=*hunter2", "the value is not YAML"),
        ("p.token=[hunter2", "the value is not YAML"),
        ("q.token=hunter2", "policy `q` is not configured"),
    ] {
        let done = run(&team, &render(&[&policies[..], &["--set", set]].concat()));
        assert_eq!(done.code, Some(2), "{}", done.told);
        assert!(done.told.contains(told) && !done.told.contains("hunter2"), "{set}: {}", done.told);
    }
}

/// Of a policy that was not loaded nothing is known, so none of its settings are written down.
fn unused_policies_need_none() {
    let team = Team::new("secret-unused");
    let foreign = wat::parse_str("(component)").expect("the text is sound");
    fs::write(team.path("p.wasm"), foreign).expect("a file");
    let policies = ["--policies", "", "--policy", "p=TEAM/p.wasm", "--record", "TEAM/run.json"];
    let rendered = run(&team, &render(&[&policies[..], &["--set", "p.token=hunter2"]].concat()));
    assert_eq!(rendered.code, Some(2), "{}", rendered.told);
    let text = fs::read_to_string(team.path("run.json")).expect("a recording");
    assert!(!text.contains("hunter2"));
    let replayed = run(&team, &words(&["policy", "replay", "TEAM/run.json"]));
    assert_eq!((replayed.code, replayed.told), (rendered.code, rendered.told));
}
