//! The smallest Role, as the documentation has it: with it every command works, and with any verb
//! less one does not.

use std::process::Command;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::api::{DeleteParams, PostParams};
use kube::config::Kubeconfig;
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::support::cluster::{
    self, Ended, Running, TestCube, client, new_account_in, unique, until, variable,
};
use crate::support::desk::claim_of;
use crate::support::{program, workspace};

/// The file of the documentation, and the one with what creating claims needs beside it.
const ROLE: &str = "docs/role.yaml";
const OF_CLAIMS: &str = "docs/role-claims.yaml";
const OF_DATA: &str = "docs/role-data.yaml";

/// A namespace with a service account that has a role, and the ways in which the program is that
/// account.
struct Account {
    namespace: String,
    token: String,
    cube: TestCube,
}

impl Account {
    async fn new(client: &Client) -> Self {
        Self::with(client, TestCube::shell("echo heard; sleep 2; echo end")).await
    }

    async fn with(client: &Client, cube: TestCube) -> Self {
        let name = unique("role");
        let namespace = json!({"metadata": {"name": name}});
        let namespace: Namespace = serde_json::from_value(namespace).expect("a namespace");
        let all: Api<Namespace> = Api::all(client.clone());
        all.create(&PostParams::default(), &namespace).await.expect("a namespace can be made");
        let bindings: Api<RoleBinding> = Api::namespaced(client.clone(), &name);
        for role in ["mlcube-k8s", "mlcube-k8s-claims", "mlcube-k8s-data"] {
            let binding = json!({
                "metadata": {"name": role},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
                "subjects": [{"kind": "ServiceAccount", "name": "runner", "namespace": name}],
            });
            let binding = serde_json::from_value(binding).expect("a binding");
            bindings.create(&PostParams::default(), &binding).await.expect("it can be made");
        }
        let token = new_account_in(&name, "runner").await;
        let accounts: Api<k8s_openapi::api::core::v1::ServiceAccount> =
            Api::namespaced(client.clone(), &name);
        until("Pods have an account", async || accounts.get("default").await.ok()).await;
        Self { namespace: name, token, cube }
    }

    /// Apply a file of the documentation as it is.
    fn apply(&self, file: &str) {
        let mut kubectl = Command::new(variable("MLCUBE_TEST_KUBECTL"));
        kubectl.args(["apply", "--namespace", &self.namespace, "-f"]).arg(workspace().join(file));
        let applied = kubectl.env("KUBECONFIG", cluster::kubeconfig()).output().expect("kubectl");
        assert!(applied.status.success(), "{applied:#?}");
    }

    /// A kubeconfig with the account's token and namespace.
    fn kubeconfig(&self) -> std::path::PathBuf {
        let mut kubeconfig = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
        for auth in &mut kubeconfig.auth_infos {
            let user = json!({"token": self.token});
            auth.auth_info = Some(serde_json::from_value(user).expect("a user"));
        }
        for context in &mut kubeconfig.contexts {
            if let Some(context) = &mut context.context {
                context.namespace = Some(self.namespace.clone());
            }
        }
        let path = self.cube.path.join("runner");
        let text = serde_json::to_string(&kubeconfig).expect("JSON");
        std::fs::write(&path, text).expect("a kubeconfig");
        path
    }

