//! What policies ask a cluster: a stand-in that answers from `tests/cases/lookups/`, and a real one.

mod support;
#[path = "support/cluster.rs"]
mod testbed;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use mlcube_k8s::error::Error;
use mlcube_k8s::job::{Job, PolicyId};
use mlcube_k8s::policy::{
    Answer, Grants, Limit, Limits, Lookups, PolicyChain, PolicyError, PolicyHost, PolicySource, Question, Reviewed,
    Which,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use testbed::{NAMESPACE, Running, TestCube, client, unique};

/// A cluster with the objects of a file.
struct StandIn {
    objects: Vec<Value>,
    requests: AtomicUsize,
    delay: Duration,
}

impl StandIn {
    fn new(delay: Duration) -> Arc<Self> {
        Arc::new(Self { objects: read("objects"), requests: AtomicUsize::new(0), delay })
    }
}

impl Lookups for StandIn {
    fn look(&self, question: &Question, within: Duration) -> Answer {
        self.requests.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(self.delay.min(within));
        if self.delay > within {
            return Answer::TooLate;
        }
        let is_meant = |object: &&Value| {
            let metadata = &object["metadata"];
            let namespace = metadata.get("namespace").map(|_| question.namespace.as_deref().unwrap_or("team"));
            let has_label =
                |text: &str| text.split_once('=').is_none_or(|(key, value)| metadata["labels"][key] == value);
            let is_chosen = match &question.which {
                Which::Name(name) => metadata["name"] == **name,
                Which::Labels(labels) => has_label(labels),
            };
            object["kind"] == *question.kind && metadata["namespace"].as_str() == namespace && is_chosen
        };
        let mut found = self.objects.iter().filter(is_meant).cloned();
        Answer::Found(match question.which {
            Which::Name(_) => found.next().unwrap_or_default(),
            Which::Labels(_) => found.collect(),
        })
    }
}

#[test]
fn questions_are_answered() {
    let (questions, expected): (Vec<Value>, Vec<String>) = read::<Vec<(Value, String)>>("rows").into_iter().unzip();
    let cluster = StandIn::new(Duration::ZERO);
    let reviewed = review(Limits::default(), &cluster, &[json!({"ask": questions})]);
    for ((answer, expected), question) in log(&reviewed).into_iter().zip(&expected).zip(&questions) {
        assert_eq!(answer, expected, "{question}");
    }
    assert_eq!(log(&reviewed).len(), expected.len());
    let kept = format!("{:?}", reviewed.lookups);
    assert!(kept.contains("Opaque") && !kept.contains("hunter2") && !kept.contains("aHVudGVyMg"), "{kept}");
}

#[test]
fn who_may_not_ask_is_told_why() {
    let ask = json!({"ask": [["text", "v1", "ConfigMap", "team", "rules", "/data/pool"]]});
    let host = PolicyHost::new(Limits::default(), None).expect("an engine");
    let error = host.load(source("looker", ask.clone(), Grants::default())).err().expect("it is not granted");
    assert_eq!(error.to_string(), "policy `looker` asks for `cluster`, which it is not granted");
    assert!(
        error.hint().is_some_and(|hint| hint.contains("`--grant looker=") && hint.contains("cluster")),
        "{error:?}"
    );

    let mut early = ask.clone();
    early["ask-too-early"] = json!(true);
    let error = host.load(source("looker", early, Grants::all())).err().expect("it asks too early");
    let why = "ConfigMap `rules`: the cluster can be asked in `review` only";
    assert!(matches!(&error, PolicyError::Settings { errors, .. } if *errors == [why]), "{error}");

    let policy = host.load(source("looker", ask, Grants::all())).expect("a policy");
    let review = policy.review(&job()).expect("a review");
    let why = "there is no cluster to ask: `render` has none, `run --dry-run=client` has one";
    assert_eq!(review.log[0].message, format!("refused: ConfigMap `rules`: {why}"));
}

#[test]
fn a_question_is_asked_once_for_each_job() {
    let cluster = StandIn::new(Duration::ZERO);
    let ask = json!({"ask": [
        ["text", "v1", "ConfigMap", "team", "rules", "/data/pool"],
        ["read", "v1", "ConfigMap", "team", "rules", ""],
        ["names", "v1", "Pod", "team", ""],
        ["objects", "v1", "Pod", "team", ""],
    ]});
    let limits = Limits::default().with(Limit::Lookups, 2);
    let reviewed = review(limits, &cluster, &[ask.clone(), ask]);
    assert_eq!(log(&reviewed).len(), 8);
    assert_eq!((cluster.requests.load(Ordering::Relaxed), reviewed.lookups.len()), (2, 2));
}

#[test]
fn questions_are_limited_in_number_and_time() {
    let ask = json!({"ask": [
        ["text", "v1", "ConfigMap", "team", "a", ""], ["text", "v1", "ConfigMap", "team", "b", ""],
        ["text", "v1", "ConfigMap", "team", "c", ""],
    ]});
    let slow = Duration::from_millis(200);
    let long = Limits::default().with(Limit::Wall, 100);
    let rows = [
        (Limits::default().with(Limit::Lookups, 3), Duration::ZERO, ""),
        (Limits::default().with(Limit::Lookups, 2), Duration::ZERO, "`lookups` limit of 2: it asked for 3"),
        (long.clone().with(Limit::LookupTime, 450), slow, "`lookup-time` limit of 450ms: it used all of it"),
        // Three answers take six times what the policy itself may take.
        (long, slow, ""),
    ];
    for (limits, delay, expected) in rows {
        let result = review(limits, &StandIn::new(delay), std::slice::from_ref(&ask)).result;
        let said = result.err().map(|error| Error::from(error).to_string()).unwrap_or_default();
        assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "`{expected}` is not in `{said}`");
    }
}

