//! Ways to the cluster: plugins that issue credentials, tokens in files, proxies, kubeconfigs.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kube::config::Kubeconfig;
use serde_json::{Value, json};

use crate::support::cluster::{self, Running, TestCube, new_runner};
use crate::support::proxy::{Kind, Proxy};

/// The kubeconfig of the tests, changed, in the folder of a cube.
fn kubeconfig(cube: &TestCube, change: impl FnOnce(&mut Value)) -> PathBuf {
    let kubeconfig = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
    let mut json = serde_json::to_value(kubeconfig).expect("JSON");
    change(&mut json);
    let path = cube.path.join("kubeconfig");
    fs::write(&path, json.to_string()).expect("a kubeconfig");
    path
}

/// A plugin that prints what `answers` has: the first when it is called first, and the last for ever.
/// Gives the user that calls it, and where each call leaves a line.
fn plugin(cube: &TestCube, answers: &[Value]) -> (Value, PathBuf) {
    let calls = cube.path.join("calls");
    for (index, status) in answers.iter().enumerate() {
        let credential = json!({
            "kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
            "status": status,
        });
        let name = format!("answer{}", index + 1);
        fs::write(cube.path.join(name), credential.to_string()).expect("an answer");
    }
    let script = format!(
        "#!/bin/sh\ncd \"$(dirname \"$0\")\"\necho >>calls\nn=$(wc -l <calls)\n[ $n -gt {most} ] && n={most}\ncat answer$n\n",
        most = answers.len()
    );
    let path = cube.path.join("plugin");
    fs::write(&path, script).expect("a plugin");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    // A path is meant from the folder of the kubeconfig.
    let user = json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin",
        "interactiveMode": "Never",
    }});
    (user, calls)
}

fn calls(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().count()
}

/// A plugin is called once for a whole run, and again when what it issued is not accepted.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_plugin_is_called_once_and_again_when_it_is_refused() {
    let good = json!({"token": new_runner().await});
    let lasting = json!({"token": good["token"], "expirationTimestamp": "2199-01-01T00:00:00Z"});
    let over = json!({"token": good["token"], "expirationTimestamp": "2020-01-01T00:00:00Z"});
    let rows: [(&str, Vec<Value>, std::ops::RangeInclusive<usize>); 4] = [
        ("for ever", vec![good.clone()], 1..=1),
        ("for a time", vec![lasting.clone()], 1..=1),
        ("refused", vec![json!({"token": "nobody"}), good], 2..=2),
        ("over", vec![over, lasting], 2..=2),
    ];
    for (name, answers, expected) in rows {
        let cube = TestCube::shell("echo done");
        let (user, log) = plugin(&cube, &answers);
        let path = kubeconfig(&cube, |json| json["users"][0]["user"] = user);
        let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
        ended.check(name, 0, "done\n", &["success"]);
        assert!(expected.contains(&calls(&log)), "{name}: {} calls", calls(&log));
    }
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_plugin_may_issue_a_certificate() {
    let cube = TestCube::shell("echo done");
    let path = kubeconfig(&cube, |json| {
        let user = json["users"][0]["user"].take();
        let pem = |key: &str| {
            let data = STANDARD.decode(user[key].as_str().expect("data")).expect("Base64");
            String::from_utf8(data).expect("PEM is text")
        };
        let [certificate, key] = ["client-certificate-data", "client-key-data"].map(pem);
        let status = json!({"clientCertificateData": certificate, "clientKeyData": key});
        json["users"][0]["user"] = plugin(&cube, &[status]).0;
    });
    let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
    ended.check("a certificate", 0, "done\n", &["success"]);
    assert_eq!(calls(&cube.path.join("calls")), 1);
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn a_user_who_is_not_accepted_is_told_so() {
    let cube = TestCube::shell("true");
    let (user, log) = plugin(&cube, &[json!({"token": "nobody"})]);
    let path = kubeconfig(&cube, |json| json["users"][0]["user"] = user);
    let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
    ended.check("nobody", 6, "", &["Unauthorized", "log in again"]);
    assert_eq!(calls(&log), 2, "{ended:#?}");
}

#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn a_token_may_stand_in_a_file() {
    let cube = TestCube::shell("echo done");
    fs::write(cube.path.join("token"), format!("{}\n", new_runner().await)).expect("a token");
    let user = json!({"tokenFile": "token", "token": "of the file's it is not"});
    let path = kubeconfig(&cube, |json| json["users"][0]["user"] = user);
    let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
    ended.check("a file", 0, "done\n", &["success"]);
}

