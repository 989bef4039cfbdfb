//! The proxy to a server, as kubectl finds it: the kubeconfig's own, else that of the environment,
//! unless `NO_PROXY` names the server (<https://pkg.go.dev/golang.org/x/net/http/httpproxy>).

use http::Uri;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;

/// A proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct Proxy {
    /// Its address, maybe with a user and a password.
    pub uri: Uri,
    /// What names it: `proxy-url` or a variable.
    pub named_by: &'static str,
}

impl Proxy {
    /// The proxy to a server. The error says what is wrong with its address.
    pub fn of(
        server: &Uri,
        configured: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, String> {
        if let Some(text) = configured {
            return Self::at(text, "proxy-url").map(Some);
        }
        let names = match server.scheme_str() {
            Some("http") => ["HTTP_PROXY", "http_proxy"],
            _ => ["HTTPS_PROXY", "https_proxy"],
        };
        let found = names.into_iter().find_map(|name| Some((name, variable(name)?)));
        let exceptions = variable("NO_PROXY").or_else(|| variable("no_proxy"));
        match found {
            Some((name, text)) if !is_direct(server, exceptions.as_deref().unwrap_or_default()) => {
                Self::at(&text, name).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn at(text: &str, named_by: &'static str) -> Result<Self, String> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        // The name of a server is always resolved by the proxy, as `socks5h` asks for.
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            known @ ("http" | "https" | "socks5") => known.to_owned(),
            "socks5h" => "socks5".into(),
            other => {
                return Err(format!(
                    "invalid proxy in `{named_by}`: expected one of `http`, `https`, `socks5`, found `{other}`"
                ));
            }
        };
        let uri = format!("{scheme}://{rest}").parse::<Uri>().ok();
        let uri = uri.filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
        let uri = uri.and_then(|uri| match (uri.port(), &*scheme, uri.authority()) {
            (None, "socks5", Some(authority)) => {
                format!("socks5://{}:1080", authority.as_str().trim_end_matches(':')).parse().ok()
            }
            _ => Some(uri),
        });
        let uri = uri.ok_or_else(|| {
            format!(
                "invalid proxy in `{named_by}`: expected an address such as `http://proxy:3128`"
            )
        })?;
        Ok(Self { uri, named_by })
    }

    /// The user and the password of a SOCKS proxy, if its address has them. Those of others are
    /// sent by kube.
    pub fn login_of_socks(&self) -> Option<(String, String)> {
        let (login, _) = self.uri.authority()?.as_str().rsplit_once('@')?;
        let (user, word) = login.split_once(':').unwrap_or((login, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        (self.uri.scheme_str() == Some("socks5")).then(|| (decoded(user), decoded(word)))
    }

    /// The proxy for messages, without a password.
    pub fn shown(&self) -> String {
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        format!("{}://{host}", self.uri.scheme_str().unwrap_or("http"))
    }
}

/// Whether a server is reached without a proxy.
fn is_direct(server: &Uri, exceptions: &str) -> bool {
    let host = server.host().unwrap_or_default();
    let host =
        host.trim_matches(|c| c == '[' || c == ']').trim_end_matches('.').to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(match server.scheme_str() {
        Some("http") => 80,
        _ => 443,
    });
    let ip: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    exceptions.split(',').map(|one| one.trim().to_ascii_lowercase()).any(|one| match &*one {
        "" => false,
        "*" => true,
        one => excepts(one, &host, ip, port),
    })
}

/// Whether an exception is about a server.
fn excepts(exception: &str, host: &str, ip: Option<IpAddr>, port: u16) -> bool {
    if let Ok(net) = exception.parse::<IpNet>() {
        return ip.is_some_and(|ip| net.contains(&ip));
    }
    let parsed = exception.trim_matches(|c| c == '[' || c == ']').parse::<IpAddr>();
    if let Ok(one) = parsed {
        return ip == Some(one);
    }
    let (name, own) = match exception.rsplit_once(':') {
        Some((name, own)) => (name, Some(own)),
        None => (exception, None),
    };
    if own.is_some_and(|own| own.parse() != Ok(port)) {
        return false;
    }
    if let Ok(one) = name.trim_matches(|c| c == '[' || c == ']').parse::<IpAddr>() {
        return ip == Some(one);
    }
    // `.example.org` and `*.example.org` mean what lies below, `example.org` itself too.
    let below = name.strip_prefix('*').unwrap_or(name);
    match below.strip_prefix('.') {
        Some(_) => host.ends_with(below),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The server, what the kubeconfig configures, variables, and the proxy.
    #[test]
    fn a_proxy_is_found_as_kubectl_finds_it() {
        type Row =
            (&'static str, Option<&'static str>, &'static str, Result<&'static str, &'static str>);
        let via = "HTTPS_PROXY=http://p:3128";
        let rows: Vec<Row> = vec![
            ("https://a.b", None, "", Ok("")),
            ("https://a.b", None, via, Ok("http://p:3128/ HTTPS_PROXY")),
            ("https://a.b", None, "https_proxy=p:1", Ok("http://p:1/ https_proxy")),
            ("https://a.b", None, "HTTP_PROXY=http://p:1", Ok("")),
            ("http://a.b", None, "HTTP_PROXY=http://p:1", Ok("http://p:1/ HTTP_PROXY")),
            ("https://a.b", None, "HTTPS_PROXY=socks5h://p:1", Ok("socks5://p:1/ HTTPS_PROXY")),
            ("https://a.b", Some("socks5://q:2"), via, Ok("socks5://q:2/ proxy-url")),
            ("https://a.b", Some("socks5://q"), via, Ok("socks5://q:1080/ proxy-url")),
            (
                "https://a.b",
                Some("socks5h://a:b@[::1]/"),
                via,
                Ok("socks5://a:b@[::1]:1080/ proxy-url"),
            ),
            // What is configured for a cluster is meant for it.
            ("https://a.b", Some("http://q:2"), "NO_PROXY=*", Ok("http://q:2/ proxy-url")),
            ("https://127.0.0.1:6443", None, via, Ok("")),
            ("https://localhost", None, via, Ok("")),
            ("https://[::1]:6443", None, via, Ok("")),
            (
                "https://a.b",
                None,
                "HTTPS_PROXY=ftp://p",
                Err("expected one of `http`, `https`, `socks5`, found `ftp`"),
            ),
            ("https://a.b", None, "HTTPS_PROXY=http://", Err("expected an address")),
            ("https://a.b", None, "HTTPS_PROXY=http://a b", Err("expected an address")),
        ];
        for (server, configured, variables, expected) in rows {
            let variable = |name: &str| {
                let (known, value) = variables.split_once('=')?;
                (known == name).then(|| value.to_owned())
            };
            let server = server.parse().expect("an address");
            let found = Proxy::of(&server, configured, variable);
            match (found, expected) {
                (Ok(None), Ok(expected)) => assert_eq!("", expected, "{server}"),
                (Ok(Some(Proxy { uri, named_by })), Ok(expected)) => {
                    assert_eq!(format!("{uri} {named_by}"), expected, "{server}");
                }
                (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
                (found, expected) => unreachable!("{server}: {found:?}, {expected:?}"),
            }
        }
    }

    #[test]
    fn exceptions_are_held_against_the_server() {
        let rows = [
            ("https://k8s.corp.example", "corp.example", true),
            ("https://k8s.corp.example", ".corp.example", true),
            ("https://k8s.corp.example", "*.corp.example", true),
            ("https://corp.example", ".corp.example", false),
            ("https://corp.example", "corp.example", true),
            ("https://notcorp.example", "corp.example", false),
            ("https://K8S.Corp.Example", "k8s.corp.EXAMPLE", true),
            ("https://a.b:6443", "a.b:6443", true),
            ("https://a.b", "a.b:443", true),
            ("https://a.b:6443", "a.b:443", false),
            ("https://10.1.2.3:6443", "10.0.0.0/8", true),
            ("https://11.1.2.3:6443", "10.0.0.0/8", false),
            ("https://10.1.2.3:6443", "10.1.2.3", true),
            ("https://10.1.2.3:6443", "10.1.2.3:6443", true),
            ("https://10.1.2.3:6443", "10.1.2.3:443", false),
            ("https://[fd00::1]:6443", "fd00::/8", true),
            ("https://[fd00::1]:6443", "[fd00::1]:6443", true),
            ("https://[fd00::1]", "fd00::1", true),
            ("https://a.b", "x, ,*", true),
            ("https://a.b", " a.b , c", true),
            ("https://a.b", ",,", false),
            ("https://a.b", "not a name", false),
            // It is no name of the proxy that counts.
            ("https://a.b", "proxy", false),
        ];
        for (server, exceptions, expected) in rows {
            let uri = server.parse().expect("an address");
            assert_eq!(is_direct(&uri, exceptions), expected, "{server} {exceptions}");
        }
    }

    #[test]
    fn a_login_is_read_as_it_is_written_in_addresses() {
        let rows = [
            ("socks5://p", None),
            ("socks5://me:word@p", Some(("me", "word"))),
            ("socks5h://me@p:1", Some(("me", ""))),
            ("socks5://me:a%40b%3a%25@p", Some(("me", "a@b:%"))),
            ("socks5://:word@p", Some(("", "word"))),
            ("http://me:word@p", None),
        ];
        for (address, expected) in rows {
            let login = Proxy::at(address, "HTTPS_PROXY").expect("a proxy").login_of_socks();
            let login = login.as_ref().map(|(user, word)| (user.as_str(), word.as_str()));
            assert_eq!(login, expected, "{address}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let proxy = Proxy::at("http://me:secret@p:3128", "HTTPS_PROXY").expect("a proxy");
        assert_eq!(proxy.shown(), "http://p:3128");
    }
}
