//! Claims that are created for a run: after the policies, once, and to stay.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use k8s_openapi::api::core::v1::{
    LimitRange, Namespace, PersistentVolume, PersistentVolumeClaim, ResourceQuota, ServiceAccount,
};
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::cluster::{Ended, Running, TestCube, client, entrypoint, paste, unique, until};
use crate::support::forwarder::{Fault, Forwarder};
use crate::support::{policy, workspace};

/// A namespace, and a storage class whose volumes are made by hand and bound when a Pod comes.
struct Place {
    client: Client,
    name: String,
}

impl Place {
    /// With so many volumes of 1Gi.
    async fn new(count: usize) -> Self {
        let (client, name) = (client().await, unique("claims"));
        let metadata = json!({"metadata": {"name": name}});
        create::<Namespace>(&Api::all(client.clone()), metadata).await;
        let class = json!({
            "metadata": {"name": name}, "provisioner": "kubernetes.io/no-provisioner",
            "volumeBindingMode": "WaitForFirstConsumer",
        });
        create::<StorageClass>(&Api::all(client.clone()), class).await;
        for index in 0..count {
            let volume = json!({"metadata": {"name": format!("{name}-{index}")}, "spec": {
                "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": name,
                "hostPath": {"path": folder(&name, index), "type": "DirectoryOrCreate"},
            }});
            create::<PersistentVolume>(&Api::all(client.clone()), volume).await;
        }
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &name);
        until("Pods have an account", async || accounts.get_opt("default").await.ok()?).await;
        Self { client, name }
    }

    fn claims(&self) -> Api<PersistentVolumeClaim> {
        Api::namespaced(self.client.clone(), &self.name)
    }

    async fn names(&self) -> Vec<String> {
        let claims = self.claims().list(&ListParams::default()).await.expect("claims");
        claims.items.into_iter().filter_map(|claim| claim.metadata.name).collect()
    }

    /// A command in this namespace; claims that are missing are created with its class.
    fn tell(&self, cube: &TestCube, verb: &str, more: &[&str]) -> Ended {
        Running::start(self.command(cube, verb).args(more)).wait()
    }

    fn command(&self, cube: &TestCube, verb: &str) -> std::process::Command {
        let mut command = cube.command(verb);
        command.args(["--namespace", &self.name, "--create-claims", "--size=1Gi"]);
        command.arg(format!("--storage-class={}", self.name));
        command
    }

    async fn remove(self) {
        let params = DeleteParams::default();
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.delete(&self.name, &params).await.expect("it can be deleted");
        let classes: Api<StorageClass> = Api::all(self.client.clone());
        classes.delete(&self.name, &params).await.expect("it can be deleted");
        let volumes: Api<PersistentVolume> = Api::all(self.client.clone());
        for volume in volumes.list(&ListParams::default()).await.expect("volumes").items {
            let name = volume.metadata.name.unwrap_or_default();
            if let Some(index) = name.strip_prefix(&format!("{}-", self.name)) {
                let _ = std::fs::remove_dir_all(folder(&self.name, index));
                volumes.delete(&name, &params).await.expect("it can be deleted");
            }
        }
    }
}

/// The folder of a volume.
fn folder(place: &str, index: impl Display) -> PathBuf {
    workspace().join("target/tests").join(format!("{place}-{index}"))
}

async fn create<K>(api: &Api<K>, json: Value)
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned + serde::Serialize,
{
    let object = serde_json::from_value(json).expect("an object of this kind");
    api.create(&PostParams::default(), &object).await.expect("it can be made");
}

/// A cube whose task reads one claim and writes another.
fn cube(k8s: &str, line: &str) -> TestCube {
    let tasks = format!(
        "{{main: {{parameters: {{inputs: {{d: {{type: directory, default: .}}}}, outputs: {{r: {{type: directory, default: .}}}}}}, entrypoint: {}}}}}",
        entrypoint(line)
    );
    TestCube::new(k8s, &tasks)
}

