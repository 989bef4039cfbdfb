//! A forwarder before the API server that spoils responses. It speaks just enough HTTP to do that:
//! requests come in plainly and go on with the rights of the tests.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use futures::{AsyncBufRead, AsyncBufReadExt};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};

use super::cluster::{TestCube, kubeconfig};

/// What becomes of a response.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing.
    None,
    /// The status of a proxy that did not reach the server.
    Status(u16),
    /// The connection is reset before a response.
    Refused,
    /// The server answers, and nobody hears of it.
    Stuck,
    /// The server answers, and a proxy tells this status instead.
    Answered(u16),
    /// A server answers so that is not the cluster: a status, the seconds to wait, a text.
    Says(u16, Option<u32>, &'static str),
    /// The server is asked twice, and its second answer told.
    Twice,
    /// The server is asked after this time.
    Slow(Duration),
    /// The connection is reset, and the server asked after this time.
    Late(Duration),
    /// It ends in this way, after so many bytes or so long after the first.
    Cut(Cut, usize, Duration),
}

/// The end of a response.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// As if the server had said all.
    Clean,
    /// The connection is closed.
    Closed,
    /// The connection is reset.
    Reset,
    /// The connection stays, and nothing comes any more.
    Silent,
}

/// A request: its method, its path with the query, its body, and how many of its kind came before
/// it.
pub struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub body: &'a [u8],
    pub before: usize,
}

impl Asked<'_> {
    pub fn is_log(&self) -> bool {
        self.path.contains("/log?")
    }

    pub fn is_creation(&self) -> bool {
        self.method == "POST" && self.path.contains("/jobs?") && !self.path.contains("dryRun")
    }

    pub fn is_claim_creation(&self) -> bool {
        let is_meant = self.path.contains("/persistentvolumeclaims?");
        self.method == "POST" && is_meant && !self.path.contains("dryRun")
    }

    /// The name of the Job that is created or looked for.
    pub fn job(&self) -> Option<String> {
        if self.is_creation() {
            let job: serde_json::Value = serde_json::from_slice(self.body).ok()?;
            return job["metadata"]["name"].as_str().map(str::to_owned);
        }
        let (_, behind) = self.path.split_once("metadata.name%3D")?;
        behind.split('&').next().map(str::to_owned)
    }

    pub fn is_watch(&self) -> bool {
        self.path.contains("watch=true")
    }
}

type Faults = Arc<dyn Fn(&Asked<'_>) -> Fault + Send + Sync>;

/// A forwarder; it ends when it is dropped.
pub struct Forwarder {
    address: SocketAddr,
    counts: Arc<[AtomicUsize; 3]>,
    thread: Option<thread::JoinHandle<()>>,
    stop: Option<oneshot::Sender<()>>,
}

impl Forwarder {
    /// One whose responses become what `faults` says.
    pub fn new(faults: impl Fn(&Asked<'_>) -> Fault + Send + Sync + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let counts = Arc::new([const { AtomicUsize::new(0) }; 3]);
        let (faults, own): (Faults, _) = (Arc::new(faults), Arc::clone(&counts));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                ready.send(listener.local_addr().expect("an address")).expect("a test");
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, faults, own) => {}
                }
            });
        });
        let address = address.recv().expect("the forwarder listens");
        Self { address, counts, thread: Some(thread), stop: Some(stop) }
    }

    /// The number of requests for logs.
    pub fn logs(&self) -> usize {
        self.counts[0].load(Ordering::Relaxed)
    }

    /// A kubeconfig, in the folder of a cube, that leads here.
    pub fn kubeconfig(&self, cube: &TestCube) -> PathBuf {
        let json = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": format!("http://{}", self.address)}}],
            "users": [{"name": "u", "user": {}}],
        });
        let path = cube.path.join("forwarded");
        std::fs::write(&path, json.to_string()).expect("a kubeconfig");
        path
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(thread::JoinHandle::join);
        assert!(thread::panicking() || ended.is_none_or(|ended| ended.is_ok()), "it panicked");
    }
}

async fn accept(listener: TcpListener, faults: Faults, counts: Arc<[AtomicUsize; 3]>) {
    let kubeconfig = Kubeconfig::read_from(kubeconfig()).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
    let mut config = config.expect("a configuration");
    (config.read_timeout, config.default_retry) = (None, false);
    let client = Client::try_from(config).expect("a client");
    let tasks = tokio::task::LocalSet::new();
    let accepting = async {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (client, faults) = (client.clone(), Arc::clone(&faults));
            let counts = Arc::clone(&counts);
            tokio::task::spawn_local(async move {
                let mut stream = stream;
                while serve(&mut stream, &client, &*faults, &counts).await.is_some() {}
            });
        }
    };
    tasks.run_until(accepting).await;
}

