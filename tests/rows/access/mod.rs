//! Ways to a cluster that lead nowhere: what is told, in words for people. The servers and proxies
//! here listen on this machine and answer as no real one can be told to.

/// Servers, proxies, plugins and kubeconfigs, and what is told of them.
mod rows;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Output;

use libtest_mimic::Trial;

use crate::support::proxy::{Kind, Proxy, listener};
use crate::support::{Folder, program, workspace};
use crate::{trial, trials};

/// Words of libraries, which say nothing to a user.
const FOREIGN: [&str; 24] = [
    "ServiceError",
    "HyperError",
    "ApiError",
    "SerdeError",
    "hyper",
    "rustls",
    "serde",
    "tower",
    "docs.rs",
    "os error",
    "client error",
    "tcp connect",
    "dns error",
    "tunnel error",
    "SOCKS error",
    "deadline has elapsed",
    "error reading a body",
    "incomplete message",
    "disabled feature",
    "feature \"",
    "kube/",
    "invalid peer certificate",
    "InvalidContentType",
    "failed to ",
];

/// What a server does with a connection.
fn answer(name: &str, mut stream: TcpStream) {
    let mut request = [0; 4096];
    let _ = stream.read(&mut request);
    let told: &[u8] = match name {
        "closes" => b"",
        "speaks something else" => b"220 mail.example ESMTP ready\r\n",
        "is a web page" => b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n<html>hello</html>",
        "is cut off" => b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"kind\": ",
        "is broken" => b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 11\r\n\r\nbad gateway",
        "knows nobody" => {
            b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 98\r\n\r\n{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"Unauthorized\",\"code\":401        }"
        }
        other => unreachable!("{other}"),
    };
    let _ = stream.write_all(told);
}

pub fn all() -> Vec<Trial> {
    let mut all = trials("access", rows::servers(), |row| row.0, leads_nowhere);
    all.extend(trials("access/file", FILES, |row| row.0, file_is_wrong));
    all.push(trial("access/list/nothing", nothing_is_configured));
    all
}

/// A row: `SERVER(…)` and `PROXY(…)` become addresses.
fn leads_nowhere((name, kubeconfig, variable, code, told): rows::Row) {
    let folder = Folder::new(&format!("access-{}", crate::support::rows::slug(name)));
    fs::write(folder.join("broken"), "a\u{1}b").expect("a file");
    let text = kubeconfig.to_string();
    let text = addressed(&text, "SERVER", |name| {
        let name = name.to_owned();
        listener(move |stream| answer(&name, stream))
    });
    let text = addressed(&text, "PROXY", |kind| {
        let kind = match kind {
            "SOCKS" => Kind::Socks,
            "login" => Kind::Login,
            status => Kind::Refusing(status.parse().expect("a status")),
        };
        Proxy::new(kind, "127.0.0.1:1".parse().expect("an address")).address()
    });
    fs::write(folder.join("config"), text).expect("a kubeconfig");
    let mut variables = vec![("KUBECONFIG", folder.join("config").display().to_string())];
    variables.extend(variable.split_once('=').map(|(name, value)| (name, value.to_owned())));
    check(&folder, &variables, code, told);
}

fn addressed(text: &str, word: &str, address: impl Fn(&str) -> SocketAddr) -> String {
    let Some((before, rest)) = text.split_once(&format!("{word}(")) else { return text.to_owned() };
    let (name, after) = rest.split_once(')').expect("a name in brackets");
    format!("{before}{}{after}", address(name))
}

fn check(folder: &Folder, variables: &[(&str, String)], code: i32, told: &[&str]) {
    let mut command = program();
    command.args([
        "run",
        "--dry-run=server",
        "--mlcube",
        "tests/cases/documented",
        "--policies",
        "",
    ]);
    command.current_dir(workspace()).env("HOME", folder.path()).env_remove("KUBECONFIG");
    for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.env_remove("KUBERNETES_SERVICE_HOST").envs(variables.iter().cloned());
    let Output { status, stderr, .. } = command.output().expect("the program starts");
    let shown = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(code), "{shown}");
    for words in told {
        assert!(shown.contains(words), "`{words}` is not in: {shown}");
    }
    for words in FOREIGN.iter().chain(&["secret"]) {
        assert!(!shown.contains(words), "`{words}` is in: {shown}");
    }
}

/// A name, a file, and what is told of it.
const FILES: [(&str, &str, &str); 6] = [
    ("not-yaml", "clusters: [\n", "it is not the YAML of a kubeconfig"),
    ("a-list", "- a\n", "line 1, column 1: it is not the YAML of a kubeconfig"),
    ("a-text", "clusters: text\n", "line 1, column 11: it is not the YAML of a kubeconfig"),
    ("no-name", "clusters:\n- cluster: {}\n", "missing `name`"),
    ("not-text", "\u{0}\u{1}", "it is not the YAML of a kubeconfig"),
    ("nothing", "", "no cluster is configured"),
];

fn file_is_wrong((name, text, told): (&str, &str, &str)) {
    let folder = Folder::new(&format!("access-file-{name}"));
    let path = folder.join("config");
    fs::write(&path, text).expect("a file");
    check(&folder, &[("KUBECONFIG", path.display().to_string())], 2, &[told]);
}

/// Files that are not there configure nothing, and say nothing.
fn nothing_is_configured() {
    let folder = Folder::new("access-nothing");
    let list = format!("{0}/a:{0}/b::", folder.path().display());
    let told = ["no cluster is configured", "hint: select one with `--kubeconfig FILE`"];
    check(&folder, &[("KUBECONFIG", list)], 2, &told);
}