/// A ConfigMap decides what a Job looks like. The run is recorded, and replayed when the ConfigMap and the cluster are gone.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_policy_that_asks_is_replayed_without_the_cluster() {
    let client = client().await;
    let (maps, pods): (Api<ConfigMap>, Api<Pod>) = (namespaced(&client), namespaced(&client));
    let name = unique("rules");
    let cube = TestCube::shell("echo trained");
    create(&maps, json!({"metadata": {"name": name}, "data": {"pool": "gpu"}})).await;
    let container = json!({"name": "main", "image": "nowhere/none:1"});
    for pod in ["a", "b"] {
        let metadata = json!({"name": format!("{name}-{pod}"), "labels": {"rules": name}});
        create(&pods, json!({"metadata": metadata, "spec": {"containers": [container], "nodeName": "nowhere"}})).await;
    }
    let ask = json!([
        ["text", "v1", "ConfigMap", "", name, "/data/pool"],
        ["names", "v1", "Pod", NAMESPACE, format!("rules={name}")],
        ["text", "v1", "Node", "", "node0", "/metadata/labels/mlcube-k8s.dev~1pool"],
        ["text", "batch/v1", "Job", "", "nothing", ""],
        ["text", "v1", "Wish", "", name, ""],
        ["text", "nowhere.example/v1", "ConfigMap", "", name, ""],
        ["text", "v1", "Node", NAMESPACE, "node0", ""],
        ["names", "v1", "Pod", "", "!!"],
    ]);
    let settings = cube.path.join("settings.yaml");
    std::fs::write(&settings, json!({"ask": ask, "log": "warn"}).to_string()).expect("settings");
    let (settings, recording) = (format!("looker={}", settings.display()), cube.path.join("run.json"));
    let policy = support::policy("looker").display().to_string();
    let with = ["--policy", &policy, "--settings", &settings];

    cube.run(&with).check("no grant", 2, "", &["policy `looker` asks for `cluster`, which it is not granted"]);
    let record = recording.display().to_string();
    let with = [&with[..], &["--grant", "looker=cluster,metadata", "--record", &record]].concat();
    let told = [
        "looker: gpu\n",
        &format!("looker: {name}-a {name}-b\n"),
        "looker: none\n",
        &format!("Wish `{name}`: the cluster has no kind `Wish` in `v1`"),
        &format!("ConfigMap `{name}`: the cluster has no kind `ConfigMap` in `nowhere.example/v1`"),
        "Node `node0`: objects of kind `Node` have no namespace: name none",
        "Pod with labels `!!`: the cluster refuses to list Pod with labels `!!`: ",
        "success   task `main`",
    ];
    cube.run(&with).check("a run", 0, "trained\n", &told);
    let ask_one = format!("looker.ask={}", json!([ask[0]]));
    let with = [&with[..], &["--set", "looker.label=true", "--set", &ask_one]].concat();
    let printed = cube.run(&[&with[..], &["--dry-run=client"]].concat());
    assert!(printed.code == Some(0) && printed.stdout.contains("answer-0: gpu"), "{printed:#?}");

    maps.delete(&name, &DeleteParams::default()).await.expect("the ConfigMap can be deleted");
    for pod in ["a", "b"] {
        let at_once = DeleteParams::default().grace_period(0);
        pods.delete(&format!("{name}-{pod}"), &at_once).await.expect("the Pod can be deleted");
    }
    let mut replay = support::program();
    replay.args(["policy", "replay", &record]).env("KUBECONFIG", "/nowhere/config");
    Running::start(&mut replay).wait().check("a replay", 0, &printed.stdout, &["looker admits the Job with 2 edits"]);
}

