//! What goes to the shell in a staging Pod and what comes from it: lines, lists and bytes, and what
//! its failures mean.

use super::exec::{Exec, Said};
use crate::cluster::ClusterError;
use std::time::Duration;
use tokio::time::timeout;

/// The longest wait for what a failed command says.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// The longest line of an answer.
const LONGEST: usize = 1 << 16;
/// The longest list.
pub const LONGEST_LIST: usize = 512 << 20;

/// Why work on a claim has ended before its end.
#[derive(Debug)]
pub enum Trouble {
    /// The session is lost: another goes on.
    Lost(String),
    /// The Pod says that it cannot be done, in the words of its tools.
    Failed(String),
    /// The API server does not let us speak with it.
    Refused(ClusterError),
}

/// The shell, and what it has said and nobody has read.
pub struct Wire {
    exec: Exec,
    said: Vec<u8>,
    read: usize,
    failures: String,
}

impl Wire {
    /// Nothing was said yet.
    pub fn new(exec: Exec) -> Self {
        Self { exec, said: Vec::new(), read: 0, failures: String::new() }
    }

    /// Write a command and its data.
    pub async fn tell(&mut self, line: &str, data: &[&[u8]]) -> Result<(), Trouble> {
        let line = format!("{line}\n");
        let parts = [&[line.as_bytes()], data].concat();
        if let Err(why) = self.exec.write(&parts).await {
            return Err(self.ended(why).await);
        }
        Ok(())
    }

    /// Why nothing more can be written: what was said of it, else the state of the connection.
    async fn ended(&mut self, why: String) -> Trouble {
        self.hear_out().await;
        let rest = String::from_utf8_lossy(&self.said[self.read..]).into_owned();
        match rest.lines().find(|line| line.starts_with("failed")) {
            Some(line) => self.failed(line.to_owned()).await,
            None => Trouble::Lost(why),
        }
    }

    /// What an unexpected answer means.
    pub async fn failed(&mut self, answer: String) -> Trouble {
        let Some(why) = answer.strip_prefix("failed") else {
            return Trouble::Lost(format!("an unexpected answer: {answer}"));
        };
        let mut why = why.trim().to_owned();
        if why.is_empty() || why.starts_with("./") {
            // It is told on the other stream, which may be late.
            self.hear_out().await;
            let said = self.failures.lines().rfind(|line| !matches!(line.trim(), "" | "."));
            why = said.map_or(why, str::to_owned);
        }
        Trouble::Failed(why)
    }

    /// The next line.
    pub async fn line(&mut self) -> Result<String, Trouble> {
        let line = self.until(b'\n', LONGEST).await?;
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Items that end in a byte, up to an empty one.
    pub async fn until_empty(&mut self, end: u8) -> Result<Vec<u8>, Trouble> {
        let mut all = Vec::new();
        loop {
            let item = self.until(end, LONGEST).await?;
            if item.is_empty() {
                return Ok(all);
            }
            if end == b'\n' && all.is_empty() && item.starts_with(b"failed") {
                return Err(self.failed(String::from_utf8_lossy(&item).into_owned()).await);
            }
            if all.len() + item.len() > LONGEST_LIST {
                return Err(Trouble::Failed("a list of more than 512 MiB".into()));
            }
            all.extend_from_slice(&item);
            all.push(end);
        }
    }

    /// What comes before the next byte of a kind.
    async fn until(&mut self, end: u8, longest: usize) -> Result<Vec<u8>, Trouble> {
        let mut from = self.read;
        loop {
            if let Some(at) = self.said[from..].iter().position(|byte| *byte == end) {
                let item = self.said[self.read..from + at].to_vec();
                self.read = from + at + 1;
                return Ok(item);
            }
            if self.said.len() - self.read > longest {
                return Err(Trouble::Failed("a line of more than 64 KiB".into()));
            }
            from = self.said.len() - self.read;
            self.hear().await?;
            from += self.read;
        }
    }

    /// So many bytes.
    pub async fn exact(&mut self, length: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::with_capacity(length);
        loop {
            let now = (length - bytes.len()).min(self.said.len() - self.read);
            bytes.extend_from_slice(&self.said[self.read..self.read + now]);
            self.read += now;
            if bytes.len() == length {
                return Ok(bytes);
            }
            self.hear().await?;
        }
    }

    /// Hear what still comes.
    async fn hear_out(&mut self) {
        while let Ok(Ok(())) = timeout(LAST_WORDS, self.hear()).await {}
    }

    /// Wait for more.
    async fn hear(&mut self) -> Result<(), Trouble> {
        if self.read > 0 {
            self.said.drain(..self.read);
            self.read = 0;
        }
        match self.exec.hear().await {
            Said::Out(bytes) => self.said.extend_from_slice(&bytes),
            Said::Err(bytes) => {
                let kept = self.failures.len().saturating_sub(LONGEST);
                let kept = self.failures.ceil_char_boundary(kept);
                self.failures.drain(..kept);
                self.failures.push_str(&String::from_utf8_lossy(&bytes));
            }
            Said::Ended(why) | Said::Broken(why) => return Err(Trouble::Lost(why)),
        }
        Ok(())
    }
}
