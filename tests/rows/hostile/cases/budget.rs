//! Policies that let the host do the work: little in the policy, much in the host. All of it is
//! counted before it is done.

use super::{ADMITTED, AT_ONCE, Case, stopped};
use crate::hostile::guest::{Guest, RETURNED, VERDICT};
use crate::support::workspace;
use serde_json::{Value, json};
use std::fs;

/// Where the texts of a script lie, and the first place behind them: zeros.
const TEXTS: u32 = 0x40000;
const ZEROS: u32 = 0x30_0000;
/// The words of a list that is as long as a host call may bring: 24 bytes each.
const WORDS: u32 = 43_000;
/// The simple values of a list in one patch.
const ZEROS_IN_PATCH: usize = 30_000;

/// A policy that makes calls one after the other; each must be accepted.
struct Script {
    guest: Guest,
    body: String,
    free: u32,
}

impl Script {
    fn new() -> Self {
        // What the host answers goes to one place.
        let guest = Guest::new().with("memory", "128").with("realloc", "(i32.const 65536)");
        Self { guest, body: String::new(), free: TEXTS }
    }

    /// One of two copies that each do their work once, and then leave the Job to the other: two
    /// that insist do not settle.
    fn in_turn() -> Self {
        let mut script = Self::new();
        let both = script.text("/spec/both");
        let patch = script.text(&json!([copy("/spec/one", "/spec/both")]).to_string());
        script.body = format!(
            "(call $job-read {both} (i32.const {RETURNED}))
             (if (i32.load8_u (i32.const {RETURNED})) (then (return (i32.const {VERDICT}))))
             (call $patch {patch} (i32.const 0) (i32.const 0) (i32.const {RETURNED}))"
        );
        script.patch(vec![add("/spec/one", json!(1))])
    }

    /// The place and length of a text.
    fn text(&mut self, text: &str) -> String {
        let (at, length) = (self.free, u32::try_from(text.len()).expect("a length"));
        self.free += length;
        self.guest = self.guest.clone().data(at, text);
        format!("(i32.const {at}) (i32.const {length})")
    }

    /// The place and length of a text of one letter, so many times.
    fn long(&mut self, letter: u8, length: u32) -> String {
        let at = ZEROS + 0x10_0000 * u32::from(letter - b'a');
        self.body +=
            &format!("(memory.fill (i32.const {at}) (i32.const {letter}) (i32.const {length}))");
        format!("(i32.const {at}) (i32.const {length})")
    }

    /// A call of a verb, which traps unless it is accepted.
    fn verb(&self, verb: &str, arguments: &str) -> String {
        format!(
            "(call ${verb} {arguments} (i32.const 0) (i32.const 0) (i32.const {RETURNED}))
             (if (i32.load8_u (i32.const {RETURNED})) (then (unreachable)))"
        )
    }

    fn call(mut self, verb: &str, arguments: &[&str]) -> Self {
        let texts: Vec<_> = arguments.iter().map(|text| self.text(text)).collect();
        self.calling(verb, &texts.join(" "))
    }

    fn calling(mut self, verb: &str, arguments: &str) -> Self {
        let call = self.verb(verb, arguments);
        self.body += &call;
        self
    }

    fn patch(self, operations: Vec<Value>) -> Self {
        self.call("patch", &[&json!(operations).to_string()])
    }

    /// A view, again and again.
    fn view_again(mut self, view: &str, arguments: &[&str]) -> Guest {
        let texts: Vec<_> = arguments.iter().map(|text| self.text(text)).collect();
        let call = format!("(call ${view} {} (i32.const {RETURNED}))", texts.join(" "));
        self.again(&call)
    }

    fn again(self, call: &str) -> Guest {
        let body = format!("{} (loop $again {call} (br $again)) (unreachable)", self.body);
        self.guest.with("review", body)
    }

    fn done(self) -> Guest {
        self.guest.doing(&self.body)
    }
}

fn add(path: &str, value: Value) -> Value {
    json!({"op": "add", "path": path, "value": value})
}

fn copy(from: &str, path: &str) -> Value {
    json!({"op": "copy", "from": from, "path": path})
}

fn zeros() -> Value {
    vec![0; ZEROS_IN_PATCH].into()
}

/// Objects that are short as text and large in memory.
fn objects(count: usize) -> Value {
    vec![json!({"": 0}); count].into()
}

