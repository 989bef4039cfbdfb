//! The output of the program: data on stdout, everything else on stderr. A full disk or a closed
//! pipe is no reason to stop watching a Job: a failed write is told, and changes the exit code.

mod columns;
mod cube;
mod diagnosis;
mod diff;
mod finished;
mod human;
mod json;
mod log;
mod manifest;
mod notes;
mod paint;
mod phases;
mod policy;
mod preflight;
mod review;
mod runs;
mod settings;
mod stdout;
mod summary;
mod transfer;

use crate::cluster::{Preflight, Run, RunPod};
use crate::cube::Cube;
use crate::error::Error;
use crate::event::{ContainerRun, Event, LeftJob, Piece, WayBack};
use crate::outcome::{Outcome, Part};
use crate::plan::{DescribeFormat, Explain, ManifestFormat, OutputMode, Prefix, Volume};
use crate::policy::{Inspection, PolicyError};
use crate::text::visible;
use jiff::Timestamp;
pub use json::SCHEMA;
use notes::Notes;
use paint::{Paint, Tone};
use phases::Phases;
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::time::Instant;
use stdout::Stdout;

/// The console: prints events, errors and data in the mode of the command.
#[derive(Default)]
pub struct Console {
    output: OutputMode,
    paint: Paint,
    stdout: Stdout,
    notes: Notes,
    phases: Phases,
    open: Option<LeftJob>,
    pace: transfer::Pace,
}

impl Console {
    /// A console for a planned command.
    pub fn new(output: OutputMode) -> Self {
        let (paint, notes) = (Paint::for_stderr(), Notes::for_stderr());
        Self { output, paint, notes, ..Self::default() }
    }

    /// Whether data could not be written.
    pub fn is_lost(&self) -> bool {
        self.stdout.is_lost()
    }

    /// The Job that was told to be sent or created, and not to have ended.
    pub fn open_job(&self) -> Option<LeftJob> {
        self.open.clone()
    }

    /// Emit several warnings.
    pub fn warn_all(&mut self, warnings: Vec<String>) {
        warnings.into_iter().for_each(|warning| self.emit(Event::Warning(warning)));
    }

    /// Print an event.
    pub fn emit(&mut self, event: Event) {
        if !self.pace.allows(&event, self.output.is_json, self.notes.is_live()) {
            return;
        }
        self.phases.take(&event, Instant::now());
        finished::remember(&mut self.open, &event);
        self.tell(event);
        self.live();
    }

    fn tell(&mut self, event: Event) {
        let is_explanation = matches!(event, Event::Reviewed { .. } | Event::Conflicting(_));
        if self.output.is_json || (is_explanation && self.output.explain == Explain::Json) {
            return self.objects(&event);
        }
        if let Event::Log { run, piece } = event {
            return self.log(&run, &piece);
        }
        if matches!(&event, Event::LogGap { run, .. } if run.part == Part::Main) {
            let written = self.stdout.end_line();
            self.check(written);
        }
        let telling = Telling {
            explain: self.output.explain == Explain::Lines,
            volume: self.output.volume,
            paint: self.paint,
        };
        let is_progress = event.is_progress();
        if !is_progress && self.phases.now().is_none() {
            self.notes.clear();
        }
        let mut lines = human::lines(&event, telling);
        if let Event::Finished { job, outcome, history, .. } = &event
            && telling.volume != Volume::Quiet
        {
            let summary = self.phases.summary(Instant::now(), history);
            let is_there = matches!(outcome, Outcome::Succeeded | Outcome::Failed(_));
            let fetch = job.back.fetch.as_deref().filter(|_| is_there);
            lines.extend(summary::lines(summary.as_ref(), &job.outputs, fetch));
        }
        for line in lines {
            if is_progress {
                self.notes.progress(&self.paint.rendered(&line));
            } else {
                self.note(&line);
            }
        }
    }

    /// Write the objects of an event.
    fn objects(&mut self, event: &Event) {
        let mut objects = json::objects(event);
        if let (Event::Finished { history, .. }, [object]) = (event, &mut objects[..])
            && let Some(summary) = self.phases.summary(Instant::now(), history)
        {
            json::merge(object, summary::fields(&summary));
        }
        objects.iter().for_each(|object| self.object(object));
    }

    /// Show people on a terminal what the Job does now, and since when.
    fn live(&mut self) {
        let is_shown = !self.output.is_json && self.output.volume != Volume::Quiet;
        let now = self.phases.now().filter(|_| is_shown);
        self.notes.live(now.map(|(phase, since)| (phase.doing(), since)));
    }

