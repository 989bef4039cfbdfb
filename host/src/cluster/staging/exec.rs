//! A command in a container, through the API server alone: its input and its output are one
//! WebSocket, whose messages begin with the number of a stream
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/>, `v5.channel.k8s.io`).

use crate::cluster::words;
use futures::stream::SplitSink;
use futures::{Sink, SinkExt, StreamExt};
use k8s_openapi::Resource;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Client;
use kube::api::AttachParams;
use kube::core::Request;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message};

/// The bytes of a message, of which the first is the number of its stream: with its header of eight it
/// fills two records of TLS. Larger ones are not carried by all that stands between.
const MESSAGE: usize = (32 << 10) - 8;
/// The time in which what is written is taken from us.
const TAKEN: Duration = Duration::from_secs(35);

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;

type Input = Pin<Box<dyn Sink<Message, Error = tungstenite::Error> + Send>>;

/// A command that runs in a container.
pub struct Exec {
    input: Input,
    said: mpsc::Receiver<Said>,
    reader: JoinHandle<()>,
}

/// What a command says.
#[derive(Debug)]
pub enum Said {
    /// A piece of its output.
    Out(Vec<u8>),
    /// A piece of what it says of failures.
    Err(Vec<u8>),
    /// It has ended, or never began: in words.
    Ended(String),
    /// The connection has, for this reason.
    Broken(String),
}

impl Exec {
    /// Start a command.
    pub async fn start(
        client: &Client,
        (namespace, pod, container): (&str, &str, &str),
        command: &[&str],
    ) -> kube::Result<Self> {
        let path = format!("/api/{}/namespaces/{namespace}/{}", Pod::API_VERSION, "pods");
        let streams = AttachParams::default().container(container).stdin(true);
        let streams = streams.stdout(true).stderr(true);
        let request = Request::new(path).exec(pod, command.iter().copied(), &streams);
        let request = request.map_err(kube::Error::BuildRequest)?;
        let socket = client.connect(request).await?.into_stream();
        let (input, output): (SplitSink<_, _>, _) = socket.split();
        let (told, said) = mpsc::channel(16);
        let reader = tokio::spawn(read(output.boxed(), told));
        Ok(Self { input: Box::pin(input), said, reader })
    }

    /// Write to its input, one part behind the other in as few messages as they need. An error is a
    /// sentence: the connection is lost.
    pub async fn write(&mut self, parts: &[&[u8]]) -> Result<(), String> {
        let mut message = vec![STDIN];
        for mut part in parts.iter().copied() {
            while !part.is_empty() {
                let (now, later) = part.split_at(part.len().min(MESSAGE - message.len()));
                message.extend_from_slice(now);
                part = later;
                if message.len() == MESSAGE {
                    let full = std::mem::replace(&mut message, vec![STDIN]);
                    taken(self.input.feed(Message::binary(full))).await?;
                }
            }
        }
        if message.len() > 1 {
            taken(self.input.feed(Message::binary(message))).await?;
        }
        taken(self.input.flush()).await
    }

    /// What it says next.
    pub async fn hear(&mut self) -> Said {
        self.said.recv().await.unwrap_or_else(|| Said::Broken("the connection was closed".into()))
    }
}

impl Drop for Exec {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// What becomes of a message in a time in which something must.
async fn taken(sent: impl Future<Output = Result<(), tungstenite::Error>>) -> Result<(), String> {
    let sent = timeout(TAKEN, sent).await.map_err(|_| "nothing was taken for 35 s".to_owned())?;
    sent.map_err(|error| words::why(&error))
}

/// Read messages until the connection or the command ends.
async fn read(
    mut output: futures::stream::BoxStream<'static, Result<Message, tungstenite::Error>>,
    told: mpsc::Sender<Said>,
) {
    loop {
        let said = match output.next().await {
            Some(Ok(Message::Binary(message))) => match message.split_first() {
                Some((&STDOUT, bytes)) if !bytes.is_empty() => Said::Out(bytes.to_vec()),
                Some((&STDERR, bytes)) if !bytes.is_empty() => Said::Err(bytes.to_vec()),
                Some((&STATUS, status)) => Said::Ended(ending(status)),
                _ => continue,
            },
            Some(Ok(Message::Close(_))) | None => {
                Said::Broken("the server closed the connection".into())
            }
            Some(Ok(_)) => continue,
            Some(Err(error)) => Said::Broken(words::why(&error)),
        };
        let is_last = matches!(said, Said::Ended(_) | Said::Broken(_));
        if told.send(said).await.is_err() || is_last {
            return;
        }
    }
}

/// The end of a command in words.
fn ending(status: &[u8]) -> String {
    let status: Option<Status> = serde_json::from_slice(status).ok();
    let message = status.and_then(|status| status.message).unwrap_or_default();
    if message.is_empty() { "it ended".into() } else { message }
}