fn many(count: usize, operation: Value) -> Vec<Value> {
    vec![operation; count]
}

/// So many containers with so many mounts of the claim each.
fn mounts() -> Script {
    let mounts: Vec<_> =
        (0..1400).map(|n| json!({"name": "data", "mountPath": format!("/{n}")})).collect();
    let containers = "/spec/template/spec/containers";
    let mut operations = vec![add(&format!("{containers}/0/volumeMounts"), mounts.into())];
    operations.extend(many(4, copy(&format!("{containers}/0"), &format!("{containers}/-"))));
    Script::new().patch(operations)
}

const POD: &str = "/spec/template/spec";

pub fn cases() -> Vec<Case> {
    let mut cases = names();
    cases.extend(places());
    cases.extend(patches());
    cases.extend(views());
    cases.extend(conflicts());
    cases
}

/// Types of WASI whose values have long names.
fn names() -> Vec<Case> {
    let long = "a".repeat(90_000);
    let kinds = [
        ("case of an enum", format!("(enum \"{long}\")"), 16_855_472),
        ("case of a variant", format!("(variant (case \"{long}\"))"), 16_855_472),
        ("field of a record", format!("(record (field \"{long}\" u8))"), 16_789_024),
    ];
    let mut cases: Vec<Case> = kinds
        .into_iter()
        .map(|(name, kind, asked)| {
            let limit = format!("`host-call-bytes` limit of 16Mi: it asked for {asked}");
            Case::new(format!("long name: {name}"), move || wasi(&kind, [20, 20]), stopped(&limit))
        })
        .collect();
    let flags = format!("(flags \"{long}\")");
    cases.push(Case::new(
        "long name: flags",
        move || wasi(&flags, [20, 20]),
        ADMITTED.replace("hostile", "wasi"),
    ));
    let argument = move || {
        let list = format!(
            "(type $k (enum \"{long}\")) (export \"k\" (type $kind (eq $k)))
            (export \"initial-cwd\" (func (param \"all\" (list $kind)) (result (option string))))"
        );
        evil(&list, "(call $cwd (i32.const 0x1000) (i32.const 100) (i32.const 0x40))")
            .replace("(func $cwd (param i32))", "(func $cwd (param i32 i32 i32))")
    };
    let argument = move || wat::parse_str(argument()).expect("the text is sound");
    cases.push(Case::new("long name: of an argument", argument, stopped(AT_ONCE)));
    cases
}

/// A component whose empty world gives so many times so many values of a type.
pub(super) fn wasi(kind: &str, [outer, inner]: [usize; 2]) -> Vec<u8> {
    let inner = "$kind ".repeat(inner);
    let outer = "$inner ".repeat(outer);
    let types = format!(
        "(type $k {kind}) (export \"k\" (type $kind (eq $k)))
         (type $inner (tuple {inner})) (type $outer (tuple {outer}))
         (export \"initial-cwd\" (func (result $outer)))"
    );
    wat::parse_str(evil(&types, "(call $cwd (i32.const 0x1000))")).expect("the text is sound")
}

/// The policy that imports WASI, with other items in an instance of it.
pub(super) fn evil(items: &str, code: &str) -> String {
    let text = fs::read_to_string(workspace().join("tests/guests/wasi.wat"));
    let text = text.expect("the guest is there");
    let innocent = "(export \"initial-cwd\" (func (result (option string))))";
    text.replace(innocent, items).replace("\n      HERE\n", &format!("\n{code}\n"))
}

/// One text, or one change, for many places.
fn places() -> Vec<Case> {
    let mut texts = mounts();
    let long = texts.long(b'a', 1_000_000);
    let claim = texts.text("datasets");
    let texts = texts.calling("set-sub-path", &format!("{claim} {long}"));

    let volume = json!({"name": "v", "persistentVolumeClaim": {"claimName": "datasets"}});
    let volumes = add(&format!("{POD}/volumes"), vec![volume; 900].into());
    let more = many(200, copy(&format!("{POD}/volumes/0"), &format!("{POD}/volumes/-")));
    let volumes = Script::new().patch(vec![volumes]).patch(more);

    let terms = vec![json!({"matchExpressions": []}); 2000];
    let affinity = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
    let mut affinity = Script::new().patch(vec![add(&format!("{POD}/affinity"), affinity)]);
    let key = affinity.text("zone");
    let affinity = affinity.calling(
        "affinity",
        &format!("{key} (i32.const 0) (i32.const {ZEROS}) (i32.const {WORDS})"),
    );

    let added = json!({"capabilities": {"add": vec!["CHOWN"; 6000]}});
    let capabilities = format!("{POD}/containers/0/securityContext");
    let capabilities = Script::new()
        .patch(vec![add(&capabilities, added)])
        .call("drop-capability", &["main", "CHOWN"]);

    let variables = vec![json!({"name": "A"}); 4000];
    let variables = Script::new()
        .patch(vec![add(&format!("{POD}/containers/0/env"), variables.into())])
        .call("remove-env", &["main", "A"]);

    let mut annotation = Script::new();
    let long = annotation.long(b'a', 200_000);
    let key = annotation.text("x");
    let annotation = {
        let call = annotation.verb("set-annotation", &format!("{key} {long}"));
        annotation.again(&call)
    };
    let mut refused = Script::new();
    let long = refused.long(b'a', 1_000_000);
    let key = refused.text("no key!");
    let refused = {
        let arguments = format!("{key} {long} (i32.const 0) (i32.const 0) (i32.const {RETURNED})");
        refused.again(&format!("(call $set-annotation {arguments})"))
    };
    let edits = stopped("`edits` limit of 1000: it asked for 1001");
    vec![
        Case::new(
            "places: one text in many mounts",
            texts.done(),
            stopped("`edit-bytes` limit of 4Mi: it asked for 4246680"),
        ),
        Case::new(
            "places: one claim of many volumes",
            volumes.call("remap-claim", &["datasets", "other"]).done(),
            edits.clone(),
        ),
        Case::new(
            "places: many mounts",
            mounts().call("set-read-only", &["datasets"]).done(),
            edits.clone(),
        ),
        Case::new("places: many terms of an affinity", affinity.done(), asked(19_720_266)),
        Case::new("places: one capability many times", capabilities.done(), edits.clone()),
        Case::new("places: one variable many times", variables.done(), edits),
        Case::new("places: one long annotation again and again", annotation, asked(16_807_328)),
        Case::new("places: one long annotation for no key", refused, asked(17_004_520)),
    ]
}

/// Patches whose operations are short.
fn patches() -> Vec<Case> {
    let list = || add("/spec/x", objects(8000));
    let twice = || vec![list(), copy("/spec/x", "/spec/y")];
    let after = |operations: Vec<Value>, more: Vec<Value>| {
        Script::new().patch(operations).patch(more).done()
    };
    let to_and_fro = |n: usize| {
        let (from, path) =
            if n.is_multiple_of(2) { ("/spec/x", "/spec/y") } else { ("/spec/y", "/spec/x") };
        json!({"op": "move", "from": from, "path": path})
    };
    let copies = (0..15).map(|n| copy("/spec/x", &format!("/spec/x{n}"))).collect();
    let test = json!([{"op": "test", "path": "/spec/x", "value": objects(8000)}]).to_string();
    let mut tests = Script::new().patch(vec![list()]);
    let test = tests.text(&test);
    let test = tests.verb("patch", &test);
    let mut empty = Script::new().patch(vec![add("/spec/x", zeros())]);
    let nothing = empty.text("[]");
    let nothing = empty.verb("patch", &nothing);
    let zeros = || Script::new().patch(vec![add("/spec/x", zeros())]);
    let keys: serde_json::Map<_, _> = (0..6000).map(|n| (n.to_string(), json!(0))).collect();
    let removals =
        (0..900).map(|n| json!({"op": "remove", "path": format!("/spec/x/{n}")})).collect();
    vec![
        Case::new("patch: many copies", zeros().patch(copies).done(), asked(17_348_675)),
        Case::new(
            "patch: copies that change nothing",
            after(twice(), many(800, copy("/spec/x", "/spec/y"))),
            asked(18_534_504),
        ),
        Case::new(
            "patch: moves to and fro",
            after(vec![list()], (0..500).map(to_and_fro).collect()),
            asked(18_520_007),
        ),
        Case::new(
            "patch: copies into a list",
            after(twice(), many(500, copy("/spec/x", "/spec/y/-"))),
            asked(18_521_104),
        ),
        Case::new("patch: tests that hold", tests.again(&test), asked(18_730_935)),
        Case::new("patch: nothing, of a large Job", empty.again(&nothing), asked(17_365_689)),
        Case::new(
            "patch: items at the front",
            zeros().patch(many(900, add("/spec/x/0", json!(0)))).done(),
            asked(16_915_159),
        ),
        Case::new(
            "patch: items from the front",
            zeros().patch(many(900, json!({"op": "remove", "path": "/spec/x/0"}))).done(),
            asked(16_894_411),
        ),
        Case::new(
            "patch: keys from the front",
            Script::new().patch(vec![add("/spec/x", keys.into())]).patch(removals).done(),
            asked(16_793_413),
        ),
    ]
}

/// Views of a large Job.
fn views() -> Vec<Case> {
    let with = |path: &str, value: Value| Script::new().patch(vec![add(path, value)]);
    let containers = || with(&format!("{POD}/containers"), vec![json!({"name": "a"}); 4000].into());
    let rules = json!({"rules": vec![json!({"action": "Count"}); 3000]});
    let terms = vec![json!({"matchExpressions": []}); 2000];
    let affinity = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
    let claim =
        |n: u32| json!({"name": "v", "persistentVolumeClaim": {"claimName": n.to_string()}});
    let claims: Value = (0..700).map(claim).collect();
    let rows = [
        ("the whole Job", with("/spec/x", zeros()).view_again("job-read", &[""]), 16_822_891),
        ("containers", containers().view_again("job-containers", &[]), 16_804_330),
        ("one of many containers", containers().view_again("job-image", &["b"]), 16_788_114),
        (
            "failure rules",
            with("/spec/podFailurePolicy", rules).view_again("job-failure-rules", &[]),
            16_807_606,
        ),
        (
            "node affinity",
            with(&format!("{POD}/affinity"), affinity).view_again("job-node-affinity", &[]),
            16_786_002,
        ),
        (
            "claims",
            with(&format!("{POD}/volumes"), claims).view_again("job-claims", &[]),
            16_789_803,
        ),
    ];
    rows.map(|(name, guest, bytes)| Case::new(format!("view: {name}"), guest, asked(bytes))).into()
}

/// What is looked at when the review is over.
fn conflicts() -> Vec<Case> {
    let words = |script: Script, count: u32| {
        let mut script = script;
        let main = script.text("main");
        script.calling("set-command", &format!("{main} (i32.const {ZEROS}) (i32.const {count})"))
    };
    let words = |script: Script, counts: &[u32]| {
        counts.iter().fold(script, |script, count| words(script, *count)).done()
    };
    let long = words(Script::new(), &[WORDS, WORDS - 1, WORDS - 2, WORDS - 3]);
    let same = words(Script::in_turn(), &[30_000, 29_999]);
    let list = |value: u8| vec![add("/spec/x", vec![value; 20_000].into())];
    let lists = Script::in_turn().patch(list(0)).patch(list(1)).done();
    let keys = |value: u8| -> Value {
        (0..4000).map(|n| (format!("k{n}"), json!(value))).collect::<serde_json::Map<_, _>>().into()
    };
    let maps =
        Script::in_turn().patch(vec![add("/spec/x", keys(0))]).patch(vec![add("/spec/x", keys(1))]);
    let front = many(60, add("/spec/x/0", json!(5)));
    let moved = Script::in_turn().patch(vec![add("/spec/x", json!(vec![0; 5000]))]).patch(front);
    let admitted = |edits: usize, conflicts: usize| {
        format!("hostile 0.1.0 admitted: {edits} edits, told []; {conflicts} conflicts")
    };
    vec![
        Case::new("conflicts: long lists of words", long, asked(18_576_128)),
        Case::new("conflicts: the same words by two", same, admitted(3, 0)).twice(),
        Case::new("conflicts: every item of a list", lists, admitted(3, 20_000)).twice(),
        Case::new("conflicts: every key of an object", maps.done(), admitted(3, 4000)).twice(),
        Case::new("conflicts: items that move", moved.done(), admitted(62, 120)).twice(),
    ]
}

/// The outcome of a policy that is stopped at the limit of the host's work.
fn asked(bytes: u64) -> String {
    stopped(&format!("`host-call-bytes` limit of 16Mi: it asked for {bytes}"))
}
