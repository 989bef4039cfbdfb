//! Errors of libraries, and what is told of them.

use super::*;

#[test]
fn causes_are_told_in_plain_words() {
    let system = |code| io::Error::from_raw_os_error(code);
    let wrapped = |error: Tls| io::Error::other(io::Error::new(ErrorKind::InvalidData, error));
    let alert = |alert| wrapped(Tls::AlertReceived(alert));
    let rows: Vec<(io::Error, &str)> = vec![
        (system(111), "connection refused"),
        (system(104), "the connection was reset"),
        (system(110), "no response in time"),
        (system(113), "no route to the host"),
        (system(101), "the network is unreachable"),
        (system(24), "too many open files"),
        (io::Error::other("some words of a library"), "the connection failed"),
        (
            io::Error::new(ErrorKind::UnexpectedEof, "peer closed, see https://docs.rs/x"),
            "the connection was closed",
        ),
        (io::Error::other(kube::Error::Service(Box::new(system(104)))), "the connection was reset"),
        (
            wrapped(Tls::InvalidCertificate(CertificateError::UnknownIssuer)),
            "the server's certificate is signed by an authority that is not trusted",
        ),
        (
            wrapped(Tls::InvalidCertificate(CertificateError::Expired)),
            "the server's certificate has expired",
        ),
        (
            wrapped(Tls::InvalidCertificate(CertificateError::BadSignature)),
            "the server's certificate is invalid",
        ),
        (
            alert(AlertDescription::CertificateRequired),
            "the server requires a client certificate, and the user has none",
        ),
        (
            alert(AlertDescription::UnknownCA),
            "the server does not accept the client certificate of the user",
        ),
        (alert(AlertDescription::HandshakeFailure), "the server ended the TLS handshake"),
        (wrapped(Tls::DecryptError), "the TLS handshake failed"),
    ];
    for (error, expected) in rows {
        assert_eq!(why(&error), expected, "{error:?}");
    }
}
