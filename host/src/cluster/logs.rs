//! The log of a container: its lines from the first one on, in order, each once. A container that
//! has ended already gives all it wrote as long as its Pod exists.

use crate::event::Event;
use futures::{AsyncBufRead, AsyncBufReadExt};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// The longest line: a longer one is emitted in pieces, so that a container without line ends
/// cannot exhaust memory.
const LONGEST_LINE: usize = 1 << 20;
/// The attempts to get the logs of a container that the kubelet does not know yet.
const RETRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Follow the log of one container to its end.
pub async fn follow(pods: Api<Pod>, pod: String, container: String, events: Sender<Event>) {
    let params =
        LogParams { container: Some(container.clone()), follow: true, ..LogParams::default() };
    for attempt in 1.. {
        match pods.log_stream(&pod, &params).await {
            Ok(stream) => return copy(stream, &pod, &container, &events).await,
            // The status can be a moment ahead of the kubelet's log file.
            Err(kube::Error::Api(status))
                if attempt < RETRIES && matches!(status.code, 400 | 500..) =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => {
                let why = super::error::root_cause(&error);
                return warn(
                    &events,
                    format!(
                        "the log of container `{container}` of Pod `{pod}` cannot be read: {why}"
                    ),
                )
                .await;
            }
        }
    }
}

async fn copy(
    mut stream: impl AsyncBufRead + Unpin,
    pod: &str,
    container: &str,
    events: &Sender<Event>,
) {
    let mut line = Vec::new();
    loop {
        match read_line(&mut stream, &mut line).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let what =
                    format!("the log of container `{container}` of Pod `{pod}` broke off: {error}");
                return warn(events, what).await;
            }
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        let event = Event::Log { pod: pod.to_owned(), container: container.to_owned(), line: text };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

/// Read up to a line end, which is left out, or up to the longest line. False at the end of the
/// stream.
async fn read_line(
    stream: &mut (impl AsyncBufRead + Unpin),
    line: &mut Vec<u8>,
) -> std::io::Result<bool> {
    loop {
        let buffer = stream.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(!line.is_empty());
        }
        let room = LONGEST_LINE - line.len();
        let end = buffer.iter().take(room).position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(buffer.len().min(room));
        line.extend_from_slice(&buffer[..taken]);
        stream.consume_unpin(end.map_or(taken, |end| end + 1));
        if end.is_some() || line.len() == LONGEST_LINE {
            return Ok(true);
        }
    }
}

async fn warn(events: &Sender<Event>, what: String) {
    // The receiver is gone if the run is over already.
    let _ = events.send(Event::Warning(what)).await;
}
