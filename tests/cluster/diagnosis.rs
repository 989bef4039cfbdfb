//! Jobs that do not get on, all those of `tests/cases/diagnosis/`: each must be told its cause soon,
//! with a remedy, and healthy ones none. `MLCUBE_ACCEPT=1` writes the facts that came from the
//! cluster beside the cases.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use futures::future::OptionFuture;
use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::{self as core, Event as ClusterEvent, Pod, ServiceAccount};
use k8s_openapi::jiff::Timestamp;
use kube::api::ListParams;
use kube::{Api, Client};
use mlcube_k8s::cluster::{
    Cluster, ClusterTarget, Interrupts, Logs, Patience, Submission, Submitted,
};
use mlcube_k8s::diagnosis::{Cause, Diagnosis, Node};
use mlcube_k8s::event::Event;
use mlcube_k8s::job::UnderReview;
use mlcube_k8s::outcome::Outcome;
use serde_json::{Value, json};

use crate::meddling::{let_go, meddle};
use crate::support::cluster::{client, kubeconfig, until, variable};
use crate::support::diagnosis::{Case, Ending, Names, Recorded, all, facts_of};

/// How many Jobs are tried at once.
const AT_ONCE: usize = 10;
/// Cases that are known to be told wrong: at most one in twenty.
const KNOWN_WRONG: [&str; 0] = [];
/// From the event to the word, in seconds: how long it may take where nothing else goes on, and how
/// long beside all other tests on a busy machine. Events have whole seconds.
const SOON: f64 = 5.0 + 1.0;
const LATE: f64 = 30.0;
/// After this long a Job is given up.
const LONGEST: Duration = Duration::from_secs(150);
/// Kinds that are in no namespace.
const WITHOUT_NAMESPACE: [&str; 9] = [
    "PriorityClass",
    "Node",
    "PersistentVolume",
    "StorageClass",
    "RuntimeClass",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

/// What became of a case.
struct Tried {
    case: String,
    wrong: Option<String>,
    /// From the first event to the word, in seconds.
    lag: Option<f64>,
}

/// What is in the cluster for these tests, and is taken away at the end.
struct Furnished(String);

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn every_broken_job_is_told_its_cause() {
    let only = std::env::var("MLCUBE_CASES").unwrap_or_default();
    let cases: Vec<_> = all().into_iter().filter(|case| case.contains(&only)).collect();
    let furnished = Furnished(format!("diagnosis-{}", std::process::id()));
    let mut cases: Vec<_> = cases.into_iter().map(|case| furnished.case(case)).collect();
    furnished.furnish(&cases).await;
    // Nobody keeps these nodes alive: they come first.
    cases.sort_by_key(|(_, _, case)| !case.objects.iter().any(|one| one["kind"] == "Node"));
    let tries = cases.into_iter().map(|(case, names, what)| attempt(case, names, what));
    let tried: Vec<_> = stream::iter(tries).buffer_unordered(AT_ONCE).collect().await;
    report(&tried, only.is_empty());
}

fn report(tried: &[Tried], is_whole: bool) {
    let wrong: Vec<_> = tried
        .iter()
        .filter_map(|tried| Some((&tried.case, tried.wrong.as_ref()?)))
        .filter(|(case, _)| !KNOWN_WRONG.contains(&case.as_str()))
        .map(|(case, why)| format!("{case}: {why}"))
        .collect();
    let mut lags: Vec<f64> = tried.iter().filter_map(|tried| tried.lag).collect();
    lags.sort_by(f64::total_cmp);
    let late = lags.iter().filter(|lag| **lag > SOON).count();
    let count = tried.len();
    #[expect(clippy::print_stderr, reason = "it is measured, not only held to a bound")]
    {
        eprintln!(
            "{count} cases, {} wrong, {late} told after {SOON} s; seconds to the word: {lags:.1?}",
            wrong.len()
        );
        for Tried { case, lag, .. } in tried.iter().filter(|one| one.lag > Some(SOON)) {
            eprintln!("late: {case}, {lag:.1?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lags.last().is_none_or(|lag| *lag < LATE), "told late: {lags:?}");
    if is_whole {
        assert!(
            tried.len() >= 70 && lags.len() >= 40,
            "{} cases, {} lags",
            tried.len(),
            lags.len()
        );
        assert!(KNOWN_WRONG.len() * 20 <= tried.len());
    }
}

impl Furnished {
    fn case(&self, case: String) -> (String, Names, Case) {
        let shared = Names {
            namespace: self.0.clone(),
            name: format!("{}-{case}", self.0),
            image: variable("MLCUBE_TEST_IMAGE"),
        };
        let own = Names { namespace: shared.name.clone(), ..shared.clone() };
        let read = Case::read(&case, &shared);
        let names = if read.own_namespace().is_some() { own } else { shared };
        let read = Case::read(&case, &names);
        (case, names, read)
    }

    /// Make the namespaces, and what is in them beforehand.
    async fn furnish(&self, cases: &[(String, Names, Case)]) {
        let labels = |labels: Value| {
            let mut labels = labels;
            labels["mlcube-test"] = self.0.clone().into();
            labels
        };
        let namespace = |name: &str, own: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels(own)}});
        let mut namespaces = vec![namespace(&self.0, json!({}))];
        let mut objects = Vec::new();
        for (_, names, case) in cases {
            namespaces.extend(case.own_namespace().map(|own| namespace(&names.namespace, own)));
            for object in &case.objects {
                let mut object = object.clone();
                let own = object["metadata"]["labels"].take();
                object["metadata"]["labels"] =
                    labels(if own.is_object() { own } else { json!({}) });
                let kind = object["kind"].as_str().unwrap_or_default().to_owned();
                if !WITHOUT_NAMESPACE.contains(&kind.as_str()) {
                    object["metadata"]["namespace"] = names.namespace.clone().into();
                }
                objects.push(object);
            }
        }
        if cases.iter().any(|(_, _, case)| case.registry) {
            objects.push(registry(&self.0));
        }
        create(&namespaces);
        let client = client().await;
        for namespace in &namespaces {
            let name = namespace["metadata"]["name"].as_str().unwrap_or_default();
            let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), name);
            until("the namespace has a service account", async || {
                accounts.get_opt("default").await.ok().flatten()
            })
            .await;
        }
        // What keeps others from being made comes after them.
        let (first, last): (Vec<_>, Vec<_>) =
            objects.into_iter().partition(|one| one["kind"] == "Pod" || one["kind"] == "Node");
        create(&first);
        create(&last);
        for (_, names, case) in cases {
            if let Some(ready) = &case.ready {
                wait(&names.namespace, &ready.kind, &ready.name, &ready.condition);
            }
        }
        for (_, names, case) in cases {
            if let Some(gone) = &case.deleted {
                let namespace = format!("--namespace={}", names.namespace);
                let deleted =
                    kubectl(&["delete", &gone.kind, &gone.name, &namespace, "--wait=false"], "");
                assert!(deleted.is_ok(), "{deleted:?}");
            }
        }
        if cases.iter().any(|(_, _, case)| case.registry) {
            wait(&self.0, "pod", "registry", "condition=Ready");
        }
    }
}

