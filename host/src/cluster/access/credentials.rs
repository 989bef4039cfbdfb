//! Credentials that may change while the program runs: a token that stands in a file, and what a plugin
//! issues. All clients of a run share them, so a plugin runs once, and again when what it issued has
//! expired or the server does not accept it.

use super::plugin::{Issued, Plugin};
use crate::cluster::words;
use crate::files::{self, FileError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};
use kube::config::AuthInfo;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long a token from a file is used before the file is read again, as in client-go.
const FRESH: SignedDuration = SignedDuration::from_secs(50);
/// The most bytes of a token.
const LARGEST: u64 = 1 << 20;

/// The credentials of the user.
#[derive(Debug)]
pub struct Credentials {
    source: Source,
    pub(super) current: Mutex<Current>,
}

#[derive(Debug)]
enum Source {
    /// What the configuration has, if anything, does not change.
    Fixed,
    /// A file with a token, and the token that is used while the file cannot be read.
    File(PathBuf, Option<String>),
    /// A plugin.
    Plugin(Arc<Plugin>),
}

#[derive(Debug, Default)]
pub(super) struct Current {
    credential: Option<Credential>,
    /// The number of credentials so far.
    count: u64,
    pub(super) until: Option<Timestamp>,
}

/// What a request is sent with, beside what the configuration has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credential {
    number: u64,
    /// The header `Authorization`.
    pub header: Option<HeaderValue>,
    /// A certificate and its key, both in PEM, and the number of the credential that they are of.
    pub identity: Option<(u64, Arc<(String, String)>)>,
}

/// Credentials that cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{why}")]
pub struct CredentialsError {
    /// The cause.
    pub why: String,
    /// The remedy.
    pub hint: Option<String>,
}

impl Credentials {
    /// Take what may change out of the configuration. The error says what is wrong with it.
    pub fn take(user: &mut AuthInfo) -> Result<Self, String> {
        let source = match (user.token_file.take(), user.exec.take()) {
            (Some(path), _) if !path.is_empty() => {
                let token = user.token.take().map(|token| secret(&token));
                Source::File(path.into(), token)
            }
            (_, Some(exec)) if user.token.is_none() && user.username.is_none() => {
                Source::Plugin(Arc::new(Plugin::new(exec)?))
            }
            _ => Source::Fixed,
        };
        Ok(Self { source, current: Mutex::default() })
    }

    /// The credential to use now.
    pub async fn get(&self) -> Result<Credential, CredentialsError> {
        self.fresh(&mut *self.current.lock().await).await
    }

    /// The server does not accept a credential: gives another, if there is one.
    pub async fn refused(&self, used: &Credential) -> Result<Option<Credential>, CredentialsError> {
        let mut current = self.current.lock().await;
        // Another request may have been first.
        if current.credential.as_ref().is_some_and(|now| now.number == used.number) {
            current.credential = None;
        }
        let now = self.fresh(&mut current).await?;
        let is_other = (&now.header, &now.identity) != (&used.header, &used.identity);
        Ok(Some(now).filter(|_| is_other))
    }

    async fn fresh(&self, current: &mut Current) -> Result<Credential, CredentialsError> {
        let is_fresh = current.until.is_none_or(|until| Timestamp::now() < until);
        if let Some(credential) = current.credential.as_ref().filter(|_| is_fresh) {
            return Ok(credential.clone());
        }
        let number = current.count + 1;
        let Issued { token, identity, until } = match &self.source {
            Source::Fixed => Issued::default(),
            Source::File(path, token) => {
                let until = Timestamp::now().checked_add(FRESH).ok();
                match (read(path), &current.credential, token) {
                    (Ok(token), ..) => Issued { token: Some(token), until, identity: None },
                    // One who takes a token away again wants the last to be used.
                    (Err(_), Some(known), _) => {
                        current.until = until;
                        return Ok(known.clone());
                    }
                    (Err(_), None, Some(token)) => {
                        Issued { token: Some(token.clone()), until, identity: None }
                    }
                    (Err(error), None, None) => return Err(unreadable(path, &error)),
                }
            }
            Source::Plugin(plugin) => {
                let own = Arc::clone(plugin);
                let ran = tokio::task::spawn_blocking(move || own.run()).await;
                ran.map_err(|_| plugin.error("it could not be run"))??
            }
        };
        let header = token.map(|token| bearer(&token)).transpose()?;
        let identity = identity.map(|identity| (number, Arc::new(identity)));
        let credential = Credential { number, header, identity };
        *current = Current { credential: Some(credential.clone()), count: number, until };
        Ok(credential)
    }
}

impl Credential {
    /// The configuration of the user with the certificate of this credential, if it has one.
    pub fn completed(&self, user: &AuthInfo) -> AuthInfo {
        let mut user = user.clone();
        if let Some((_, identity)) = &self.identity {
            let (certificate, key) = &**identity;
            user.client_certificate_data = Some(STANDARD.encode(certificate));
            user.client_key_data = Some(STANDARD.encode(key).into());
        }
        user
    }
}

/// A token from the configuration, which is serialized as it is.
fn secret(token: &impl secrecy::ExposeSecret<str>) -> String {
    token.expose_secret().to_owned()
}

fn read(path: &Path) -> Result<String, FileError> {
    files::text(path, LARGEST).map(|token| token.trim().to_owned())
}

fn unreadable(path: &Path, error: &FileError) -> CredentialsError {
    let why = match error {
        FileError::System(error) => words::why(error),
        other => other.to_string(),
    };
    CredentialsError {
        why: format!("cannot read the token in `{}`: {why}", path.display()),
        hint: None,
    }
}

fn bearer(token: &str) -> Result<HeaderValue, CredentialsError> {
    let value = HeaderValue::try_from(format!("Bearer {token}"));
    let mut value = value.map_err(|_| CredentialsError {
        why: "invalid token: it has characters that no token has".into(),
        hint: None,
    })?;
    value.set_sensitive(true);
    Ok(value)
}
