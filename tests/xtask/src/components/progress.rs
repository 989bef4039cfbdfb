//! How far a Go build is: a line at least every quarter of a minute, and the whole output in a log.

use crate::error::{Doing, Error, Result};
use crate::{program, say};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(15);

/// Run `go install -v`, say how far it is, and add what it says to the log.
pub fn watch(command: &mut Command, progress: &mut Progress, log: &Path) -> Result<()> {
    let mut child =
        command.stderr(Stdio::piped()).spawn().doing(|| "start `go install`".to_owned())?;
    let (send, lines) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || read_lines(stderr, |line| send.send(line).is_ok()));
    }
    let mut output = String::new();
    let mut next = Instant::now() + EVERY;
    loop {
        match lines.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                progress.take(&line);
                output.push_str(&line);
                output.push('\n');
            }
            Err(RecvTimeoutError::Timeout) => {
                say::step(progress.told());
                next = Instant::now() + EVERY;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let mut file =
        File::options().append(true).open(log).doing(|| format!("open `{}`", log.display()))?;
    file.write_all(output.as_bytes()).doing(|| format!("write `{}`", log.display()))?;
    let status = child.wait().doing(|| "wait for `go install`".to_owned())?;
    if status.success() {
        return Ok(());
    }
    let what = format!("`go install` ended with {status}\n{}", program::tail(&output, 12));
    Err(Error::new(what).hint(format!("the whole output is in `{}`", log.display())))
}

fn read_lines(stream: impl Read, mut take: impl FnMut(String) -> bool) {
    for line in BufReader::new(stream).split(b'\n').map_while(std::result::Result::ok) {
        if !take(String::from_utf8_lossy(&line).into_owned()) {
            return;
        }
    }
}

/// What a build has said so far.
#[derive(Default)]
pub struct Progress {
    modules: usize,
    packages: usize,
    last: String,
}

impl Progress {
    fn take(&mut self, line: &str) {
        if line.starts_with("go: downloading ") {
            self.modules += 1;
        } else if !line.starts_with("go: ") && !line.contains(' ') {
            self.packages += 1;
            self.last = line.to_owned();
        }
    }

    fn told(&self) -> String {
        match self.packages {
            0 => format!("downloading modules, {} so far", self.modules),
            packages => format!("compiled {packages} packages, last `{}`", self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_kind() {
        let rows = [
            ("nothing yet", vec![], "downloading modules, 0 so far"),
            ("a module", vec!["go: downloading a v1"], "downloading modules, 1 so far"),
            (
                "a package",
                vec!["go: downloading a v1", "k8s.io/api", "# note"],
                "compiled 1 packages, last `k8s.io/api`",
            ),
        ];
        for (name, lines, expected) in rows {
            let mut progress = Progress::default();
            lines.iter().for_each(|line| progress.take(line));
            assert_eq!(progress.told(), expected, "{name}");
        }
    }
}
