//! The real cluster as a test sees it: a client, cubes written for the occasion, runs of the
//! program.

use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{policy, program, workspace};

/// The namespace in which the tests run.
pub const NAMESPACE: &str = "default";
/// The one node.
pub const NODE: &str = "node0";
/// A condition that has not come true by then will not.
const PATIENCE: Duration = Duration::from_secs(120);

/// A variable that `cargo xtask test` sets.
pub fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("`{name}` is not set: run the tests with `cargo xtask test`"))
}

/// The kubeconfig of the cluster under test.
pub fn kubeconfig() -> PathBuf {
    variable("MLCUBE_TEST_KUBECONFIG").into()
}

/// A client with every right.
pub async fn client() -> Client {
    let kubeconfig =
        Kubeconfig::read_from(kubeconfig()).expect("the kubeconfig of the test cluster");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .expect("a configuration");
    Client::try_from(config).expect("a client")
}

pub fn jobs(client: &Client) -> Api<Job> {
    Api::namespaced(client.clone(), NAMESPACE)
}

/// A name that no other test uses.
pub fn unique(prefix: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A cube of the test image: `tasks` and `k8s` in YAML's flow style. Its name is its own, so that
/// its Jobs can be found.
pub struct TestCube {
    pub name: String,
    pub path: PathBuf,
}

impl TestCube {
    pub fn new(k8s: &str, tasks: &str) -> Self {
        let name = unique("cube");
        let path = workspace().join("target/tests").join(&name);
        std::fs::create_dir_all(&path).expect("a folder for a cube");
        let image = variable("MLCUBE_TEST_IMAGE");
        let text =
            format!("name: {name}\ndocker: {{image: \"{image}\"}}\nk8s: {k8s}\ntasks: {tasks}\n");
        std::fs::write(path.join("mlcube.yaml"), text).expect("a cube");
        Self { name, path }
    }

    /// A cube with one task that runs a line of shell, without retries.
    pub fn shell(line: &str) -> Self {
        Self::new("{backoffLimit: 0}", &format!("{{main: {{entrypoint: {}}}}}", entrypoint(line)))
    }

    /// A cube whose Pod no node can take.
    pub fn unschedulable() -> Self {
        let k8s = format!("{{nodeSelector: {{{}: 'yes'}}}}", unique("nowhere"));
        Self::new(&k8s, &format!("{{main: {{entrypoint: {}}}}}", entrypoint("echo never")))
    }

    /// `mlcube-k8s VERB --mlcube …` for this cube on the test cluster.
    pub fn command(&self, verb: &str) -> Command {
        let mut command = program();
        command.arg(verb).arg("--mlcube").arg(&self.path).env("KUBECONFIG", kubeconfig());
        command
    }

    /// Start `run` with more arguments.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command("run").args(arguments))
    }

    /// Run to the end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).wait()
    }

    /// The arguments of a policy that applies a JSON Patch of one addition.
    pub fn added(&self, place: &str, value: &Value) -> Vec<String> {
        let patch = json!([{"op": "add", "path": place, "value": value}]).to_string();
        let settings = self.path.join("settings.yaml");
        let calls = json!({"calls": [["apply", patch]]}).to_string();
        std::fs::write(&settings, calls).expect("a settings file");
        let (module, settings) = (policy::file("caller"), settings.display());
        let policy = format!("--policy={}", module.display());
        vec![policy, format!("--settings=caller={settings}")]
    }

    /// The Jobs of this cube.
    pub async fn jobs(&self, client: &Client) -> Vec<Job> {
        let params = ListParams::default().labels(&format!("app-name={}", self.name));
        jobs(client).list(&params).await.expect("Jobs can be listed").items
    }

    /// The one Job of this cube, once it is there.
    pub async fn job(&self, client: &Client) -> String {
        until("the Job is there", async || self.jobs(client).await.pop())
            .await
            .metadata
            .name
            .expect("a Job has a name")
    }
}

