//! What the cache and the parallel loading promise, seen from outside: the first start compiles,
//! later ones do not, many at once do no harm, and nothing but the time differs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use mlcube_k8s::event::Event;
use mlcube_k8s::job::{Job, PolicyId};
use serde_json::{Value, json};

use crate::support::policy::{
    self, Cache, Limit, Limits, OpenedPolicy, Policy, PolicyHost, PolicySource, bytes,
};
use crate::support::rows::each;
use crate::support::{self, Folder};

/// A folder with a cache in it.
struct Home(Folder);

impl Home {
    fn new(name: &str) -> Self {
        Self(Folder::new(name))
    }

    fn policies(&self) -> PathBuf {
        self.0.join("mlcube-k8s/policies")
    }

    fn cache(&self) -> Cache {
        policy::cache(self.policies())
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.policies())
            .expect("the cache is there")
            .flatten()
            .map(|file| file.path())
            .collect()
    }

    fn entry(&self) -> PathBuf {
        let is_code = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "cwasm");
        self.files().into_iter().find(is_code).expect("one entry")
    }
}

fn source(name: &str, bytes: Vec<u8>, settings: Value) -> PolicySource {
    policy::source_of(name, format!("{name}.wasm"), bytes, settings)
}

/// The same policy as a file of another size and digest: with a custom section of its own.
fn padded(policy: &str, size: usize) -> Vec<u8> {
    let mut bytes = bytes(policy);
    let mut length = size + 1;
    bytes.push(0);
    while length >= 128 {
        bytes.push(length.to_le_bytes()[0] | 128);
        length >>= 7;
    }
    bytes.push(length.to_le_bytes()[0]);
    bytes.resize(bytes.len() + size + 1, 0);
    bytes
}

/// Load policies; also how often one was told to be compiled.
fn load(cache: Option<Cache>, sources: Vec<PolicySource>) -> (Result<Vec<Policy>, String>, usize) {
    let limits = Limits::default();
    let host = match cache {
        Some(cache) => policy::cached_host(limits, cache),
        None => policy::host(limits),
    };
    let mut first_words = 0;
    let policies = policy::load_all(&host, sources, |event| {
        first_words += usize::from(matches!(event, Event::PolicyCompiling { seconds: 0, .. }));
    });
    (policies.map_err(|error| error.to_string()), first_words)
}

#[test]
fn twenty_processes_share_one_cache() {
    let folder = Home::new("twenty");
    let policies = "tests/cases/policies/team.yaml";
    policy::built();
    let start = |_| {
        let mut command = support::program();
        command.args(["render", "--mlcube", "tests/cases/documented", "--policies", policies]);
        command
            .env("XDG_CACHE_HOME", folder.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    };
    let running: Vec<_> = (0..20).map(start).collect();
    let ended: Vec<_> =
        running.into_iter().map(|child| child.wait_with_output().expect("it ends")).collect();
    for output in &ended {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, ended[0].stdout, "every run says the same");
    }
    // A digest is remembered of a file that was not built a moment ago.
    let endings =
        folder.files().into_iter().filter_map(|file| file.extension().map(ToOwned::to_owned));
    let mut endings: Vec<_> = endings.filter(|ending| ending != "digest").collect();
    endings.sort();
    let expected = ["accepted", "accepted", "accepted", "cwasm", "cwasm", "cwasm"];
    assert_eq!(endings, expected, "code and accepted settings of each policy, and nothing else");
}

#[test]
fn inspecting_a_policy_keeps_what_it_compiles() {
    let folder = Home::new("inspect");
    let large = source("large", padded("gpu-resources", 1 << 20), json!({"count": {"*": 2}}));
    let inspect = || {
        let host = policy::cached_host(Limits::default(), folder.cache());
        let mut compiled = 0;
        let inspection = host.inspect(large.clone(), |event| {
            compiled += usize::from(matches!(event, Event::PolicyCompiling { seconds: 0, .. }));
        });
        let described = inspection.expect("a file").described.expect("a policy");
        assert_eq!(described.name, "gpu-resources");
        compiled
    };
    assert_eq!((inspect(), inspect()), (1, 0), "the first compiles");
    let (policies, compiled) = load(Some(folder.cache()), vec![large.clone()]);
    assert!(policies.is_ok());
    assert_eq!(compiled, 0, "and a run uses it");
}