    /// A command with the account's kubeconfig, and a journal of its own.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.args(words).env("KUBECONFIG", self.kubeconfig());
        command.env("MLCUBE_K8S_STATE", self.cube.path.join("state"));
        if matches!(words[0], "run" | "plan") {
            command.arg("--mlcube").arg(&self.cube.path);
        }
        command
    }

    fn tell(&self, words: &[&str]) -> Ended {
        Running::start(&mut self.command(words)).wait()
    }

    /// The same inside a Pod: two variables and three files, as the kubelet gives them, in a mount
    /// namespace of its own.
    fn inside(&self, words: &[&str]) -> Ended {
        let kubeconfig = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
        let cluster = kubeconfig.clusters[0].cluster.clone().expect("a cluster");
        let server = cluster.server.expect("a server");
        let address = server.trim_start_matches("https://").split_once(':');
        let (host, port) = address.expect("host and port");
        let secrets = self.cube.path.join("serviceaccount");
        std::fs::create_dir_all(&secrets).expect("a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(secrets.join(name), text).expect("a file can be written");
        };
        write("ca.b64", &cluster.certificate_authority_data.expect("a certificate"));
        write("token", &self.token);
        write("namespace", &self.namespace);
        let script = "s=$1; shift; base64 -d $s/ca.b64 > $s/ca.crt && mount -t tmpfs tmpfs /var/run \
            && mkdir -p /var/run/secrets/kubernetes.io \
            && ln -s $s /var/run/secrets/kubernetes.io/serviceaccount && exec \"$@\"";
        let own = self.command(words);
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", script, "sh"]).arg(&secrets);
        command.arg(own.get_program()).args(own.get_args());
        command.env("KUBERNETES_SERVICE_HOST", host).env("KUBERNETES_SERVICE_PORT", port);
        command.env("HOME", &self.cube.path).env_remove("KUBECONFIG");
        command.env("MLCUBE_K8S_STATE", self.cube.path.join("state"));
        Running::start(&mut command).wait()
    }

    /// All commands, by whoever runs them; gives the first that does not end well.
    fn all(&self, tell: impl Fn(&[&str]) -> Ended) -> Result<(), Ended> {
        let rows: [(&[&str], &str, &str); 9] = [
            (&["plan"], "it can be submitted", ""),
            (&["run", "--rm"], "heard\nend\n", "success   task `main`"),
            (&["run", "--detach"], "", "detached  the Job of task `main` keeps running"),
            (&["attach"], "heard\nend\n", "success   task `main`"),
            (&["status"], "succeeded", ""),
            (&["logs"], "heard\nend\n", ""),
            (&["delete"], "", "removed   Job "),
            (&["run", "--detach"], "", "detached"),
            (&["cancel"], "", "cancelled Job "),
        ];
        for (words, stdout, stderr) in rows {
            let ended = tell(words);
            let is_whole = !ended.stderr.contains("warning");
            let is_told =
                is_whole && ended.stdout.contains(stdout) && ended.stderr.contains(stderr);
            if ended.code != Some(0) || !is_told {
                return Err(ended);
            }
        }
        Ok(())
    }
}

