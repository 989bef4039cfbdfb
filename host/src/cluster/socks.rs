//! Connections through a SOCKS 5 proxy that asks for a user and a password, which kube does not tell
//! it. They are made of the same parts as kube's own, with the same timeouts.

use super::access::Proxy;
use http::Uri;
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ClientBuilder, ConfigExt};
use kube::{Client, Config};
use tower::{BoxError, ServiceBuilder, ServiceExt};

/// A client with these timeouts and certificates, through the proxy if there is one.
pub fn client(config: Config, proxy: Option<&Proxy>) -> kube::Result<Client> {
    match proxy.and_then(|proxy| Some((proxy.uri.clone(), proxy.login_of_socks()?))) {
        Some((uri, login)) => with_login(config, uri, login),
        None => Ok(ClientBuilder::try_from(config)?.build()),
    }
}

fn with_login(config: Config, proxy: Uri, (user, word): (String, String)) -> kube::Result<Client> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    let socks = SocksV5::new(proxy, http).with_auth(user, word);
    let mut connector = TimeoutConnector::new(config.rustls_https_connector_with_connector(socks)?);
    connector.set_connect_timeout(config.connect_timeout);
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    let client: legacy::Client<_, Body> =
        legacy::Builder::new(TokioExecutor::new()).build(connector);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .service(client.map_err(BoxError::from));
    Ok(Client::new(service, config.default_namespace))
}