#[test]
fn a_policy_is_compiled_when_the_cache_has_it_not() {
    let folder = Home::new("cold");
    let large =
        || vec![source("large", padded("gpu-resources", 1 << 20), json!({"count": {"*": 2}}))];
    let rows: [(&str, &dyn Fn(), usize); 5] = [
        ("the first start", &|| {}, 1),
        ("the second start", &|| {}, 0),
        (
            "a truncated entry",
            &|| {
                fs::write(folder.entry(), &fs::read(folder.entry()).expect("it")[..1000])
                    .expect("written")
            },
            1,
        ),
        ("an entry kept anew", &|| {}, 0),
        ("no entry", &|| fs::remove_file(folder.entry()).expect("removed"), 1),
    ];
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}});
    let mut reviews = Vec::new();
    for (name, before, expected) in rows {
        before();
        let (policies, compiled) = load(Some(folder.cache()), large());
        let policies = policies.expect("a policy");
        assert_eq!(compiled, expected, "{name}");
        reviews.push(format!("{:?}", policies[0].loaded()));
        let review = policies[0].review(&Job::from_json(job.clone()).expect("a Job"));
        reviews.push(format!("{:?}", review.expect("a review")));
    }
    assert!(
        reviews.chunks(2).all(|pair| pair == &reviews[..2]),
        "cold or warm, it is the same policy: {reviews:#?}"
    );
    let (_, compiled) = load(None, large());
    assert_eq!(compiled, 1, "without a cache every start compiles");
}

/// Read a file until its digest is remembered: one that was just written is not trusted to be left
/// alone.
fn open_until_known(file: &Path, folder: &Home, host: &PolicyHost) -> OpenedPolicy {
    let known = || {
        folder
            .files()
            .into_iter()
            .filter(|file| file.extension().is_some_and(|e| e == "digest"))
            .count()
    };
    let (before, end) = (known(), Instant::now() + Duration::from_secs(60));
    while known() == before {
        assert!(Instant::now() < end, "the digest is never remembered");
        opened(host, file);
        thread::sleep(Duration::from_millis(50));
    }
    opened(host, file)
}

/// A file as a policy.
fn opened(host: &PolicyHost, file: &Path) -> OpenedPolicy {
    host.open(PolicySource::new(PolicyId::parse("p").expect("a name"), file.to_owned()))
        .expect("it is there")
}

/// Why a policy whose file is not WebAssembly is not loaded: all that is asked here is which
/// bytes are read.
fn not_loaded(host: &PolicyHost, policy: OpenedPolicy) -> String {
    host.load_all(vec![policy], |_| {}).map(drop).expect_err("it is not a policy").to_string()
}

#[test]
fn a_file_that_was_written_to_is_read_again() {
    type Change = fn(&Path, &[u8]);
    let rows: [(&str, &[u8], Change); 3] = [
        ("written to, with the old time of modification", b"other", |file, bytes| {
            let modified = fs::metadata(file).and_then(|it| it.modified()).expect("a time");
            fs::write(file, bytes).expect("written");
            File::options()
                .write(true)
                .open(file)
                .and_then(|it| it.set_modified(modified))
                .expect("set back");
        }),
        ("replaced", b"third", |file, bytes| {
            fs::write(file.with_extension("new"), bytes).expect("written");
            fs::rename(file.with_extension("new"), file).expect("renamed");
        }),
        ("cut", b"thi", |file, bytes| fs::write(file, bytes).expect("written")),
    ];
    let folder = Home::new("known");
    let host = policy::cached_host(Limits::default(), folder.cache());
    let file = folder.0.join("policy.wasm");
    fs::write(&file, b"first").expect("written");
    let in_memory =
        |bytes: Vec<u8>| host.open(source("p", bytes, json!({}))).expect("bytes are there");
    for (name, bytes, change) in rows {
        let known = open_until_known(&file, &folder, &host);
        let before = in_memory(fs::read(&file).expect("it is there"));
        assert_eq!((known.digest(), known.size()), (before.digest(), before.size()), "{name}");
        change(&file, bytes);
        let why = not_loaded(&host, known);
        assert!(
            why.contains("has changed"),
            "{name}: what is there now is not what the digest is of: {why}"
        );
        let (after, expected) = (opened(&host, &file), in_memory(bytes.to_vec()));
        assert_eq!((after.digest(), after.size()), (expected.digest(), expected.size()), "{name}");
    }
    let known = open_until_known(&file, &folder, &host);
    let why = not_loaded(&host, known);
    assert!(
        why.contains("is a text, not WebAssembly"),
        "what is not read at once is read when it is needed: {why}"
    );
}

