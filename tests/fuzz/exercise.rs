//! Owns what is done with a text: everything that a run does before it needs a cluster.

use mlcube_k8s::cube::Access;

use crate::support::cube::{Input, draft};

/// Reads, binds and drafts; the answer says in a few words what came of it.
pub fn exercise(input: &Input) -> String {
    let cube = match input.read("/cubes/it", &|name| (name != "NONE").then(|| format!("<{name}>")))
    {
        Ok(cube) => cube,
        Err(error) => return format!("refused: {error}"),
    };
    let mut jobs = 0;
    let values = input.pairs();
    for task in cube.tasks.iter().take(20) {
        for (values, mount) in [(&[][..], None), (&values[..], Some(Access::ReadWrite))] {
            let job = task.bind(values, mount).and_then(|task| draft(&cube, &task));
            jobs += usize::from(job.is_ok_and(|job| !job.json().to_string().is_empty()));
        }
    }
    let unknown = cube.task("tsak").is_err();
    format!(
        "read: {} tasks, {jobs} jobs, {} faults, {unknown}",
        cube.tasks.len(),
        cube.config.faults.len()
    )
}