const BOTH: &str = "{backoffLimit: 0, pvc: {input: datasets, output: results}}";
const WRITES: &str = r"echo kept >> \${1#--r=}/x; cat \${1#--r=}/x";

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn claims_are_created_once_after_the_policies_and_stay() {
    let place = Place::new(2).await;
    let cube = cube(BOTH, WRITES);
    let settings = cube.path.join("remap.yaml");
    std::fs::write(&settings, "{claims: {datasets: {claim: team-data}}}").expect("settings");
    let policy = format!("--policy={}", policy::file("pvc-remap").display());
    let more = [&policy, "--settings", &format!("pvc-remap={}", settings.display())];

    // A plan and a dry run say what would be.
    let details = format!("1Gi, class `{}`, ReadWriteOnce", place.name);
    let ended = place.tell(&cube, "plan", &more);
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    for claim in ["team-data", "results"] {
        let told = format!("ok        claim      `{claim}` would be created: {details}\n");
        assert!(ended.stdout.contains(&told), "{ended:#?}");
    }
    let dry = [&more[..], &["--dry-run=server"]].concat();
    let ended = place.tell(&cube, "run", &dry);
    let told = format!("claim     `team-data` would be created: {details}\n");
    assert!(ended.code == Some(0) && ended.stderr.contains(&told), "{ended:#?}");
    assert!(place.names().await.is_empty());

    let ended = place.tell(&cube, "run", &more);
    let told = [
        format!("claim     created `results`: {details}\n"),
        format!("claim     created `team-data`: {details}\n"),
    ];
    ended.check("created", 0, "kept\n", &[&told[0], &told[1], "success"]);
    assert_eq!(place.names().await, ["results", "team-data"]);
    for claim in place.claims().list(&ListParams::default()).await.expect("claims") {
        let labels = claim.metadata.labels.unwrap_or_default();
        assert_eq!(labels["app.kubernetes.io/managed-by"], "mlcube-k8s");
        assert_eq!(claim.metadata.owner_references, None, "data outlives a run");
    }

    let ended = place.tell(&cube, "run", &[&more[..], &["-o", "json", "--rm"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let events = ended.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let found: Vec<Value> = events.filter(|event: &Value| event["event"] == "claim").collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1]["claim"], "team-data");
    assert!(found.iter().all(|event| event["state"] == "found" && event["size"] == "1Gi"));
    assert!(ended.stdout.contains(r#""line":"kept""#), "the data is still there: {ended:#?}");
    assert_eq!(place.names().await, ["results", "team-data"]);
    place.remove().await;
}

/// Without the option nothing is created, and what is told can be pasted.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_missing_claim_comes_with_the_command_that_creates_it() {
    let place = Place::new(0).await;
    let cube = cube("{pvc: datasets}", "true");
    let mut command = cube.command("run");
    command.args(["--namespace", &place.name, "--dry-run=server", "-o=json"]);
    command.arg("--kubeconfig").arg(crate::support::cluster::kubeconfig());
    let ended = Running::start(&mut command).wait();
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    let (_, behind) = ended.stderr.split_once("`--namespace`; `").expect("a command");
    let (told, _) = behind.split_once("` creates it").expect("an end");
    assert!(told.ends_with(" --create-claims"), "{told}");
    let told = format!("{told} --storage-class={}", place.name);
    let pasted = paste(&told, &cube);
    let said = String::from_utf8_lossy(&pasted.stderr);
    assert!(pasted.status.success() && said.contains("`datasets` would be created"), "{said}");
    let mut command = cube.command("plan");
    let ended = Running::start(command.args(["--namespace", &place.name])).wait();
    assert!(ended.stdout.contains(" --create-claims\n"), "{ended:#?}");
    assert!(place.names().await.is_empty());
    place.remove().await;
}

/// A name, the options, what a quota of the namespace allows, the exit code, what is told, and the
/// remedy.
type Refused<'a> = (&'a str, &'a [&'a str], Option<Value>, i32, &'a str, &'a str);

