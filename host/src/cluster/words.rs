//! What went wrong, in words for people: the one place where the errors of libraries are translated.
//! None of their own words reach a message.

#[cfg(test)]
mod tests;

use super::access::CredentialsError;
use crate::text::sentence;
use kube::config::{KubeconfigError, LoadDataError};
use rustls::{AlertDescription, CertificateError, Error as Tls};
use std::error::Error;
use std::io::{self, ErrorKind};

/// The most of a foreign text that is shown.
const LONGEST: usize = 300;

type Any<'a> = &'a (dyn Error + 'static);

/// Why a request or a connection failed.
pub fn why(error: Any<'_>) -> String {
    let chain: Vec<Any<'_>> = chain(error);
    // What is said first of an inner cause says more than what is said of an outer one.
    let known = chain.iter().rev().find_map(|error| known(*error));
    known.unwrap_or_else(|| "the connection failed".into())
}

/// The error of credentials among the causes of an error.
pub fn of_credentials(error: Any<'_>) -> Option<&CredentialsError> {
    chain(error).into_iter().find_map(|error| error.downcast_ref())
}

/// An error and its causes, those inside errors of input and output among them.
fn chain(error: Any<'_>) -> Vec<Any<'_>> {
    let mut chain = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next.filter(|_| chain.len() < 32) {
        chain.push(error);
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inner.map(|inner| inner as Any<'_>).or_else(|| error.source());
    }
    chain
}

/// The words for one error of a chain, if it is known.
fn known(error: Any<'_>) -> Option<String> {
    if let Some(error) = error.downcast_ref::<CredentialsError>() {
        return Some(error.why.clone());
    }
    if let Some(error) = error.downcast_ref::<kube::Error>() {
        return of_kube(error);
    }
    if let Some(error) = error.downcast_ref::<KubeconfigError>() {
        return Some(of_kubeconfig(error));
    }
    if let Some(error) = error.downcast_ref::<Tls>() {
        return Some(of_tls(error));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return of_http(error);
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return of_io(error);
    }
    if error.is::<serde_json::Error>() {
        return Some("the response is not that of a Kubernetes API server".into());
    }
    // These types have no name outside of their libraries.
    let text = error.to_string();
    PRIVATE.iter().find(|(own, _)| text.starts_with(own)).map(|(_, words)| (*words).to_owned())
}

/// What errors begin with whose types cannot be named, and the words for them.
const PRIVATE: [(&str, &str); 15] = [
    ("tunnel error: proxy authorization required", "the proxy requires a user and a password"),
    ("tunnel error: failed to create", "the proxy cannot be connected to"),
    ("tunnel error: unexpected end", "the proxy closed the connection"),
    ("tunnel error", "the proxy refuses to connect"),
    ("SOCKS error: failed to create", "the proxy cannot be connected to"),
    ("SOCKS error: io error", "the proxy closed the connection"),
    (
        "SOCKS error: credentials not accepted",
        "the proxy does not accept the user and the password",
    ),
    (
        "SOCKS error: server does not support user/pass",
        "the proxy requires a user and a password, or accepts none",
    ),
    ("SOCKS error: server implements", "the proxy does not ask for the user and the password"),
    ("SOCKS error: failed parsing", "the proxy does not speak SOCKS 5"),
    ("SOCKS error", "the proxy refuses to connect"),
    ("dns error", "the name of the server cannot be resolved"),
    ("deadline has elapsed", "no response in time"),
    ("operation timed out", "no response in time"),
    ("pem error", "it is not in PEM"),
];

fn of_kube(error: &kube::Error) -> Option<String> {
    Some(match error {
        kube::Error::Api(status) => sentence(status.message.trim(), 4 * LONGEST),
        kube::Error::FromUtf8(_) | kube::Error::SerdeError(_) => {
            "the response is not that of a Kubernetes API server".into()
        }
        kube::Error::ProxyProtocolUnsupported { .. }
        | kube::Error::ProxyProtocolDisabled { .. } => {
            "the protocol of the proxy is not supported".into()
        }
        kube::Error::BuildRequest(_) | kube::Error::HttpError(_) => {
            "the request cannot be made: a name or a header has characters that none has".into()
        }
        kube::Error::RustlsTls(_) => "the certificates or the key cannot be used".into(),
        kube::Error::UpgradeConnection(_) => {
            "the API server, or a proxy before it, does not let a connection carry a command".into()
        }
        kube::Error::Auth(_) => "the credentials of the user cannot be used".into(),
        _ => return None,
    })
}

fn of_http(error: &hyper::Error) -> Option<String> {
    let words = if error.is_timeout() {
        "no response in time"
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        "the server closed the connection"
    } else if error.is_parse() || error.is_parse_status() {
        "the server does not speak HTTP"
    } else {
        return None;
    };
    Some(words.to_owned())
}

fn of_io(error: &io::Error) -> Option<String> {
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "the connection was reset",
        ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
            "the connection was closed"
        }
        ErrorKind::TimedOut => "no response in time",
        ErrorKind::HostUnreachable => "no route to the host",
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "the network is unreachable",
        ErrorKind::AddrNotAvailable => "no address to connect from",
        ErrorKind::NotFound => "no such file",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::IsADirectory => "it is a directory",
        ErrorKind::NotADirectory => "a part of the path is not a directory",
        _ => {
            // What the system says, without its number.
            error.raw_os_error()?;
            let text = error.to_string();
            return Some(text.split(" (os error").next().unwrap_or(&text).to_lowercase());
        }
    };
    Some(words.to_owned())
}

fn of_tls(error: &Tls) -> String {
    match error {
        Tls::InvalidCertificate(error) => of_certificate(error),
        Tls::InvalidMessage(_) | Tls::InappropriateMessage { .. } => {
            "the server does not speak TLS: is its address `http://…`?".into()
        }
        Tls::PeerIncompatible(_) => {
            "the server knows no version or cipher of TLS that is safe".into()
        }
        Tls::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired => {
                "the server requires a client certificate, and the user has none".into()
            }
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied => {
                "the server does not accept the client certificate of the user".into()
            }
            AlertDescription::UnrecognisedName => {
                "the server does not know the name by which it is called".into()
            }
            _ => "the server ended the TLS handshake".into(),
        },
        Tls::NoCertificatesPresented => "the server has no certificate".into(),
        Tls::InconsistentKeys(_) => {
            "the certificate of the user and its key do not belong together".into()
        }
        _ => "the TLS handshake failed".into(),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "the server's certificate is signed by an authority that is not trusted".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet".into()
        }
        CertificateError::NotValidForName => "the server's certificate is for another name".into(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names = presented.iter().map(|name| {
                let inner = name.split_once('(').map_or(&**name, |(_, inner)| inner);
                format!("`{}`", inner.trim_end_matches(')').trim_matches('"'))
            });
            let names: Vec<_> = names.take(8).collect();
            let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
            format!("the server's certificate is for {names}, not for `{}`", expected.to_str())
        }
        CertificateError::Revoked => "the server's certificate is revoked".into(),
        _ => "the server's certificate is invalid".into(),
    }
}