/// The server behind a name that nobody knows but the proxy.
fn behind_proxy(cube: &TestCube, change: impl FnOnce(&mut Value)) -> (SocketAddr, Command) {
    let mut server = None;
    let path = kubeconfig(cube, |json| {
        let cluster = &mut json["clusters"][0]["cluster"];
        let own = cluster["server"].as_str().expect("a server").trim_start_matches("https://");
        server = own.parse().ok();
        cluster["server"] = "https://kubernetes.example:6443".into();
        cluster["tls-server-name"] = "127.0.0.1".into();
        change(cluster);
    });
    let mut command = cube.command("run");
    command.arg("--kubeconfig").arg(path);
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    (server.expect("an address"), command)
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn proxies_are_used_and_named() {
    let rows = [
        ("http", "", Kind::Http),
        ("socks5", "", Kind::Socks),
        ("socks5h", "", Kind::Socks),
        ("socks5", "me:secret%40word@", Kind::Login),
    ];
    for (scheme, login, kind) in rows {
        let cube = TestCube::shell("echo done");
        let (server, mut command) = behind_proxy(&cube, |_| {});
        let proxy = Proxy::new(kind, server);
        // That an exception is about the proxy is of no account.
        command.env("NO_PROXY", "127.0.0.1,localhost,, ");
        command.env("HTTPS_PROXY", format!("{scheme}://{login}{}", proxy.address()));
        Running::start(&mut command).wait().check(scheme, 0, "done\n", &["success"]);
        let asked = proxy.asked();
        assert!(!asked.is_empty(), "{scheme}");
        assert!(asked.iter().all(|place| place == "kubernetes.example:6443"), "{asked:?}");
    }
    // That of the kubeconfig is meant for the server.
    let cube = TestCube::shell("echo done");
    let mut address = None;
    let (_, mut command) = behind_proxy(&cube, |cluster| {
        let real = Kubeconfig::read_from(cluster::kubeconfig()).expect("the kubeconfig");
        let real = real.clusters[0].cluster.clone().and_then(|cluster| cluster.server);
        let real = real.expect("a server");
        let server = real.trim_start_matches("https://").parse().expect("an address");
        let proxy = Proxy::new(Kind::Socks, server);
        cluster["proxy-url"] = format!("socks5://{}", proxy.address()).into();
        address = Some(proxy);
    });
    Running::start(command.env("NO_PROXY", "*")).wait().check("own", 0, "done\n", &["success"]);
    assert!(!address.expect("a proxy").asked().is_empty());
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn an_exception_is_held_against_the_server() {
    let cube = TestCube::shell("true");
    let (server, mut command) = behind_proxy(&cube, |_| {});
    let proxy = Proxy::new(Kind::Http, server);
    command.env("HTTPS_PROXY", format!("http://{}", proxy.address()));
    let ended = Running::start(command.env("NO_PROXY", ".example")).wait();
    assert_eq!((ended.code, proxy.asked()), (Some(5), Vec::new()), "{ended:#?}");
    assert!(ended.stderr.contains("the name of the server cannot be resolved"), "{ended:#?}");
}

#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn what_is_wrong_with_a_certificate_is_told() {
    let rows: [(&str, &str, &str); 2] = [
        ("tls-server-name", "other.example", "the server's certificate is for `"),
        ("tls-server-name", "other.example", ", not for `other.example`"),
    ];
    for (key, value, told) in rows {
        let cube = TestCube::shell("true");
        let path = kubeconfig(&cube, |json| json["clusters"][0]["cluster"][key] = value.into());
        let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
        ended.check(told, 5, "", &[told]);
    }
    let cube = TestCube::shell("true");
    let path = kubeconfig(&cube, |json| {
        let foreign = json["users"][0]["user"]["client-certificate-data"].clone();
        json["clusters"][0]["cluster"]["certificate-authority-data"] = foreign;
    });
    let ended = cube.run(&["--kubeconfig", &path.display().to_string()]);
    ended.check("authority", 5, "", &["is signed by an authority that is not trusted"]);
}

/// A list of files, one of which is missing, one empty, one without a context in use.
#[test]
#[ignore = "needs a cluster: cargo xtask test"]
fn kubeconfigs_are_merged_as_kubectl_does() {
    let cube = TestCube::shell("echo done");
    let whole = kubeconfig(&cube, |_| {});
    let [empty, skeleton] = ["empty", "skeleton"].map(|name| cube.path.join(name));
    fs::write(&empty, "").expect("a file");
    let text = "apiVersion: v1\nkind: Config\nclusters: null\ncontexts: null\nusers: null\ncurrent-context: \"\"\n";
    fs::write(&skeleton, text).expect("a file");
    let missing = cube.path.join("missing");
    let list =
        [&missing, &empty, &skeleton, &whole].map(|path| path.display().to_string()).join(":");
    let mut command = cube.command("run");
    let ended = Running::start(command.env("KUBECONFIG", format!(":{list}:"))).wait();
    ended.check("merged", 0, "done\n", &["success"]);
}