/// What would leave a claim without a volume, or has no room, is refused before anything is made.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_cannot_be_created_is_refused_before() {
    let place = Place::new(0).await;
    let cube = cube(BOTH, "true");
    let own = ["--namespace", place.name.as_str(), "--create-claims"];
    let quotas: Api<ResourceQuota> = Api::namespaced(place.client.clone(), &place.name);
    let class = |resource: &str| format!("{}.storageclass.storage.k8s.io/{resource}", place.name);
    let mine = format!("--storage-class={}", place.name);
    let rows: [Refused<'_>; 7] = [
        (
            "no default",
            &[],
            None,
            2,
            "no storage class is the cluster's default: claim `datasets` would never have a volume",
            "name one with `--storage-class`",
        ),
        (
            "no such class",
            &["--storage-class=fast"],
            None,
            2,
            "storage class `fast` does not exist",
            &place.name,
        ),
        (
            "a size",
            &[&mine, "--size=2Gi"],
            Some(json!({"requests.storage": "1Gi"})),
            6,
            "quota `team` is too small: claim `datasets` asks for `requests.storage=2Gi` of `1Gi`",
            "choose a smaller `--size`",
        ),
        (
            "a number",
            &[&mine],
            Some(json!({"persistentvolumeclaims": "0"})),
            6,
            "claim `datasets` asks for `persistentvolumeclaims=1` of `0` in all",
            "delete claims that are no longer needed",
        ),
        (
            "both together",
            &[&mine, "--size=2Gi"],
            Some(json!({"requests.storage": "3Gi"})),
            6,
            "quota `team` has no room: the claims ask for `requests.storage=4Gi`, and `0` of `3Gi` are in use",
            "describe resourcequota team",
        ),
        (
            "a class",
            &[&mine, "--size=2Gi"],
            Some(json!({class("requests.storage"): "3Gi"})),
            6,
            "no room",
            "describe resourcequota team",
        ),
        (
            "claims of a class",
            &[&mine],
            Some(json!({class("persistentvolumeclaims"): "1"})),
            6,
            "no room",
            "describe resourcequota team",
        ),
    ];
    for (name, more, hard, code, told, remedy) in rows {
        if let Some(hard) = hard {
            let has_status = || async {
                let found = quotas.get("team").await.ok()?;
                (found.status?.hard == found.spec?.hard).then_some(())
            };
            let quota = json!({
                "apiVersion": "v1", "kind": "ResourceQuota",
                "metadata": {"name": "team"}, "spec": {"hard": hard},
            });
            let _ = quotas.delete("team", &DeleteParams::default()).await;
            let apply = PatchParams::apply("tests").force();
            quotas.patch("team", &apply, &Patch::Apply(quota)).await.expect("a quota");
            until("the quota counts", async || has_status().await).await;
        }
        let mut command = cube.command("run");
        let ended = Running::start(command.args(own).args(more)).wait();
        ended.check(name, code, "", &[told, remedy]);
        let ended = Running::start(cube.command("plan").args(own).args(more)).wait();
        assert_eq!(ended.code, Some(code), "{name}: {ended:#?}");
        assert!(ended.stdout.contains(told), "{name}: {ended:#?}");
        assert!(place.names().await.is_empty(), "{name}");
    }
    quotas.delete("team", &DeleteParams::default()).await.expect("it can be deleted");
    let ranges: Api<LimitRange> = Api::namespaced(place.client.clone(), &place.name);
    let limit = json!({"type": "PersistentVolumeClaim", "max": {"storage": "2Gi"}, "min": {"storage": "500Mi"}});
    create(&ranges, json!({"metadata": {"name": "team"}, "spec": {"limits": [limit]}})).await;
    for (size, told) in [("3Gi", "maximum storage usage"), ("1Mi", "minimum storage usage")] {
        let mut command = cube.command("run");
        command.args(own).args([&mine, "--size", size]);
        let told = format!("a LimitRange of the namespace forbids it: {told} per ");
        Running::start(&mut command).wait().check(size, 6, "", &[&told, "another `--size`"]);
    }
    place.remove().await;
}