impl Drop for TestCube {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Make a service account, and give a token of it.
pub async fn new_account(name: &str) -> String {
    new_account_in(NAMESPACE, name).await
}

/// Make a service account in a namespace, and give a token of it.
pub async fn new_account_in(namespace: &str, name: &str) -> String {
    let accounts: Api<ServiceAccount> = Api::namespaced(client().await, namespace);
    let account = serde_json::from_value(json!({"metadata": {"name": name}})).expect("an account");
    accounts.create(&PostParams::default(), &account).await.expect("an account can be made");
    let request: TokenRequest =
        serde_json::from_value(json!({"metadata": {}, "spec": {"audiences": []}}))
            .expect("a request");
    let token = accounts
        .create_token_request(name, &PostParams::default(), &request)
        .await
        .expect("a token");
    token.status.expect("a token").token
}

/// Make a service account that may run Jobs, and give a token of it.
pub async fn new_runner() -> String {
    let name = unique("runner");
    let token = new_account(&name).await;
    let bindings: Api<RoleBinding> = Api::namespaced(client().await, NAMESPACE);
    let binding = json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
    });
    let binding = serde_json::from_value(binding).expect("a binding");
    bindings.create(&PostParams::default(), &binding).await.expect("a binding can be made");
    token
}

/// A kubeconfig, in the folder of a cube, of a user who may do nothing.
pub async fn kubeconfig_of_nobody(cube: &TestCube) -> String {
    let token = new_account(&unique("nobody")).await;
    let mut kubeconfig = Kubeconfig::read_from(self::kubeconfig()).expect("the kubeconfig");
    let user = json!({"token": token});
    for auth in &mut kubeconfig.auth_infos {
        auth.auth_info = Some(serde_json::from_value(user.clone()).expect("a user"));
    }
    let path = cube.path.join("kubeconfig");
    std::fs::write(&path, serde_json::to_string(&kubeconfig).expect("JSON")).expect("a kubeconfig");
    path.display().to_string()
}

/// A line of shell as an entry point, in YAML.
pub fn entrypoint(line: &str) -> String {
    json!(["/bin/sh", "-c", line]).to_string()
}

/// A run of the program under way.
pub struct Running {
    child: Child,
    told: BufReader<ChildStderr>,
    heard: String,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Running {
    pub fn start(command: &mut Command) -> Self {
        let mut command = heeding_signals(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let told = BufReader::new(child.stderr.take().expect("it is piped"));
        Self { child, told, heard: String::new() }
    }

    /// Wait until something is told.
    pub fn until_told(&mut self, words: &str) {
        while !self.heard.contains(words) {
            let read = self.told.read_line(&mut self.heard).expect("the output is text");
            assert!(read > 0, "`{words}` was never told: {}", self.heard);
        }
    }

    /// Send a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let mut kill = Command::new("kill");
        let killed = kill.args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(killed.expect("kill can be started").success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Close its standard output.
    pub fn close_stdout(&mut self) {
        drop(self.child.stdout.take());
    }

    /// The exit code, while nobody reads its output; none if it does not end in time.
    pub fn wait_without_reading(mut self, longest: Duration) -> Option<i32> {
        let end = std::time::Instant::now() + longest;
        while std::time::Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        None
    }

    /// Wait so long, or until it ends; gives whether it has. What it writes must fit into pipes.
    pub fn wait_a_while(&mut self, longest: Duration) -> bool {
        let end = std::time::Instant::now() + longest;
        loop {
            if self.child.try_wait().expect("a child").is_some() {
                return true;
            }
            if std::time::Instant::now() >= end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn wait(mut self) -> Ended {
        let data = self.child.stdout.take();
        let reading = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            data.map_or(Ok(0), |mut data| data.read_to_end(&mut bytes)).map(|_| bytes)
        });
        self.told.read_to_string(&mut self.heard).expect("the output is text");
        let stdout = reading.join().expect("a thread").expect("the output can be read");
        let status = self.child.wait().expect("the program ends");
        Ended {
            code: status.code(),
            stdout: String::from_utf8(stdout).expect("the output is text"),
            stderr: self.heard,
        }
    }
}

/// The command behind a word that was told, such as `stop it:`.
pub fn command_behind<'a>(told: &'a str, word: &str) -> &'a str {
    let line = told.lines().find_map(|line| line.trim_start().strip_prefix(word));
    line.unwrap_or_else(|| panic!("`{word}` is not in {told}")).trim()
}

/// The same command, whatever signals the tests themselves were told to ignore: `nohup` does that, and
/// a shell that starts them in the background.
fn heeding_signals(command: &Command) -> Command {
    let mut heeding = Command::new("env");
    heeding.arg("--default-signal=HUP,INT,TERM");
    heeding.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        heeding.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => heeding.env(name, value),
            None => heeding.env_remove(name),
        };
    }
    heeding
}

