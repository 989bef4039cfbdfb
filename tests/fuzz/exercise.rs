//! Owns what is done with a text: everything that a run does before it needs a cluster.

use mlcube_k8s::cube::{Access, Cube, Request, Source};
use mlcube_k8s::job::{Extras, draft};

/// One set of texts from outside.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub cube: String,
    pub system: Option<String>,
    pub platform: Option<String>,
    pub overrides: Vec<String>,
    pub values: Vec<String>,
}

impl Input {
    /// A cube and nothing else.
    pub fn cube(text: impl Into<String>) -> Self {
        Self { cube: text.into(), ..Self::default() }
    }
}

/// Reads, binds and drafts; the answer says in a few words what came of it.
pub fn exercise(input: &Input) -> String {
    let request = Request {
        cube: Source { path: "mlcube.yaml".into(), text: input.cube.clone() },
        system: input.system.clone().map(|text| Source { path: "settings.yaml".into(), text }),
        platform: input.platform.clone(),
        overrides: input.overrides.clone(),
        root: "/cubes/it".into(),
        workspace: None,
        env: &|name| (name != "NONE").then(|| format!("<{name}>")),
    };
    let cube = match Cube::read(&request) {
        Ok(cube) => cube,
        Err(error) => return format!("refused: {error}"),
    };
    let mut jobs = 0;
    let values: Vec<(String, String)> = input
        .values
        .iter()
        .filter_map(|typed| typed.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for task in cube.tasks.iter().take(20) {
        for (values, mount) in [(&[][..], None), (&values[..], Some(Access::ReadWrite))] {
            let job = task.bind(values, mount).and_then(|task| draft(&cube, &task, &Extras::default()));
            jobs += usize::from(job.is_ok_and(|job| !job.json().to_string().is_empty()));
        }
    }
    let unknown = cube.task("tsak").is_err();
    format!("read: {} tasks, {jobs} jobs, {} faults, {unknown}", cube.tasks.len(), cube.config.faults.len())
}
