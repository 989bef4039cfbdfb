//! What people see is what is there: characters that act on a terminal or hide, in every text of
//! others that comes to be shown.

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
    all.push(trial("seen/digests-are-too-long-for-a-pair", digests_are_long));
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