/// A list with too many objects, or too large ones, is refused; half of it would be worse than nothing.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_list_that_is_too_long_is_refused() {
    let client = client().await;
    let maps: Api<ConfigMap> = namespaced(&client);
    let rows = [
        (501, 1, "there are more than 500: ask for fewer by their labels"),
        (9, 1_000_000, "the answer has more than 8388608 bytes: ask for less"),
    ];
    for (count, size, told) in rows {
        let name = unique("many");
        let make = |index| {
            let metadata = json!({"name": format!("{name}-{index}"), "labels": {"many": name}});
            create(&maps, json!({"metadata": metadata, "data": {"x": "x".repeat(size)}}))
        };
        futures::future::join_all((0..count).map(make)).await;
        let cube = TestCube::shell("true");
        let policy = support::policy("looker").display().to_string();
        let ask = format!("looker.ask={}", json!([["names", "v1", "ConfigMap", "", format!("many={name}")]]));
        let with = ["--dry-run=client", "--policy", &policy, "--grant", "looker=cluster,metadata", "--set", &ask];
        let ended = cube.run(&[&with[..], &["--set", "looker.insist=true"]].concat());
        let all = ListParams::default().labels(&format!("many={name}"));
        maps.delete_collection(&DeleteParams::default(), &all).await.expect("the ConfigMaps can be deleted");
        ended.check("too long", 3, "", &[&format!("ConfigMap with labels `many={name}`: {told}")]);
    }
}

/// Who may not read is told so in the words of the cluster.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn rights_are_those_of_the_user() {
    let cube = TestCube::shell("true");
    let kubeconfig = testbed::kubeconfig_of_nobody(&cube).await;
    let policy = support::policy("looker").display().to_string();
    let ask = format!("looker.ask={}", json!([["text", "v1", "ConfigMap", "", "rules", "/data/pool"]]));
    let with =
        ["--policy", &policy, "--set", &ask, "--set", "looker.insist=true", "--grant", "looker=cluster,metadata"];
    let ended = cube.run(&[&with[..], &["--dry-run=client", "--kubeconfig", &kubeconfig]].concat());
    let told = ["the cluster refuses to read ConfigMap `rules`: ", "is forbidden", "ask the cluster's administrator"];
    ended.check("no right", 3, "", &told);
}

fn namespaced<K>(client: &kube::Client) -> Api<K>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), NAMESPACE)
}

async fn create<K: Clone + std::fmt::Debug + serde::Serialize + DeserializeOwned>(api: &Api<K>, object: Value) {
    let object = serde_json::from_value(object).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("an object can be made");
}

/// The review of a Job by a chain of lookers with these settings.
fn review(limits: Limits, cluster: &Arc<StandIn>, settings: &[Value]) -> Reviewed {
    let host = PolicyHost::new(limits, None).expect("an engine");
    let load = |(index, settings): (usize, &Value)| {
        host.load(source(&format!("looker-{index}"), settings.clone(), Grants::all())).expect("a policy")
    };
    let chain = PolicyChain::new(settings.iter().enumerate().map(load).collect()).expect("a chain");
    chain.review_asking(job(), Arc::clone(cluster) as Arc<dyn Lookups>)
}

fn source(name: &str, settings: Value, grants: Grants) -> PolicySource {
    let path = support::policy("looker");
    let bytes = std::fs::read(&path).expect("the policy is built");
    let name = PolicyId::parse(name).expect("a name");
    PolicySource { grants, ..PolicySource::new(name, path, bytes, settings) }
}

fn log(reviewed: &Reviewed) -> Vec<&str> {
    reviewed.reviews().iter().flat_map(|review| &review.log).map(|line| line.message.as_str()).collect()
}

fn job() -> Job {
    Job::from_json(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}})).expect("a Job")
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = support::workspace().join("tests/cases/lookups").join(name).with_extension("yaml");
    let text = std::fs::read_to_string(&path).expect("the file is there");
    serde_saphyr::from_str(&text).expect("the file can be read")
}
