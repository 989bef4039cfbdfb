//! A network that breaks: connections to the API server are carried as they are, until they are cut.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use kube::config::Kubeconfig;

use super::cluster::{TestCube, kubeconfig};

/// A carrier of connections. What it carries, it carries until it is told to cut them.
pub struct Cutter {
    address: SocketAddr,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cutter {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let (own, server) = (Arc::clone(&open), server());
        // It ends with the tests.
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(inside) = TcpStream::connect(server) else { continue };
                let mut all = own.lock().unwrap_or_else(PoisonError::into_inner);
                for end in [&client, &inside] {
                    all.push(end.try_clone().expect("a stream"));
                }
                let (back, forth) = (inside.try_clone(), client.try_clone());
                thread::spawn(move || carry(client, inside));
                thread::spawn(move || carry(back.expect("a stream"), forth.expect("a stream")));
            }
        });
        Self { address, open }
    }

    /// Cut all connections; gives how many there were.
    pub fn cut(&self) -> usize {
        let mut all = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = all.iter().filter(|end| end.shutdown(Shutdown::Both).is_ok()).count();
        all.clear();
        cut
    }

    /// A kubeconfig, in the folder of a cube, that leads here.
    pub fn kubeconfig(&self, cube: &TestCube) -> PathBuf {
        let mut config = Kubeconfig::read_from(kubeconfig()).expect("the kubeconfig");
        for cluster in config.clusters.iter_mut().filter_map(|one| one.cluster.as_mut()) {
            cluster.server = Some(format!("https://{}", self.address));
        }
        let path = cube.path.join("cut.kubeconfig");
        std::fs::write(&path, serde_json::to_string(&config).expect("JSON")).expect("a kubeconfig");
        path
    }
}

/// Where the API server listens.
fn server() -> SocketAddr {
    let config = Kubeconfig::read_from(kubeconfig()).expect("the kubeconfig");
    let cluster = config.clusters.into_iter().find_map(|one| one.cluster).expect("a cluster");
    let server = cluster.server.expect("a server");
    server.trim_start_matches("https://").trim_end_matches('/').parse().expect("an address")
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let _ = from.set_nodelay(true);
    let mut bytes = vec![0; 64 << 10];
    let ended: io::Result<()> = (|| loop {
        match from.read(&mut bytes)? {
            0 => return Ok(()),
            read => to.write_all(&bytes[..read])?,
        }
    })();
    let how = if ended.is_ok() { Shutdown::Write } else { Shutdown::Both };
    let _ = to.shutdown(how);
}