impl Drop for Furnished {
    fn drop(&mut self) {
        let kinds = "namespaces,nodes,persistentvolumes,storageclasses,runtimeclasses,priorityclasses,\
                     validatingwebhookconfigurations,mutatingwebhookconfigurations,\
                     validatingadmissionpolicies,validatingadmissionpolicybindings";
        let label = format!("--selector=mlcube-test={}", self.0);
        let _ = kubectl(&["delete", kinds, &label, "--wait=false"], "");
    }
}

/// A registry with nothing in it, one that wants a login, and one that has had too many requests.
fn registry(namespace: &str) -> Value {
    let script = r#"
mkdir -p /www/v2 && echo '{}' > /www/v2/index.html && echo '/:user:word' > /tmp/closed
printf '#!/bin/sh\nread line\nprintf "HTTP/1.1 429 Too Many Requests\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n"\nsleep 0.2\n' > /tmp/busy
chmod +x /tmp/busy
httpd -p 45011 -h /www && httpd -p 45012 -h /www -c /tmp/closed
exec nc -ll -p 45013 -e /tmp/busy"#;
    let probe = json!({"tcpSocket": {"port": 45012, "host": "127.0.0.1"}, "periodSeconds": 1});
    let container = json!({
        "name": "main", "image": variable("MLCUBE_TEST_IMAGE"), "command": ["/bin/sh", "-c", script],
        "readinessProbe": probe,
    });
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "registry", "namespace": namespace},
        "spec": {"hostNetwork": true, "containers": [container]},
    })
}