#[test]
fn what_is_precompiled_is_warm() {
    let folder = Home::new("precompiled");
    let large = source("large", padded("pvc-remap", 1 << 20), json!({"claims": {}}));
    let host = policy::cached_host(Limits::default(), folder.cache());
    host.precompile(large.clone(), |_| {}).expect("a policy");
    let (policies, compiled) = load(Some(folder.cache()), vec![large]);
    assert_eq!((policies.expect("a policy").len(), compiled), (1, 0));
}

#[test]
fn a_warm_start_meets_the_same_limits() {
    let folder = Home::new("limits");
    let load = |limits: Limits| {
        let source = source("pvc-remap", bytes("pvc-remap"), json!({"claims": {}}));
        let host = policy::cached_host(limits, folder.cache());
        policy::load(&host, source).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(load(Limits::default()), Ok(()));
    let rows = [
        (
            Limit::Functions,
            1,
            "policy `pvc-remap` was stopped in `load` at its `functions` limit of 1: ",
        ),
        (
            Limit::Schema,
            1,
            "policy `pvc-remap` was stopped in `describe` at its `schema` limit of 1: ",
        ),
        (
            Limit::Fuel,
            10,
            "policy `pvc-remap` was stopped in `describe` at its `fuel` limit of 10: it used all of it",
        ),
    ];
    each(rows.map(|row| (format!("{:?}", row.0), row)), |(limit, value, expected)| {
        let error = load(Limits::default().with(limit, value)).expect_err("the limit is met");
        assert!(error.starts_with(expected), "{error}");
    });
}

#[test]
fn parallel_or_one_by_one_is_the_same() {
    let good = |name: &str| source(name, bytes("gpu-resources"), json!({"count": {"*": 1}}));
    let refused = |name: &str| source(name, bytes("gpu-resources"), json!({"count": "many"}));
    let text = |name: &str| source(name, b"#!/bin/sh".to_vec(), json!({}));
    let long = |name: &str| source(name, padded("pvc-remap", 2 << 20), json!({"claims": 5}));
    let rows = [
        ("none", vec![]),
        ("one", vec![good("a")]),
        ("four, one with refused settings", vec![good("c"), good("a"), long("d"), good("b")]),
        (
            "three",
            vec![good("b"), source("a", bytes("pvc-remap"), json!({"claims": {}})), good("c")],
        ),
        ("three ways to be wrong", vec![good("a"), long("b"), text("c"), refused("d")]),
        ("two that are no policies", vec![text("a"), text("b")]),
        ("refused settings first", vec![refused("a"), text("b"), good("c")]),
    ];
    each(rows, |sources| {
        let host = policy::host(Limits::default());
        let one_by_one: Result<Vec<_>, _> =
            sources.iter().cloned().map(|source| policy::load(&host, source)).collect();
        let one_by_one = one_by_one.map_err(|error| error.to_string());
        let (parallel, _) = load(None, sources);
        let spelled = |loaded: Result<Vec<Policy>, String>| -> Result<Vec<String>, String> {
            loaded.map(|policies| {
                policies.iter().map(|policy| format!("{:?}", policy.loaded())).collect()
            })
        };
        assert_eq!(spelled(parallel), spelled(one_by_one));
    });
}

#[test]
fn a_pool_reviews_like_memory_on_demand() {
    let names = ["node-selector", "gpu-resources", "pvc-remap"];
    let settings = [
        json!({"tasks": {"*": {"pool": "gpu"}}}),
        json!({"count": {"*": 2}}),
        json!({"claims": {}}),
    ];
    let sources: Vec<_> = names
        .into_iter()
        .zip(settings)
        .map(|(name, settings)| source(name, bytes(name), settings))
        .collect();
    let container = json!({"name": "main", "image": "i"});
    let pod = json!({"restartPolicy": "Never", "containers": [container]});
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"template": {"spec": pod}}});
    let reviews =
        [policy::host(Limits::default()), policy::pooling_host(Limits::default())].map(|host| {
            let chain = policy::chain_of(&host, sources.clone());
            // Places in the pool are used again: what a review leaves behind must not be there for the
            // next.
            let review = |_| {
                format!(
                    "{:?}",
                    chain.review(Job::from_json(job.clone()).expect("a Job")).expect("admitted")
                )
            };
            let reviews: Vec<_> = (0..50).map(review).collect();
            assert!(reviews.iter().all(|review| *review == reviews[0]));
            reviews[0].clone()
        });
    assert_eq!(reviews[0], reviews[1]);
}
