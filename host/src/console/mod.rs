//! The output of the program: data on stdout, everything else on stderr. A closed pipe is no reason
//! to stop watching a Job, so failed writes are ignored.

mod columns;
mod cube;
mod diff;
mod human;
mod json;
mod manifest;
mod paint;
mod policy;
mod review;

use crate::cube::Cube;
use crate::error::Error;
use crate::event::Event;
use crate::plan::{DescribeFormat, Explain, ManifestFormat, OutputMode};
use crate::policy::Inspection;
use crate::text::visible;
use paint::{Paint, Tone};
use serde_json::Value;
use std::io::{self, Write};

/// The console: prints events, errors and data in the mode of the command.
#[derive(Default)]
pub struct Console {
    output: OutputMode,
    paint: Paint,
}

impl Console {
    /// A console for a planned command.
    pub fn new(output: OutputMode) -> Self {
        Self { output, paint: Paint::for_stderr() }
    }

    /// Emit several warnings.
    pub fn warn_all(&mut self, warnings: Vec<String>) {
        warnings.into_iter().for_each(|warning| self.emit(Event::Warning(warning)));
    }

    /// Print an event.
    pub fn emit(&mut self, event: Event) {
        let is_explanation = matches!(event, Event::Reviewed { .. } | Event::Conflicting(_));
        if self.output.is_json || (is_explanation && self.output.explain == Explain::Json) {
            return out(&json::line(&json::event(&event)));
        }
        match event {
            Event::Log { line, .. } => out(&line),
            event => {
                let explain = self.output.explain == Explain::Lines;
                let lines = human::lines(&event, explain, self.paint);
                lines.iter().for_each(|line| self.note(line));
            }
        }
    }

    /// Print an error and its hint.
    pub fn error(&mut self, error: &Error) {
        if self.output.is_json {
            out(&json::line(&json::error(error)));
        }
        self.note(&format!("{} {error}", self.paint.paint(Tone::Removed, "error:")));
        if let Some(hint) = error.hint() {
            self.note(&format!("hint: {hint}"));
        }
    }

    /// Print Jobs as manifests.
    pub fn manifests(&mut self, jobs: Vec<Value>, format: ManifestFormat) {
        write(&mut io::stdout().lock(), &manifest::text(&jobs, format));
    }

    /// Print a value.
    pub fn value(&mut self, json: &Value, format: ManifestFormat) {
        write(&mut io::stdout().lock(), &manifest::text(std::slice::from_ref(json), format));
    }

    /// Print the tasks of a cube.
    pub fn description(&mut self, cube: &Cube, format: DescribeFormat) {
        match format {
            DescribeFormat::Table => table(&cube::table(cube)),
            DescribeFormat::Json => self.value(&cube::description(cube), ManifestFormat::Json),
        }
    }

    /// Print the inspection of a policy's file.
    pub fn policy(&mut self, inspection: &Inspection, format: DescribeFormat) {
        match format {
            DescribeFormat::Table => table(&policy::table(inspection)),
            DescribeFormat::Json => self.value(&policy::json(inspection), ManifestFormat::Json),
        }
    }

    /// A line for people: the one way to stderr.
    fn note(&self, line: &str) {
        write(&mut io::stderr().lock(), &format!("{}\n", self.paint.rendered(line)));
    }

    /// Print the runner's view of a cube.
    pub fn inspection(&mut self, cube: &Cube, format: ManifestFormat) {
        self.value(&cube::inspection(cube), format);
    }
}

/// A line of data.
fn out(line: &str) {
    write(&mut io::stdout().lock(), &format!("{line}\n"));
}

/// The lines of a table for people.
fn table(lines: &str) {
    lines.lines().for_each(|line| out(&visible(line)));
}

fn write(stream: &mut impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