/// Answers that are lost, doubled or passing: each claim is there once, and what is told is true.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn answers_to_the_creation_are_cleared_up() {
    const CONFLICT: &str = r#"{"kind":"Status","status":"Failure","code":409,"reason":"Conflict","message":"Operation cannot be fulfilled on resourcequotas: the object has been modified"}"#;
    let place = Place::new(2).await;
    let rows = [
        ("slow-down", Fault::Says(429, Some(1), "Too many requests"), 2),
        ("conflict", Fault::Says(409, None, CONFLICT), 3),
        ("proxy", Fault::Status(502), 3),
        ("busy", Fault::Says(503, None, ""), 2),
        ("lost", Fault::Answered(504), 1),
        ("reset", Fault::Refused, 3),
        ("late", Fault::Late(Duration::from_millis(500)), 1),
        ("twice", Fault::Twice, 1),
    ];
    for (name, fault, times) in rows {
        let cube = cube(&format!("{{pvc: {name}}}"), "true");
        let count = Mutex::new(0);
        let forwarder = Forwarder::new(move |asked| {
            if !asked.is_claim_creation() {
                return Fault::None;
            }
            let mut count = count.lock().expect("no panic");
            *count += 1;
            if *count <= times { fault } else { Fault::None }
        });
        let mut command = place.command(&cube, "run");
        command.arg("--kubeconfig").arg(forwarder.kubeconfig(&cube));
        // The Job itself is of no interest.
        let ended = Running::start(command.arg("--detach")).wait();
        assert_eq!(ended.code, Some(0), "{name}: {ended:#?}");
        let told = format!("claim     created `{name}`: 1Gi");
        assert_eq!(ended.stderr.matches(&told).count(), 1, "{name}: {ended:#?}");
        assert!(place.names().await.contains(&name.to_owned()), "{name}");
    }
    // What is refused is told as such, and no Job is made.
    let refused = r#"{"kind":"Status","status":"Failure","code":403,"reason":"Forbidden","message":"persistentvolumeclaims \"x\" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: requests.storage=5Gi, limited: requests.storage=5Gi"}"#;
    let forwarder = Forwarder::new(move |asked| match asked.is_claim_creation() {
        true => Fault::Says(403, None, refused),
        false => Fault::None,
    });
    let cube = cube("{pvc: refused}", "true");
    let mut command = place.command(&cube, "run");
    command.arg("--kubeconfig").arg(forwarder.kubeconfig(&cube));
    let told = "quota `q` is used up: claim `refused` asks for `requests.storage=1Gi`, and `5Gi` of `5Gi` are in use";
    Running::start(&mut command).wait().check("refused", 6, "", &[told]);
    place.remove().await;
}

/// After a signal no claim is created, and no Job.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn no_claim_is_created_after_a_signal() {
    let place = Place::new(0).await;
    let cube = cube(BOTH, "true");
    let (told, asked_for) = std::sync::mpsc::channel();
    let forwarder = Forwarder::new(move |asked| {
        if asked.is_claim_creation() {
            told.send(()).expect("a test");
            return Fault::Slow(Duration::from_secs(2));
        }
        Fault::None
    });
    let mut command = place.command(&cube, "run");
    let running = Running::start(command.arg("--kubeconfig").arg(forwarder.kubeconfig(&cube)));
    asked_for.recv().expect("a claim is created");
    running.signal("INT");
    let ended = running.wait();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert!(ended.stderr.contains("claim     created `datasets`"), "{ended:#?}");
    assert_eq!(place.names().await, ["datasets"]);
    let jobs: Api<k8s_openapi::api::batch::v1::Job> =
        Api::namespaced(place.client.clone(), &place.name);
    assert!(jobs.list(&ListParams::default()).await.expect("Jobs").items.is_empty());
    place.remove().await;
}

/// Several runs at once want the same claims: each is created by one of them.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn runs_at_once_share_what_is_created() {
    let place = Place::new(2).await;
    let cubes: Vec<_> = (0..4).map(|_| cube(BOTH, "true")).collect();
    let runs: Vec<_> =
        cubes.iter().map(|cube| Running::start(&mut place.command(cube, "run"))).collect();
    let ended: Vec<_> = runs.into_iter().map(Running::wait).collect();
    for claim in ["datasets", "results"] {
        let count = |state: &str| {
            let told = format!("claim     {state} `{claim}`");
            ended.iter().filter(|ended| ended.stderr.contains(&told)).count()
        };
        assert_eq!((count("created"), count("found")), (1, 3), "{ended:#?}");
    }
    assert!(ended.iter().all(|ended| ended.code == Some(0)), "{ended:#?}");
    place.remove().await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn without_a_claim_the_option_has_no_effect() {
    let cube = TestCube::shell("true");
    let ended = cube.run(&["--create-claims"]);
    let told = "warning   `--create-claims` has no effect: no Job names a claim";
    ended.check("no claim", 0, "", &[told]);
}