pub fn create(objects: &[Value]) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let created = kubectl(&["create", "--filename=-"], &list.to_string());
    assert!(objects.is_empty() || created.is_ok(), "{created:?}");
}

fn wait(namespace: &str, kind: &str, name: &str, condition: &str) {
    let (namespace, condition) = (format!("--namespace={namespace}"), format!("--for={condition}"));
    let waited = kubectl(&["wait", &namespace, kind, name, &condition, "--timeout=60s"], "");
    assert!(waited.is_ok(), "{waited:?}");
}

fn kubectl(arguments: &[&str], input: &str) -> Result<(), String> {
    let mut command = Command::new(variable("MLCUBE_TEST_KUBECTL"));
    command.arg("--kubeconfig").arg(kubeconfig()).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("kubectl starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("kubectl reads");
    drop(stdin);
    let ended = child.wait_with_output().expect("kubectl ends");
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    if ended.status.success() { Ok(()) } else { Err(said) }
}

/// Run a Job until what must be told is told, and the run has ended if it must.
async fn attempt(name: String, names: Names, case: Case) -> Tried {
    let target = ClusterTarget {
        kubeconfig: Some(kubeconfig()),
        namespace: Some(names.namespace.parse().expect("a namespace")),
        ..ClusterTarget::default()
    };
    let cluster = Cluster::connect(&target).await.expect("the cluster is there");
    let admitted = UnderReview::new(case.to_job(&names, &name)).admit();
    let submission = Submission::new(&admitted);
    let submitted = match cluster.submit(&submission, Interrupts::default(), |_| {}).await {
        Ok(submitted) => submitted.expect("no signal"),
        Err(error) => {
            let wrong = Some(format!("the Job is not created: {error}"));
            return Tried { case: name, wrong, lag: None };
        }
    };
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let observed =
        cluster.observe(&submitted, Patience::default(), Logs::default(), move |event| {
            if let Event::Diagnosed(diagnosis) = event {
                let _ = told.send((*diagnosis, SystemTime::now()));
            }
        });
    let mut observed = std::pin::pin!(observed);
    let mut all: Vec<(Diagnosis, SystemTime)> = Vec::new();
    let client = client().await;
    let mut meddling = std::pin::pin!(OptionFuture::from(
        case.then.clone().map(|then| meddle(&client, &submitted, then))
    ));
    let mut is_meddled = false;
    let is_waited_for = matches!(case.expected.ending, Ending::Waits | Ending::Retries);
    let ended = tokio::time::timeout(LONGEST, async {
        loop {
            tokio::select! {
                Some(one) = heard.recv() => all.push(one),
                _ = &mut meddling, if !is_meddled => is_meddled = true,
                ended = &mut observed => break Some(ended),
            }
            if is_waited_for && !all.is_empty() {
                break None;
            }
        }
    })
    .await;
    // The last words may have come together with the end.
    while let Ok(one) = heard.try_recv() {
        all.push(one);
    }
    let lag = match all.first() {
        // That is waited for on purpose.
        Some((one, _)) if one.cause == Cause::ClusterBehind => None,
        Some((_, at)) => lag(&client, &submitted, *at).await,
        None => None,
    };
    delete(&submitted);
    if case.then.is_some() {
        let_go(&client, &submitted).await;
    }
    let (diagnoses, _): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let ending = match (&ended, case.expected.ending) {
        (Err(_), _) => Some(format!("it went on for {LONGEST:?}")),
        (Ok(None), _) => None,
        (Ok(Some(Ok(ended))), expected) => {
            let is_right = match expected {
                Ending::Succeeds => ended.outcome == Outcome::Succeeded,
                Ending::Stuck => matches!(ended.outcome, Outcome::Stuck(_)),
                Ending::Retries | Ending::Fails => matches!(ended.outcome, Outcome::Failed(_)),
                Ending::Waits => false,
            };
            (!is_right).then(|| format!("it ended: {:?}", ended.outcome))
        }
        (Ok(Some(Err(error))), _) => Some(format!("it ended: {error}")),
    };
    let wrong = case.expected.differs(&diagnoses).or(ending);
    let is_accepted = std::env::var_os("MLCUBE_ACCEPT").is_some();
    if wrong.is_none() && is_accepted && !diagnoses.is_empty() {
        accept(&name, &names, &submitted, &diagnoses).await;
    }
    Tried { case: name, wrong, lag }
}

async fn accept(case: &str, names: &Names, submitted: &Submitted, told: &[Diagnosis]) {
    let facts = told.iter().map(|diagnosis| diagnosis.fact.clone()).collect();
    let nodes: Api<core::Node> = Api::all(client().await);
    let mine = ListParams::default().labels(&format!("diagnosis={}", names.name));
    let nodes = nodes.list(&mine).await.expect("nodes can be listed").items.into_iter();
    let recorded = Recorded { facts, nodes: nodes.map(node).collect() };
    let text = serde_json::to_string_pretty(&recorded).expect("facts are JSON");
    let kubeconfig = kubeconfig();
    let folder = kubeconfig.parent().expect("the folder of the cluster").display().to_string();
    let text = names.take_from(&text).replace(submitted.name(), "job").replace(&folder, "/var/lib");
    fs::write(facts_of(case), text + "\n").expect("the facts can be written");
}

fn node(node: core::Node) -> Node {
    let taints = node.spec.and_then(|spec| spec.taints).into_iter().flatten();
    Node {
        name: node.metadata.name.unwrap_or_default(),
        labels: node.metadata.labels.unwrap_or_default().into_iter().collect(),
        taints: taints.map(|one| (one.key, one.value.unwrap_or_default(), one.effect)).collect(),
        resources: Vec::new(),
    }
}

fn delete(submitted: &Submitted) {
    let namespace = format!("--namespace={}", submitted.namespace());
    let _ = kubectl(&["delete", "job", submitted.name(), &namespace, "--wait=false"], "");
}

/// From the first event that is no usual one, or the Pod's being unschedulable, to the word.
async fn lag(client: &Client, submitted: &Submitted, told: SystemTime) -> Option<f64> {
    let namespace = submitted.namespace();
    let events: Api<ClusterEvent> = Api::namespaced(client.clone(), namespace);
    let unusual = ListParams::default().fields("type!=Normal");
    let events = events.list(&unusual).await.ok()?.items.into_iter().filter(|event| {
        let name = event.involved_object.name.as_deref().unwrap_or_default();
        let is_noise = event.reason.as_deref() == Some("MissingClusterDNS");
        name.starts_with(submitted.name()) && !is_noise
    });
    let first = events.filter_map(|event| {
        let first = event.event_time.map(|time| time.0);
        first.or(event.first_timestamp.map(|time| time.0))
    });
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let mine = ListParams::default().labels(&format!("job-name={}", submitted.name()));
    let pods = pods.list(&mine).await.ok()?.items.into_iter();
    let conditions = pods.flat_map(|pod| pod.status.and_then(|status| status.conditions)).flatten();
    let unscheduled = conditions
        .filter(|condition| condition.type_ == "PodScheduled" && condition.status == "False")
        .filter_map(|condition| Some(condition.last_transition_time?.0));
    let first: Timestamp = first.chain(unscheduled).min()?;
    let told = Timestamp::try_from(told).ok()?;
    (told - first).total(k8s_openapi::jiff::Unit::Second).ok()
}
