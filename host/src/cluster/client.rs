//! The clients of a run. They differ in how long they wait and whether they try again; the credentials
//! are those of all. A request that is refused for its credentials is sent once more with others.

use super::access::{Access, Credential};
use super::connections;
use super::warnings::Warnings;
use http::{Request, Response, StatusCode};
use kube::Client;
use kube::Config;
use kube::client::Body;
use kube::client::retry::RetryPolicy;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tower::retry::RetryLayer;
use tower::{BoxError, ServiceBuilder, service_fn};

/// The timeout of connecting.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends requests with the credentials of the run.
#[derive(Clone)]
pub struct Sender {
    access: Arc<Access>,
    config: Arc<Config>,
    warnings: Warnings,
    /// The connections, and the number of the certificate with which they were made.
    connected: Arc<Mutex<(Option<u64>, Client)>>,
}

impl Sender {
    /// One that waits so long for each part of a response. Nothing is sent yet.
    pub fn new(access: &Arc<Access>, wait: Duration, warnings: &Warnings) -> kube::Result<Self> {
        let mut config = access.config.clone();
        (config.connect_timeout, config.read_timeout) = (Some(CONNECT), Some(wait));
        config.default_retry = false;
        let client = connections::client(config.clone(), access.proxy.as_ref())?;
        Ok(Self {
            access: Arc::clone(access),
            config: Arc::new(config),
            warnings: warnings.clone(),
            connected: Arc::new(Mutex::new((None, client))),
        })
    }

    /// A client that sends every request once, whatever the answer.
    pub fn client(&self) -> Client {
        let own = self.clone();
        let service = service_fn(move |request| own.clone().send(request));
        Client::new(service, self.config.default_namespace.clone())
    }

    /// A client that tries again where a server asks for it.
    pub fn client_with_retries(&self) -> Client {
        let own = self.clone();
        let retries = RetryLayer::new(RetryPolicy::server_retry());
        let service = service_fn(move |request| own.clone().send(request));
        let service = ServiceBuilder::new().layer(retries).service(service);
        Client::new(service, self.config.default_namespace.clone())
    }

    async fn send(self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let credential = self.access.credentials.get().await?;
        let again = copy(&request);
        let response = self.send_as(request, &credential).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(again) = again
            && let Some(other) = self.access.credentials.refused(&credential).await?
        {
            return Ok(self.send_as(again, &other).await?);
        }
        Ok(response)
    }

    async fn send_as(
        &self,
        mut request: Request<Body>,
        credential: &Credential,
    ) -> kube::Result<Response<Body>> {
        if let Some(header) = &credential.header {
            request.headers_mut().insert(http::header::AUTHORIZATION, header.clone());
        }
        let response = self.connected(credential)?.send(request).await?;
        self.warnings.hear(response.headers());
        Ok(response)
    }

    /// The connections for a credential: others if it has another certificate.
    fn connected(&self, credential: &Credential) -> kube::Result<Client> {
        let number = credential.identity.as_ref().map(|(number, _)| *number);
        let mut connected = self.connected.lock().unwrap_or_else(PoisonError::into_inner);
        if connected.0 != number {
            let mut config = (*self.config).clone();
            config.auth_info = credential.completed(&config.auth_info);
            *connected = (number, connections::client(config, self.access.proxy.as_ref())?);
        }
        Ok(connected.1.clone())
    }
}

/// A request once more; none if its body cannot be had twice.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    Some(copy)
}
