//! Credentials over time.

use super::credentials::{Credential, Credentials};
use jiff::Timestamp;
use kube::config::AuthInfo;
use serde_json::json;
use std::path::Path;

fn file(path: &Path, token: Option<&str>) -> Credentials {
    let user = json!({"tokenFile": path.display().to_string(), "token": token});
    let mut user: AuthInfo = serde_json::from_value(user).expect("a user");
    Credentials::take(&mut user).expect("credentials")
}

fn header(credential: &Credential) -> &str {
    credential.header.as_ref().and_then(|header| header.to_str().ok()).expect("a header")
}

/// A file is read again when its token is refused, and after a time; while it is gone, the last
/// token is used.
#[tokio::test]
async fn a_token_in_a_file_is_read_again() {
    let path = std::env::temp_dir().join(format!("mlcube-token-{}", std::process::id()));
    let write = |token: &str| std::fs::write(&path, token).expect("a token");
    write("one\n");
    let credentials = file(&path, Some("other"));
    let one = credentials.get().await.expect("a token");
    assert_eq!(header(&one), "Bearer one");
    write("two");
    assert_eq!(credentials.get().await.expect("a token"), one, "it is fresh");
    let two = credentials.refused(&one).await.expect("a token").expect("another");
    assert_eq!(header(&two), "Bearer two");
    assert_eq!(credentials.refused(&one).await.expect("a token"), Some(two.clone()));
    assert_eq!(credentials.refused(&two).await.expect("a token"), None, "it is the same");
    write("three");
    credentials.current.lock().await.until = Some(Timestamp::now());
    assert_eq!(header(&credentials.get().await.expect("a token")), "Bearer three");
    std::fs::remove_file(&path).expect("it is there");
    credentials.current.lock().await.until = Some(Timestamp::now());
    assert_eq!(header(&credentials.get().await.expect("a token")), "Bearer three");
    let never = file(&path, Some("other"));
    assert_eq!(header(&never.get().await.expect("a token")), "Bearer other");
    assert!(file(&path, None).get().await.is_err());
}
