//! Connections to the API server, of the same parts and with the same timeouts as kube's own, but for
//! two things: what is written goes out at once, and a SOCKS 5 proxy is told the user and the password
//! that it asks for.

use super::access::Proxy;
use http::Uri;
use hyper::rt::{Read, Write};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ClientBuilder, ConfigExt};
use kube::{Client, Config};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};

/// A client with these timeouts and certificates, through the proxy if there is one.
pub fn client(config: Config, proxy: Option<&Proxy>) -> kube::Result<Client> {
    let Some(proxy) = proxy else { return over(tcp(), config) };
    match proxy.login_of_socks() {
        Some((user, word)) => {
            over(SocksV5::new(proxy.uri.clone(), tcp()).with_auth(user, word), config)
        }
        None => Ok(ClientBuilder::try_from(config)?.build()),
    }
}

/// A command in a Pod is a small message, and its answer is waited for: it must not wait for the
/// acknowledgement of another (<https://www.rfc-editor.org/rfc/rfc896>).
fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}

fn over<C>(connector: C, config: Config) -> kube::Result<Client>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + Read + Write + Send + Unpin,
    C::Future: Send,
    C::Error: std::error::Error + Send + Sync,
{
    let https = config.rustls_https_connector_with_connector(connector)?;
    let mut connector = TimeoutConnector::new(https);
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
