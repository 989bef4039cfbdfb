//! The journal while a command runs. One that cannot be written stops no run: that is told once.

use crate::cluster::Cluster;
use crate::console::Console;
use crate::event::Event;
use crate::journal::{Entry, Journal, Stage};
use crate::outcome::Outcome;
use std::io;
use std::path::PathBuf;

/// The journal, if there is one.
pub struct Notebook(Option<Journal>);

impl Notebook {
    /// The journal in a folder.
    pub fn open(folder: Option<PathBuf>, console: &mut Console) -> Self {
        let Some(folder) = folder else {
            console.emit(Event::Warning(
                "runs cannot be noted, because there is no home folder: set `MLCUBE_K8S_STATE`"
                    .into(),
            ));
            return Self(None);
        };
        let place = folder.display().to_string();
        match Journal::open(folder) {
            Ok(journal) => {
                journal.prune();
                Self(Some(journal))
            }
            Err(error) => {
                warn(&format!("in `{place}`"), &error, console);
                Self(None)
            }
        }
    }

    /// The journal in a folder, only to be read.
    pub fn read(folder: Option<PathBuf>) -> Self {
        Self(folder.map(Journal::at))
    }

    /// Write an entry.
    pub fn write(&mut self, entry: &Entry, console: &mut Console) {
        if let Some(Err(error)) = self.0.as_ref().map(|journal| journal.write(entry)) {
            warn("", &error, console);
            self.0 = None;
        }
    }

    /// Write what became of a run, if it is over.
    pub fn ended(&mut self, entry: Option<Entry>, outcome: &Outcome, console: &mut Console) {
        let word = match outcome {
            Outcome::Succeeded => "succeeded",
            Outcome::Failed(_) => "failed",
            Outcome::DeadlineExceeded { .. } => "deadline exceeded",
            Outcome::Deleted => "deleted",
            Outcome::Unknown => "unknown",
            Outcome::TimedOut { .. }
            | Outcome::NotStarted { .. }
            | Outcome::Stuck(_)
            | Outcome::Detached => return,
        };
        if let Some(entry) = entry {
            let outcome = Some(word.to_owned());
            self.write(&Entry { stage: Stage::Over, outcome, ..entry }, console);
        }
    }

    /// The runs in the cluster's namespace that were started here, the newest first.
    pub fn runs(&self, cluster: &Cluster) -> Vec<Entry> {
        let mut runs = self.all(cluster);
        runs.retain(|entry| entry.namespace == cluster.namespace().as_str());
        runs
    }

    /// The runs in all namespaces of the cluster.
    pub fn all(&self, cluster: &Cluster) -> Vec<Entry> {
        self.0.as_ref().map(|journal| journal.runs(&cluster.url())).unwrap_or_default()
    }
}

fn warn(place: &str, error: &io::Error, console: &mut Console) {
    let space = if place.is_empty() { "" } else { " " };
    console.emit(Event::Warning(format!(
        "runs cannot be noted{space}{place}, so `attach` will need the name: {error}"
    )));
}
