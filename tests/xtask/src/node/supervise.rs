//! The children of process 1 are started with a log each, reaped, watched, and killed together.
//! When a component dies, the node ends with a report that names it.

use super::components::{self, Component};
use super::{Config, relay};
use crate::error::{Doing, Error, Result};
use crate::node::FAILED;
use crate::{patience, program, say};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, wait};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use std::{io, thread};

/// How many seconds the start of one part may take on a machine that is busy with other work.
const LIMIT: u64 = 150;
/// How often the node looks around.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The children, and the two ways in which the node is told to end.
pub struct Supervisor<'a> {
    config: &'a Config,
    running: BTreeMap<i32, &'static str>,
    stop: Arc<AtomicBool>,
    status: PathBuf,
}

impl<'a> Supervisor<'a> {
    /// Watch for the signals that end the node.
    pub fn new(config: &'a Config) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            signal_hook::flag::register(signal, Arc::clone(&stop))
                .doing(|| "watch for signals".into())?;
        }
        let status = config.folder.join("status");
        Ok(Supervisor { config, running: BTreeMap::new(), stop, status })
    }

    /// Tell the outside, in one line, what the node is about.
    pub fn report(&self, line: &str) -> Result<()> {
        say::step(line);
        self.write_status(line)
    }

    /// Tell the outside why the node ends. The log gets it from `main`, as every command's error.
    pub fn report_failure(&self, error: &Error) -> Result<()> {
        self.write_status(&format!("{FAILED}{error}"))
    }

    fn write_status(&self, text: &str) -> Result<()> {
        fs::write(&self.status, text).doing(|| "write `status`".into())
    }

    /// Start components, each with its own log.
    pub fn start(&mut self, components: Vec<Component>) -> Result<()> {
        for Component { name, mut command } in components {
            let path = self.config.folder.join("log").join(format!("{name}.log"));
            let log = File::create(&path).doing(|| format!("create `{}`", path.display()))?;
            let errors = log.try_clone().doing(|| format!("open `{}`", path.display()))?;
            let child = command
                .stdin(Stdio::null())
                .stdout(log)
                .stderr(errors)
                .spawn()
                .doing(|| format!("start `{name}`"))?;
            self.running.insert(child.id().cast_signed(), name);
        }
        Ok(())
    }

    /// Until the API server answers that it is ready.
    pub fn wait_for_api(&mut self) -> Result<()> {
        let config = self.config;
        self.wait_until("the API server", || {
            TcpStream::connect(relay::API).is_ok()
                && program::read(&mut components::readiness(config)).is_ok_and(|text| text == "ok")
        })
    }

    /// Until somebody listens on a unix socket.
    pub fn wait_for_socket(&mut self, path: &Path) -> Result<()> {
        self.wait_until("containerd", || std::os::unix::net::UnixStream::connect(path).is_ok())
    }

    /// Reap and look around until the node is to end.
    pub fn watch(&mut self) -> Result<()> {
        while !self.is_unwanted() {
            self.reap()?;
        }
        Ok(())
    }

    /// Kill every process of the node but this one, and wait until they are gone.
    pub fn end(&mut self) {
        loop {
            // This /proc shows the processes of the node, and no other.
            for pid in everyone() {
                let _ = kill_process(pid, Signal::KILL);
            }
            match wait(WaitOptions::NOHANG) {
                Err(_) => return,
                Ok(Some(_)) => {}
                Ok(None) => thread::sleep(program::GLANCE / 5),
            }
        }
    }

    fn wait_until(&mut self, what: &str, mut is_there: impl FnMut() -> bool) -> Result<()> {
        let (start, limit) = (Instant::now(), self.config.patience.seconds(LIMIT));
        while !is_there() {
            self.reap()?;
            if self.is_unwanted() {
                return Err(Error::new("told to end while starting"));
            }
            if start.elapsed() > limit {
                return Err(Error::new(format!("{what} does not answer after {limit:?}"))
                    .hint(patience::HINT));
            }
        }
        Ok(())
    }

    /// Take in every dead child; orphans are nobody's loss, a component is.
    fn reap(&mut self) -> Result<()> {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if let Some(name) = self.running.remove(&pid.as_raw_nonzero().get()) {
                let how = describe(status);
                return Err(Error::new(format!("`{name}` {how}")));
            }
        }
        Ok(())
    }

    /// Wait one tick; whether the node was told to end, or the process it belongs to is gone.
    pub fn is_unwanted(&self) -> bool {
        let stdout = io::stdout();
        let mut fds = [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty())];
        let watched = if self.config.ephemeral { &mut fds[..] } else { &mut [] };
        // An interrupted poll is a tick that was short.
        let _ = poll(watched, Some(&TICK));
        let gone = PollFlags::ERR | PollFlags::HUP;
        self.stop.load(Ordering::Relaxed) || watched.iter().any(|fd| fd.revents().intersects(gone))
    }
}

fn everyone() -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|&pid| pid > 1)
        .filter_map(Pid::from_raw)
        .collect()
}

fn describe(status: WaitStatus) -> String {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("ended with exit status {code}"),
        (_, Some(signal)) => format!("was killed by signal {signal}"),
        _ => "ended".into(),
    }
}
