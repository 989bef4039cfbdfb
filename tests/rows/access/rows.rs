//! Servers, proxies, plugins and kubeconfigs, and what is told of them.

use serde_json::{Value, json};

/// A name, the kubeconfig, a variable, the exit code, and what is told. In the texts `SERVER` stands
/// for the address of a server that answers in a way of its own, see `answer`.
pub type Row = (&'static str, Value, &'static str, i32, &'static [&'static str]);

fn config(server: &str, cluster: Value, user: Value) -> Value {
    let mut known = json!({"server": server});
    if let (Some(known), Some(more)) = (known.as_object_mut(), cluster.as_object()) {
        known.extend(more.clone());
    }
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": known}], "users": [{"name": "u", "user": user}],
    })
}

pub fn servers() -> Vec<Row> {
    let plain = |server: &'static str| config(server, json!({}), json!({}));
    let none = || json!({});
    let exec = |more: Value| {
        let mut exec = json!({
            "apiVersion": "client.authentication.k8s.io/v1", "command": "sh",
            "args": ["-c", "exit 3"], "interactiveMode": "Never",
        });
        if let (Some(exec), Some(more)) = (exec.as_object_mut(), more.as_object()) {
            exec.extend(more.clone());
        }
        json!({"exec": exec})
    };
    vec![
        (
            "nobody listens",
            plain("https://127.0.0.1:1"),
            "",
            5,
            &["connection refused", "127.0.0.1:1"],
        ),
        (
            "no such name",
            plain("https://no-such-name.invalid"),
            "",
            5,
            &["the name of the server cannot be resolved"],
        ),
        ("it closes", plain("http://SERVER(closes)"), "", 5, &["closed"]),
        ("it closes before TLS", plain("https://SERVER(closes)"), "", 5, &["closed"]),
        (
            "it speaks no HTTP",
            plain("http://SERVER(speaks something else)"),
            "",
            5,
            &["does not speak HTTP"],
        ),
        (
            "it speaks no TLS",
            plain("https://SERVER(is a web page)"),
            "",
            5,
            &["does not speak TLS"],
        ),
        (
            "it is a web page",
            plain("http://SERVER(is a web page)"),
            "",
            5,
            &["not that of a Kubernetes API server"],
        ),
        ("it is cut off", plain("http://SERVER(is cut off)"), "", 5, &["closed"]),
        (
            "it is broken",
            plain("http://SERVER(is broken)"),
            "",
            5,
            &["cannot be reached", "bad gateway"],
        ),
        (
            "it knows nobody",
            plain("http://SERVER(knows nobody)"),
            "",
            6,
            &["Unauthorized", "log in again"],
        ),
        (
            "a proxy that is not there",
            plain("https://kubernetes.example"),
            "HTTPS_PROXY=http://me:secret@127.0.0.1:1",
            5,
            &["through the proxy `http://127.0.0.1:1` (`HTTPS_PROXY`)", "connection refused"],
        ),
        (
            "a proxy that is not there, SOCKS",
            plain("https://kubernetes.example"),
            "HTTPS_PROXY=socks5://127.0.0.1:1",
            5,
            &[
                "through the proxy `socks5://127.0.0.1:1` (`HTTPS_PROXY`)",
                "the proxy cannot be connected to",
            ],
        ),
        (
            "a proxy that wants a password",
            config("https://kubernetes.example", json!({"proxy-url": "http://PROXY(407)"}), none()),
            "",
            5,
            &["(`proxy-url`)", "the proxy requires a user and a password"],
        ),
        (
            "a SOCKS proxy that wants a password",
            config(
                "https://kubernetes.example",
                json!({"proxy-url": "socks5://PROXY(login)"}),
                none(),
            ),
            "",
            5,
            &["(`proxy-url`)", "the proxy requires a user and a password"],
        ),
        (
            "a SOCKS proxy that does not know the password",
            config(
                "https://kubernetes.example",
                json!({"proxy-url": "socks5h://me:secret@PROXY(login)"}),
                none(),
            ),
            "",
            5,
            &[
                "the proxy `socks5://127.0.0.1:",
                "the proxy does not accept the user and the password",
            ],
        ),
        (
            "a SOCKS proxy that wants no password",
            config(
                "https://kubernetes.example",
                json!({"proxy-url": "socks5://me:secret@PROXY(SOCKS)"}),
                none(),
            ),
            "",
            5,
            &["the proxy requires a user and a password, or accepts none"],
        ),
        (
            "a SOCKS proxy that lets pass",
            config(
                "https://kubernetes.example",
                json!({"proxy-url": "socks5://me:secret%40word@PROXY(login)"}),
                none(),
            ),
            "",
            5,
            &["through the proxy `socks5://127.0.0.1:"],
        ),
        (
            "a proxy that refuses",
            config("https://kubernetes.example", json!({"proxy-url": "http://PROXY(403)"}), none()),
            "",
            5,
            &["the proxy refuses to connect"],
        ),
        (
            "a proxy that is no proxy",
            config(
                "https://kubernetes.example",
                json!({"proxy-url": "socks5://SERVER(is a web page)"}),
                none(),
            ),
            "",
            5,
            &["the proxy"],
        ),
        (
            "a protocol that no proxy has",
            plain("https://kubernetes.example"),
            "HTTPS_PROXY=ftp://127.0.0.1:1",
            2,
            &[
                "invalid proxy in `HTTPS_PROXY`: expected one of `http`, `https`, `socks5`, found `ftp`",
            ],
        ),
        (
            "a plugin that is not there",
            config(
                "https://127.0.0.1:1",
                none(),
                exec(json!({"command": "no-such-plugin", "installHint": "take it"})),
            ),
            "",
            6,
            &[
                "the plugin `no-such-plugin` issues no credentials: it was not found",
                "hint: take it",
            ],
        ),
        (
            "a plugin that fails",
            config("https://127.0.0.1:1", none(), exec(none())),
            "",
            6,
            &["the plugin `sh` issues no credentials: it ended with exit code 3"],
        ),
        (
            "a plugin that says something else",
            config("https://127.0.0.1:1", none(), exec(json!({"args": ["-c", "echo hello"]}))),
            "",
            6,
            &["expected an `ExecCredential`, found something else"],
        ),
        (
            "a plugin of an old version",
            config(
                "https://127.0.0.1:1",
                none(),
                exec(json!({"apiVersion": "client.authentication.k8s.io/v1alpha1"})),
            ),
            "",
            2,
            &[
                "expected one of `client.authentication.k8s.io/v1`, `client.authentication.k8s.io/v1beta1`, found `client.authentication.k8s.io/v1alpha1`",
            ],
        ),
        (
            "a plugin without a command",
            config("https://127.0.0.1:1", none(), exec(json!({"command": ""}))),
            "",
            2,
            &["missing `command` in the `exec` of the user"],
        ),
        (
            "a token file that is not there",
            config("https://127.0.0.1:1", none(), json!({"tokenFile": "/no/such/token"})),
            "",
            6,
            &["cannot read the token in `/no/such/token`: no such file"],
        ),
        (
            "a token that is none",
            config("https://127.0.0.1:1", none(), json!({"tokenFile": "broken"})),
            "",
            6,
            &["invalid token"],
        ),
        (
            "an authority that is no certificate",
            config(
                "https://127.0.0.1:1",
                json!({"certificate-authority-data": "aGVsbG8K"}),
                none(),
            ),
            "",
            2,
            &["expected certificates in PEM as `certificate-authority`, found none"],
        ),
        (
            "an authority that is not Base64",
            config("https://127.0.0.1:1", json!({"certificate-authority-data": "%%"}), none()),
            "",
            2,
            &["`certificate-authority-data` is not Base64"],
        ),
        (
            "an authority that is not there",
            config("https://127.0.0.1:1", json!({"certificate-authority": "/no/such/ca"}), none()),
            "",
            2,
            &["cannot read `certificate-authority` `/no/such/ca`: no such file"],
        ),
        (
            "a certificate without a key",
            config("https://127.0.0.1:1", none(), json!({"client-certificate-data": "aGVsbG8K"})),
            "",
            2,
            &["missing `client-key` beside its counterpart"],
        ),
        (
            "a certificate that is none",
            config(
                "https://127.0.0.1:1",
                none(),
                json!({"client-certificate-data": "aGVsbG8K", "client-key-data": "aGVsbG8K"}),
            ),
            "",
            2,
            &["the certificates or the key cannot be used"],
        ),
        (
            "a way to log in that is gone",
            config("https://127.0.0.1:1", none(), json!({"auth-provider": {"name": "azure"}})),
            "",
            2,
            &["the credentials of the user cannot be used"],
        ),
        ("no server", config("", none(), none()), "", 2, &["cluster `c` has no `server`"]),
        (
            "a server that is no address",
            config("a b", none(), none()),
            "",
            2,
            &["invalid `server` `a b`"],
        ),
        (
            "a server without a host",
            config("/path", none(), none()),
            "",
            2,
            &["invalid `server` `/path`"],
        ),
        (
            "no such cluster",
            json!({"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "d"}}]}),
            "",
            2,
            &["context `c` names cluster `d`, which it does not have"],
        ),
        (
            "no such context",
            json!({"current-context": "x", "contexts": [{"name": "c", "context": {"cluster": "d"}}]}),
            "",
            2,
            &["has no context `x`", "expected one of `c`"],
        ),
        (
            "no context in use",
            json!({"contexts": [{"name": "c", "context": {"cluster": "d"}}]}),
            "",
            2,
            &["no cluster is selected", "select one with `--context`: `c`"],
        ),
    ]
}