    /// Write what a container wrote: the task's own words to stdout, others to stderr.
    fn log(&mut self, run: &Arc<ContainerRun>, piece: &Piece) {
        let is_named = match self.output.prefix {
            Prefix::Auto => !run.is_alone,
            Prefix::Always => true,
            Prefix::Never => false,
        };
        let is_main = run.part == Part::Main;
        if !is_main {
            let written = self.stdout.make_room();
            self.check(written);
            return self.notes.log(run, piece, is_named);
        }
        let written = if self.stdout.is_terminal() {
            self.notes.end_line();
            if !piece.bytes.ends_with(b"\n") {
                self.notes.clear();
            }
            self.notes.above(|| self.stdout.log(run, piece, is_named))
        } else {
            self.stdout.log(run, piece, is_named)
        };
        self.notes.leave_room(self.stdout.has_open_line());
        self.check(written);
    }

    /// Print an error and its hint.
    pub fn error(&mut self, error: &Error) {
        self.notes.clear();
        if self.output.is_json {
            self.object(&json::error(error, self.output.policies));
        }
        if let Error::Policy(PolicyError::Broke { policy, log, .. }) = error {
            review::logged(policy, log).iter().for_each(|line| self.note(line));
        }
        self.note(&format!("{} {error}", self.paint.paint(Tone::Removed, "error:")));
        if let Some(hint) = error.hint(self.output.policies) {
            review::said("hint: ".into(), &hint).iter().for_each(|line| self.note(line));
        }
    }

    /// Print Jobs as manifests.
    pub fn manifests(&mut self, jobs: Vec<Value>, format: ManifestFormat) {
        self.out(&manifest::text(&jobs, format));
    }

    /// Print a value.
    pub fn value(&mut self, json: &Value, format: ManifestFormat) {
        self.out(&manifest::text(std::slice::from_ref(json), format));
    }

    /// Print the tasks of a cube.
    pub fn description(&mut self, cube: &Cube, format: DescribeFormat) {
        match format {
            DescribeFormat::Table => self.table(&cube::table(cube)),
            DescribeFormat::Json => self.value(&cube::description(cube), ManifestFormat::Json),
        }
    }

    /// Print the inspection of a policy's file.
    pub fn policy(&mut self, inspection: &Inspection, format: DescribeFormat) {
        match format {
            DescribeFormat::Table => self.table(&policy::table(inspection)),
            DescribeFormat::Json => self.value(&policy::json(inspection), ManifestFormat::Json),
        }
    }

    /// Print runs.
    pub fn runs(&mut self, runs: &[Run], format: DescribeFormat) {
        match format {
            DescribeFormat::Table => self.table(&runs::table(runs, Timestamp::now())),
            DescribeFormat::Json => self.value(&serde_json::json!(runs), ManifestFormat::Json),
        }
    }

    /// Print how far a run is.
    pub fn status(&mut self, run: &Run, pods: &[RunPod], back: &WayBack, format: DescribeFormat) {
        match format {
            DescribeFormat::Table => self.table(&runs::status(run, pods, back, Timestamp::now())),
            DescribeFormat::Json => self.value(&runs::json(run, pods), ManifestFormat::Json),
        }
    }

    /// Print the runner's view of a cube.
    pub fn inspection(&mut self, cube: &Cube, format: ManifestFormat) {
        self.value(&cube::inspection(cube), format);
    }

    /// Print the checks before a run.
    pub fn preflight(&mut self, report: &Preflight, format: DescribeFormat) {
        match format {
            DescribeFormat::Table => self.table(&preflight::table(report)),
            DescribeFormat::Json => self.value(&preflight::json(report), ManifestFormat::Json),
        }
    }

    /// Print a text as it is.
    pub fn text(&mut self, text: &str) {
        self.out(text);
    }

    /// Write data, maybe to the terminal on which a line of progress stands.
    fn out(&mut self, text: &str) {
        self.notes.clear();
        let written = self.stdout.write(text);
        self.check(written);
    }

    /// Write an object on a line.
    fn object(&mut self, object: &Value) {
        self.out(&format!("{}\n", json::line(object)));
    }

    /// Write the lines of a table for people.
    fn table(&mut self, lines: &str) {
        lines.lines().for_each(|line| self.out(&format!("{}\n", visible(line))));
    }

    /// Write a line for people: the one way to stderr.
    fn note(&mut self, line: &str) {
        let written = self.stdout.make_room();
        self.check(written);
        self.notes.line(&self.paint.rendered(line));
    }

    /// Tell that data is lost.
    fn check(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            let word = self.paint.paint(Tone::Warning, &format!("{:<9}", "warning"));
            let what = format!("{word} cannot write to standard output, the rest is lost: {error}");
            self.notes.line(&self.paint.rendered(&what));
            if let Some(LeftJob { job, .. }) = &self.open {
                let lines = finished::way_back(&job.back);
                lines.iter().for_each(|line| self.notes.line(&self.paint.rendered(line)));
            }
        }
    }
}

/// How events are told to people.
#[derive(Clone, Copy, Default)]
struct Telling {
    /// With every edit.
    explain: bool,
    volume: Volume,
    paint: Paint,
}