/// Paste a command into a shell, in which the cluster under test is not the default.
pub fn paste(command: &str, cube: &TestCube) -> std::process::Output {
    let bin = cube.path.join("bin");
    std::fs::create_dir_all(&bin).expect("a folder");
    let programs = [
        ("kubectl", PathBuf::from(variable("MLCUBE_TEST_KUBECTL"))),
        ("mlcube-k8s", program().get_program().into()),
        ("kubectl-mlcube", program().get_program().into()),
    ];
    for (name, program) in programs {
        let _ = std::os::unix::fs::symlink(program, bin.join(name));
    }
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a PATH"));
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).env("PATH", path).env_remove("KUBECONFIG").env("HOME", &cube.path);
    shell.output().expect("a shell")
}

impl Ended {
    /// Check the exit code, the data, and what people were told.
    pub fn check(&self, name: &str, code: i32, stdout: &str, told: &[&str]) {
        assert_eq!(self.code, Some(code), "{name}: {self:#?}");
        assert_eq!(self.stdout, stdout, "{name}: {self:#?}");
        for words in told {
            assert!(self.stderr.contains(words), "{name}: `{words}` is not in {self:#?}");
        }
    }
}

/// Wait for a condition; panics if it does not come.
pub async fn until<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("it did not come true that {what}"))
}

/// Wait until a Pod of the Job is found unschedulable.
pub async fn until_unschedulable(client: &Client, job: &str) {
    let pods: Api<k8s_openapi::api::core::v1::Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let params = ListParams::default().labels(&format!("job-name={job}"));
    until("a Pod waits for a node", async || {
        let found = pods.list(&params).await.expect("Pods can be listed").items;
        let conditions = found.into_iter().filter_map(|pod| pod.status?.conditions).flatten();
        conditions.into_iter().find(|c| c.reason.as_deref() == Some("Unschedulable")).map(|_| ())
    })
    .await;
}

pub async fn patch_job(client: &Client, name: &str, patch: Value) {
    jobs(client)
        .patch(name, &PatchParams::default(), &Patch::Merge(patch))
        .await
        .expect("the Job can be changed");
}

pub async fn delete_job(client: &Client, name: &str) {
    jobs(client).delete(name, &DeleteParams::background()).await.expect("the Job can be deleted");
}

/// Change the node itself.
pub async fn patch_node(client: &Client, patch: Value) {
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client.clone());
    nodes
        .patch(NODE, &PatchParams::default(), &Patch::Merge(patch))
        .await
        .expect("the node can be changed");
}

/// Give the node an extended resource, as a device plugin would.
pub async fn give_node(client: &Client, resource: &str, count: u32) {
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client.clone());
    let patch = json!({"status": {"capacity": {resource: count.to_string()}}});
    nodes
        .patch_status(NODE, &PatchParams::default(), &Patch::Merge(patch))
        .await
        .expect("the node can be given resources");
}