async fn remove(client: &Client, account: Account) {
    let all: Api<Namespace> = Api::all(client.clone());
    let _ = all.delete(&account.namespace, &DeleteParams::default()).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_documented_role_is_enough() {
    let client = client().await;
    let account = Account::new(&client).await;
    account.apply(ROLE);
    account.all(|words| account.tell(words)).expect("every command ends well");
    account.all(|words| account.inside(words)).expect("so it does inside a Pod");
    remove(&client, account).await;
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn no_verb_of_the_role_can_be_left_out() {
    let client = client().await;
    let account = Account::new(&client).await;
    account.apply(ROLE);
    let roles: Api<Role> = Api::namespaced(client.clone(), &account.namespace);
    let whole = roles.get("mlcube-k8s").await.expect("the role");
    let rules = serde_json::to_value(&whole.rules).expect("JSON");
    let places = rules.as_array().expect("rules").iter().enumerate().flat_map(|(rule, json)| {
        let verbs = json["verbs"].as_array().expect("verbs").len();
        (0..verbs).map(move |verb| (rule, verb))
    });
    for (rule, verb) in places {
        let mut less: Value = rules.clone();
        let verbs = less[rule]["verbs"].as_array_mut().expect("verbs");
        let left_out = verbs.remove(verb);
        if verbs.is_empty() {
            less.as_array_mut().expect("rules").remove(rule);
        }
        let role = Role { rules: serde_json::from_value(less).expect("rules"), ..whole.clone() };
        roles.replace("mlcube-k8s", &PostParams::default(), &strip(role)).await.expect("changed");
        until("the change is in force", async || {
            let asked = account.can(&left_out, &rules[rule]);
            (!asked).then_some(())
        })
        .await;
        let ended = account.all(|words| account.tell(words));
        assert!(ended.is_err(), "{left_out} of {} can be left out", rules[rule]["resources"]);
    }
    remove(&client, account).await;
}

/// Claims are created with one right more, which is asked for only then; who may not read them finds
/// out by trying which are there.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_right_to_create_claims_is_enough() {
    let client = client().await;
    let tasks = "{main: {parameters: {inputs: {data: data/}}, entrypoint: \"true\"}}";
    let account = Account::with(&client, TestCube::new("{pvc: datasets}", tasks)).await;
    account.apply(ROLE);
    let words = ["run", "--detach", "--create-claims", "--storage-class="];
    let told = format!(
        "missing permissions in namespace `{}`: `create persistentvolumeclaims`",
        account.namespace
    );
    account.tell(&words).check("without the right", 6, "", &[&told]);
    account.apply(OF_CLAIMS);
    let right = json!({"apiGroups": [""], "resources": ["persistentvolumeclaims"]});
    until("the right is in force", async || account.can(&json!("create"), &right).then_some(()))
        .await;
    let ended = account.tell(&["run", "--dry-run=server", "--create-claims", "--storage-class="]);
    let told = ["claim     `datasets` would be created: 20Gi, no class, ReadWriteOnce"];
    assert!(ended.code == Some(0) && ended.stderr.contains(told[0]), "{ended:#?}");
    let told = ["claim     created `datasets`: 20Gi, no class, ReadWriteOnce"];
    account.tell(&words).check("with the right", 0, "", &told);
    account.tell(&words).check("once more", 0, "", &["claim     found `datasets`\n"]);
    account.tell(&["run", "--detach"]).check("without the option", 0, "", &["created for task"]);
    remove(&client, account).await;
}

/// Data is carried with the rights to run a command in a Pod, which are asked for beforehand.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_right_to_carry_data_is_enough() {
    let client = client().await;
    let tasks = "{main: {parameters: {inputs: {data: data/}, outputs: {out: {type: directory, default: data}}}, entrypoint: \"true\"}}";
    let account = Account::with(&client, TestCube::new("{pvc: datasets}", tasks)).await;
    let data = account.cube.path.join("workspace/data");
    std::fs::create_dir_all(&data).expect("a folder");
    std::fs::write(data.join("a"), "content").expect("a file");
    let folder =
        json!({"path": format!("/tmp/{}", account.namespace), "type": "DirectoryOrCreate"});
    claim_of(&client, &account.namespace, "datasets", json!({"hostPath": folder})).await;
    account.apply(ROLE);
    let back = account.cube.path.join("back");
    let fetch = format!("--fetch={}", back.display());
    let words = ["run", "--stage", &fetch];
    let told = ["`get pods/exec`, `create pods/exec`"];
    account.tell(&words).check("without the rights", 6, "", &told);
    account.apply(OF_DATA);
    let rule = json!({"apiGroups": [""], "resources": ["pods/exec"]});
    until("the right is in force", async || account.can(&json!("create"), &rule).then_some(()))
        .await;
    account.tell(&words).check(
        "with the rights",
        0,
        "",
        &["staged    1 file, 7 B", "fetched   1 file, 7 B"],
    );
    assert_eq!(std::fs::read_to_string(back.join("data/a")).expect("a file"), "content");
    remove(&client, account).await;
}

/// A role that replaces whatever version is there.
fn strip(mut role: Role) -> Role {
    role.metadata.resource_version = None;
    role
}

impl Account {
    /// Whether the account may do something, as kubectl knows it.
    fn can(&self, verb: &Value, rule: &Value) -> bool {
        let (group, resource) = (&rule["apiGroups"][0], &rule["resources"][0]);
        let resource = resource.as_str().expect("a resource");
        let mut kubectl = Command::new(variable("MLCUBE_TEST_KUBECTL"));
        kubectl.args(["auth", "can-i", verb.as_str().expect("a verb")]);
        match (resource.split_once('/'), group.as_str().expect("a group")) {
            (Some((whole, part)), _) => kubectl.args([whole, &format!("--subresource={part}")]),
            (None, "") => kubectl.arg(resource),
            (None, group) => kubectl.arg(format!("{resource}.{group}")),
        };
        kubectl.env("KUBECONFIG", self.kubeconfig()).output().expect("kubectl").status.success()
    }
}