/// Answer one request; none if the connection is of no use any more.
async fn serve(
    stream: &mut TcpStream,
    client: &Client,
    faults: &(dyn Fn(&Asked<'_>) -> Fault + Send + Sync),
    counts: &[AtomicUsize; 3],
) -> Option<()> {
    let request = request(stream).await?;
    let (path, method) = (request.uri().to_string(), request.method().to_string());
    let mut asked = Asked { method: &method, path: &path, body: request.body(), before: 0 };
    let kind = if asked.is_log() { 0 } else { 1 + usize::from(asked.is_watch()) };
    asked.before = counts[kind].fetch_add(1, Ordering::Relaxed);
    let fault = faults(&asked);
    match fault {
        Fault::Refused => return reset(stream),
        Fault::Status(code) => return text(stream, code, None, "bad gateway").await,
        Fault::Says(code, seconds, words) => return text(stream, code, seconds, words).await,
        Fault::Late(time) => {
            let client = client.clone();
            tokio::task::spawn_local(async move {
                sleep(time).await;
                let _ = client.request_text(request).await;
            });
            return reset(stream);
        }
        Fault::Slow(time) => sleep(time).await,
        Fault::Twice => drop(client.request_text(request.clone()).await),
        Fault::None | Fault::Stuck | Fault::Answered(_) | Fault::Cut(..) => {}
    }
    // What the program has let go of is let go of here.
    let body = tokio::select! {
        body = client.request_stream(request) => body,
        () = gone(stream) => return None,
    };
    if matches!(fault, Fault::Stuck) {
        gone(stream).await;
        return None;
    }
    if let Fault::Answered(code) = fault {
        return text(stream, code, None, "bad gateway").await;
    }
    match body {
        Ok(body) => forward(stream, body, fault).await,
        Err(kube::Error::Api(status)) => {
            let json = serde_json::to_string(&*status).expect("a status is JSON");
            text(stream, status.code, None, &json).await
        }
        Err(error) => text(stream, 502, None, &error.to_string()).await,
    }
}

async fn request(stream: &mut TcpStream) -> Option<http::Request<Vec<u8>>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let mut request = http::Request::builder().method(first.next()?).uri(first.next()?);
    let mut length = 0;
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "content-type" | "accept" => request = request.header(name, value),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    request.body(body).ok()
}

/// Pass a response on, up to its fault.
async fn forward(stream: &mut TcpStream, body: impl AsyncBufRead, fault: Fault) -> Option<()> {
    let (cut, mut left, time) = match fault {
        Fault::Cut(cut, left, time) => (Some(cut), left, time),
        _ => (None, usize::MAX, Duration::from_secs(24 * 3600)),
    };
    let mut end = Instant::now() + Duration::from_secs(24 * 3600);
    let mut is_first = true;
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut body = std::pin::pin!(body);
    while left > 0 {
        let bytes = tokio::select! {
            bytes = timeout_at(end, body.fill_buf()) => match bytes {
                Ok(Ok(bytes)) => bytes,
                Ok(Err(_)) => return None,
                Err(_) => break,
            },
            () = gone(stream) => return None,
        };
        if std::mem::take(&mut is_first) {
            end = Instant::now() + time;
        }
        let count = bytes.len().min(left);
        if count == 0 {
            return stream.write_all(b"0\r\n\r\n").await.ok();
        }
        let mut chunk = format!("{count:x}\r\n").into_bytes();
        chunk.extend_from_slice(&bytes[..count]);
        chunk.extend_from_slice(b"\r\n");
        stream.write_all(&chunk).await.ok()?;
        body.consume_unpin(count);
        left -= count;
    }
    match cut? {
        Cut::Clean => stream.write_all(b"0\r\n\r\n").await.ok(),
        Cut::Closed => None,
        Cut::Reset => reset(stream),
        Cut::Silent => {
            sleep(Duration::from_secs(24 * 3600)).await;
            None
        }
    }
}

/// The program has let go of the connection: it sends nothing before it has a response.
async fn gone(stream: &TcpStream) {
    let _ = stream.peek(&mut [0]).await;
}

async fn text(stream: &mut TcpStream, code: u16, wait: Option<u32>, text: &str) -> Option<()> {
    let length = text.len();
    let wait = wait.map(|seconds| format!("Retry-After: {seconds}\r\n")).unwrap_or_default();
    let text = format!("HTTP/1.1 {code} x\r\n{wait}Content-Length: {length}\r\n\r\n{text}");
    stream.write_all(text.as_bytes()).await.ok()
}

fn reset(stream: &TcpStream) -> Option<()> {
    stream.set_zero_linger().expect("a socket can be reset");
    None
}
