//! A claim, a workspace, and a task that copies the one to the other.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use super::cluster::{Ended, NAMESPACE, Running, TestCube, client, unique};

/// A claim of its own, and a cube whose task copies its input to its output.
pub struct Desk {
    pub client: Client,
    pub claim: String,
    pub cube: TestCube,
}

/// Make a claim of this name, and a volume of this kind for it.
pub async fn claim_of(client: &Client, namespace: &str, claim: &str, volume: Value) {
    let name = unique(claim);
    let mut spec = json!({
        "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "",
        "claimRef": {"name": claim, "namespace": namespace},
    });
    spec.as_object_mut().expect("a map").extend(volume.as_object().expect("a map").clone());
    let volumes: Api<PersistentVolume> = Api::all(client.clone());
    let volume = json!({"metadata": {"name": name, "labels": {"claim": claim}}, "spec": spec});
    let volume = serde_json::from_value(volume).expect("a volume");
    volumes.create(&PostParams::default(), &volume).await.expect("a volume can be made");
    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client.clone(), namespace);
    let made = json!({"metadata": {"name": claim}, "spec": {
        "accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": name,
        "resources": {"requests": {"storage": "1Gi"}},
    }});
    let made = serde_json::from_value(made).expect("a claim");
    claims.create(&PostParams::default(), &made).await.expect("a claim can be made");
}

/// Remove such a claim and its volume.
pub async fn remove_claim(client: &Client, claim: &str) {
    let params = DeleteParams::background();
    let claims: Api<PersistentVolumeClaim> = Api::namespaced(client.clone(), NAMESPACE);
    claims.delete(claim, &params).await.expect("the claim can be deleted");
    let volumes: Api<PersistentVolume> = Api::all(client.clone());
    let own = ListParams::default().labels(&format!("claim={claim}"));
    volumes.delete_collection(&params, &own).await.expect("the volume can be deleted");
}

impl Desk {
    pub async fn new() -> Self {
        let folder = format!("/tmp/{}", unique("staging"));
        Self::on(json!({"hostPath": {"path": folder, "type": "DirectoryOrCreate"}}), "").await
    }

    /// With a volume of this kind, and more settings.
    pub async fn on(volume: Value, k8s: &str) -> Self {
        let (client, claim) = (client().await, unique("data"));
        claim_of(&client, NAMESPACE, &claim, volume).await;
        let line =
            "d=$(echo $1 | cut -d= -f2); c=$(echo $2 | cut -d= -f2); mkdir -p $c && cp -a $d/. $c/";
        let task = format!(
            "{{main: {{parameters: {{inputs: {{data: {{type: directory, default: data}}}}, outputs: {{copy: {{type: directory, default: copy}}}}}}, entrypoint: {}}}}}",
            json!(["/bin/sh", "-c", line, "sh"])
        );
        let k8s = format!("{{backoffLimit: 0, pvc: {claim}, workspace: w{k8s}}}");
        let cube = TestCube::new(&k8s, &task);
        fs::create_dir_all(cube.path.join("workspace/data")).expect("a folder");
        Self { client, claim, cube }
    }

    pub fn data(&self) -> PathBuf {
        self.cube.path.join("workspace/data")
    }

    pub fn back(&self) -> PathBuf {
        self.cube.path.join("back")
    }

    pub fn tell(&self, words: &[&str]) -> Ended {
        self.start(words).wait()
    }

    pub fn start(&self, words: &[&str]) -> Running {
        Running::start(&mut self.command(words))
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.cube.command(words[0]);
        command.args(&words[1..]).env("XDG_CACHE_HOME", self.cube.path.join("cache"));
        command.env("MLCUBE_K8S_STATE", self.cube.path.join("state"));
        command
    }

    /// Run the task on what is in the workspace, and fetch its copy.
    pub fn there_and_back(&self) -> Ended {
        let back = format!("--fetch={}", self.back().display());
        let ended = self.tell(&["run", "--stage", &back]);
        ended.check("there and back", 0, "", &["staged ", "success ", "fetched "]);
        ended
    }

    /// The Pods that carry its data.
    pub async fn helpers(&self) -> Vec<Pod> {
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), NAMESPACE);
        let labels = format!("app-name={},mlcube-k8s.dev/helper", self.cube.name);
        pods.list(&ListParams::default().labels(&labels)).await.expect("Pods").items
    }

    pub async fn remove(self) {
        let params = DeleteParams::background();
        let jobs: Api<Job> = Api::namespaced(self.client.clone(), NAMESPACE);
        let own = ListParams::default().labels(&format!("app-name={}", self.cube.name));
        jobs.delete_collection(&params, &own).await.expect("Jobs can be deleted");
        remove_claim(&self.client, &self.claim).await;
    }
}

/// When the folders below a folder were changed, in seconds since 1970.
pub fn folder_times(root: &Path) -> BTreeMap<String, i64> {
    let mtime = |name: &str| root.join(name).symlink_metadata().expect("it is there").mtime();
    let all = tree(root).into_iter().filter(|(_, told)| told.starts_with("folder"));
    all.map(|(name, _)| (name.clone(), mtime(&name))).collect()
}

/// What is in a folder: for each path its kind, permissions and content, and the time of a file.
pub fn tree(root: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut left = vec![root.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below it").display().to_string();
            let found = path.symlink_metadata().expect("it is there");
            let told = if found.is_dir() {
                left.push(path);
                format!("folder {:o}", found.mode() & 0o777)
            } else if found.is_symlink() {
                format!("link {}", fs::read_link(&path).expect("a link").display())
            } else {
                let content = fs::read(&path).expect("a file");
                format!("file {:o} {} {:?}", found.mode() & 0o777, found.mtime(), hash(&content))
            };
            all.insert(name, told);
        }
    }
    all
}

fn hash(content: &[u8]) -> (usize, u64) {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    (content.len(), hasher.finish())
}

/// Bytes that do not repeat.
pub fn bytes(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..count.div_ceil(8)).flat_map(|_| next().to_le_bytes()).take(count).collect()
}
