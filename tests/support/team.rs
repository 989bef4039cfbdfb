//! A team: a folder with a policies file, and the program run with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{Folder, policy, program};

pub struct Team {
    folder: Folder,
}

/// What the program did. The team's folder is called `TEAM` in it.
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub told: String,
}

impl Team {
    /// A team with a name that no other test gives.
    pub fn new(name: &str) -> Self {
        let team = Self { folder: Folder::new(&format!("team-{}", name.replace('/', "-"))) };
        policy::built();
        team
    }

    /// Write the policies file: names of policies `caller`, the calls that each makes, and more of
    /// its entry.
    pub fn policies(&self, policies: &[(&str, Value, Value)]) -> &Self {
        let entry = |(name, calls, more): &(&str, Value, Value)| {
            let mut entry = json!({"name": name, "module": policy::file("caller"), "settings": {"calls": calls}});
            entry
                .as_object_mut()
                .expect("an entry")
                .extend(more.as_object().cloned().unwrap_or_default());
            entry
        };
        self.file(json!({"policies": policies.iter().map(entry).collect::<Vec<_>>()}))
    }

    /// Write the policies file.
    pub fn file(&self, content: Value) -> &Self {
        self.text(&content.to_string())
    }

    /// Write the policies file as a text.
    pub fn text(&self, content: &str) -> &Self {
        fs::write(self.path("policies.yaml"), content).expect("the policies file is written");
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn render(&self, arguments: &[&str]) -> Done {
        self.run(&[&["render", "--mlcube", "tests/cases/documented"], arguments].concat())
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        let mut command = program();
        command.args(arguments).env("MLCUBE_K8S_POLICIES", self.path("policies.yaml"));
        self.done(&mut command)
    }

    /// Run a command to its end.
    pub fn done(&self, command: &mut Command) -> Done {
        let output = command.output().expect("the program starts");
        let text = |bytes: &[u8]| self.folder.hidden(&String::from_utf8_lossy(bytes), "TEAM");
        Done { code: output.status.code(), out: text(&output.stdout), told: text(&output.stderr) }
    }
}

/// The one call that sets the label `team`.
pub fn label(value: &str) -> Value {
    json!([["set-label", "team", value]])
}

/// The documented cube, rendered with the policies of `tests/cases/policies/team.yaml` and recorded.
pub fn render_recorded(place: impl AsRef<Path>) -> Command {
    let mut render = program();
    render.args(["render", "--mlcube", "tests/cases/documented"]);
    render.args(["--policies", "tests/cases/policies/team.yaml", "--record"]).arg(place.as_ref());
    render
}
