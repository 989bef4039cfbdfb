//! What the answer to a creation says: whether the object is there, may be there, or is not.

use super::words::of_credentials;
use http::{HeaderMap, Request, StatusCode};
use kube::Client;
use kube::client::Body;
use kube::core::Status;
use kube::core::response::StatusSummary;
use std::error::Error;
use std::io;
use std::time::Duration;

/// What an answer says.
#[derive(Debug)]
pub enum Answer<T> {
    /// The object is created.
    Created(T),
    /// An object of this name exists.
    Exists(kube::Error),
    /// This request was not carried out, and the next may be.
    NotNow(kube::Error, Option<Duration>),
    /// This request may have been carried out, or may yet be.
    Unclear(kube::Error, Option<Duration>),
    /// No such request will be carried out.
    Refused(kube::Error),
}

/// Reads the object that was created.
pub type Read<T> = fn(&[u8]) -> serde_json::Result<T>;

impl<T> Answer<T> {
    /// The answer to a request that is sent now, once.
    pub async fn to(client: &Client, request: Request<Vec<u8>>, read: Read<T>) -> Self {
        let response = match client.send(request.map(Body::from)).await {
            Ok(response) => response,
            // Without credentials nothing is sent.
            Err(error) if of_credentials(&error).is_some() => return Self::Refused(error),
            Err(error) if was_not_sent(&error) => return Self::NotNow(error, None),
            Err(error) => return Self::Unclear(error, None),
        };
        let (status, pause) = (response.status(), retry_after(response.headers()));
        match response.into_body().collect_bytes().await {
            Ok(bytes) => Self::of(status, pause, &bytes, read),
            Err(error) => Self::Unclear(error, pause),
        }
    }

    fn of(code: StatusCode, pause: Option<Duration>, bytes: &[u8], read: Read<T>) -> Self {
        if code.is_success() {
            return match read(bytes) {
                Ok(created) => Self::Created(created),
                Err(error) => Self::Unclear(kube::Error::SerdeError(error), pause),
            };
        }
        let status = status(code, bytes);
        let details = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
        let pause = pause.or((details > 0).then(|| Duration::from_secs(details.into())));
        let (reason, message) = (status.reason.clone(), status.message.clone());
        let error = kube::Error::Api(Box::new(status));
        match code.as_u16() {
            409 if reason == "AlreadyExists" => Self::Exists(error),
            // A quota is being counted, or another object changed meanwhile.
            409 | 429 => Self::NotNow(error, pause),
            // Webhooks are asked before anything is stored.
            500 if message.contains("failed calling webhook") => Self::NotNow(error, pause),
            408 | 425 | 500.. => Self::Unclear(error, pause),
            _ => Self::Refused(error),
        }
    }
}

/// The status in a response, or one that is made of what is there.
fn status(code: StatusCode, bytes: &[u8]) -> Status {
    let read = serde_json::from_slice::<Status>(bytes).ok();
    read.filter(|status| status.code == code.as_u16()).unwrap_or_else(|| Status {
        status: Some(StatusSummary::Failure),
        code: code.as_u16(),
        message: String::from_utf8_lossy(&bytes[..bytes.len().min(500)]).trim().to_owned(),
        ..Status::default()
    })
}

/// `Retry-After` in seconds. A date is not understood: it depends on two clocks.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// Whether nobody took the connection on which the request would have been sent.
fn was_not_sent(error: &kube::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The error of an answer that does not come.
pub fn silence() -> kube::Error {
    kube::Error::Service(io::Error::from(io::ErrorKind::TimedOut).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Submitted;
    use serde_json::json;

    /// What an answer says, in a word.
    fn said(code: u16, body: &str) -> (&'static str, Option<u64>) {
        let code = StatusCode::from_u16(code).expect("a status");
        let (word, pause) = match Answer::of(code, None, body.as_bytes(), Submitted::read) {
            Answer::Created(_) => ("created", None),
            Answer::Exists(_) => ("exists", None),
            Answer::NotNow(_, pause) => ("not now", pause),
            Answer::Unclear(_, pause) => ("unclear", pause),
            Answer::Refused(_) => ("refused", None),
        };
        (word, pause.map(|pause| pause.as_secs()))
    }

    #[test]
    fn answers_are_told_apart() {
        let failure = |code: u16, reason: &str, message: &str| {
            json!({"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message})
                .to_string()
        };
        let quota =
            "Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified";
        let webhook = "Internal error occurred: failed calling webhook \"x\": connection refused";
        let job = json!({"metadata": {"name": "j", "namespace": "n", "uid": "u"}}).to_string();
        let slow = json!({"status": "Failure", "code": 429, "message": "slow down", "details": {"retryAfterSeconds": 7}});
        let rows = [
            (201, job.clone(), "created", None),
            (200, job.clone(), "created", None),
            (201, job[..20].to_owned(), "unclear", None),
            (200, "<html>log in</html>".into(), "unclear", None),
            (201, "{}".into(), "unclear", None),
            (409, failure(409, "AlreadyExists", "jobs.batch \"j\" already exists"), "exists", None),
            (409, failure(409, "Conflict", quota), "not now", None),
            (429, "Too many requests, please try again later.".into(), "not now", None),
            (429, slow.to_string(), "not now", Some(7)),
            (500, failure(500, "InternalError", webhook), "not now", None),
            (500, failure(500, "InternalError", "etcdserver: request timed out"), "unclear", None),
            (502, "<html>bad gateway</html>".into(), "unclear", None),
            (503, String::new(), "unclear", None),
            (504, failure(504, "Timeout", "the request did not complete"), "unclear", None),
            (520, String::new(), "unclear", None),
            (408, String::new(), "unclear", None),
            (400, failure(400, "BadRequest", "unknown field"), "refused", None),
            (401, failure(401, "Unauthorized", "Unauthorized"), "refused", None),
            (403, failure(403, "Forbidden", "exceeded quota"), "refused", None),
            (404, failure(404, "NotFound", "namespaces \"n\" not found"), "refused", None),
            (413, "too large".into(), "refused", None),
            (422, failure(422, "Invalid", "spec.template"), "refused", None),
            (302, String::new(), "refused", None),
        ];
        for (code, body, word, pause) in rows {
            assert_eq!(said(code, &body), (word, pause), "{code} {body}");
        }
    }

    #[test]
    fn a_pause_is_read_from_the_header() {
        let rows = [("1", Some(1)), (" 30 ", Some(30)), ("-1", None), ("Wed, 21 Oct 2015", None)];
        for (text, seconds) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::RETRY_AFTER, text.parse().expect("a header"));
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