/// What is wrong with a kubeconfig.
pub fn of_kubeconfig(error: &KubeconfigError) -> String {
    let data = |what: &str, error: &LoadDataError| match error {
        LoadDataError::DecodeBase64(_) => format!("`{what}-data` is not Base64"),
        LoadDataError::ReadFile(error, path) => {
            let why = of_io(error).unwrap_or_else(|| "it cannot be read".into());
            format!("cannot read `{what}` `{}`: {why}", path.display())
        }
        LoadDataError::NoBase64DataOrFile => format!("missing `{what}` beside its counterpart"),
    };
    match error {
        KubeconfigError::ReadConfig(error, _) => match error.kind() {
            ErrorKind::InvalidData => "it is not text".into(),
            _ => of_io(error).unwrap_or_else(|| "it cannot be read".into()),
        },
        KubeconfigError::Parse(error) => of_yaml(error),
        KubeconfigError::LoadCertificateAuthority(error) => data("certificate-authority", error),
        KubeconfigError::LoadClientCertificate(error) => data("client-certificate", error),
        KubeconfigError::LoadClientKey(error) => data("client-key", error),
        KubeconfigError::ParseCertificates(_) => "`certificate-authority` is not in PEM".into(),
        KubeconfigError::MissingClusterUrl => "the cluster has no `server`".into(),
        KubeconfigError::ParseClusterUrl(_) => "invalid `server` of the cluster".into(),
        KubeconfigError::ParseProxyUrl(_) => "invalid `proxy-url` of the cluster".into(),
        _ => "it is not a valid kubeconfig".into(),
    }
}

/// A place in a file, and what is wrong there as far as that can be told in plain words.
fn of_yaml(error: &serde_saphyr::Error) -> String {
    let place = error.location().map(|at| format!("line {}, column {}: ", at.line(), at.column()));
    let text = error.to_string();
    let quoted = |start: &str| {
        let (_, rest) = text.split_once(start)?;
        rest.split_once('`').map(|(name, _)| sentence(name, LONGEST))
    };
    let what = match quoted("missing field `") {
        Some(name) => format!("missing `{name}`"),
        None => "it is not the YAML of a kubeconfig".into(),
    };
    format!("{}{what}", place.unwrap_or_default())
}
