//! The data of tasks: inputs to their claims, outputs back to the workspace.

use super::plan::heed;
use super::reviewers::Reviewers;
use super::{claims, jobs, runs};
use crate::cluster::{
    Carried, Cluster, HelperJobs, Interrupts, KEEPER, Load, Output, Outputs, Patience,
};
use crate::console::Console;
use crate::cube::{BoundTask, Direction, Kind};
use crate::error::Error;
use crate::event::Event;
use crate::exit::Ending;
use crate::files::{self, Digests, LocalEntry, WalkError};
use crate::job::{Admitted, HelperProgram, Job, Origin, Place, RunId};
use crate::plan::{DataPlan, FetchPlan, StagePlan};
use crate::text::{visible, within};
use std::path::Path;

/// The image of the Pod that carries, where that of the task does not do and no other is given.
const USUAL_IMAGE: &str = "busybox:1.37";

/// The drafts of the Pod that carries.
pub struct Drafts {
    name: String,
    pub jobs: Vec<Job>,
}

impl Drafts {
    /// The Pod beside the claims of some Jobs; none if they have no claims.
    pub fn new(data: &DataPlan, jobs: &[&Job]) -> Option<Self> {
        let name = RunId::random().to_string();
        let draft = |image| Job::helper(jobs, HelperProgram { image, name: &name, script: KEEPER });
        let mut drafts = vec![draft(data.image.as_deref())?];
        if data.image.is_none() {
            drafts.extend(draft(Some(USUAL_IMAGE)));
        }
        Some(Self { jobs: drafts, name })
    }

    /// As the policies admitted them.
    pub fn admitted(self, admitted: Vec<Admitted>) -> Option<HelperJobs> {
        let mut admitted = admitted.into_iter();
        Some(HelperJobs { name: self.name, first: admitted.next()?, second: admitted.next() })
    }
}

/// `stage`: the inputs of tasks, and nothing else.
pub async fn stage(
    plan: StagePlan,
    interrupts: Interrupts,
    console: &mut Console,
) -> Result<Ending, Error> {
    let StagePlan { warnings, jobs, policies, target, claims, patience, data, .. } = plan;
    console.warn_all(warnings);
    let patience = Patience { interrupts, ..patience };
    let reviewers = Reviewers::load(policies, console)?;
    if reviewers.is_empty() {
        console.emit(Event::NoPolicies);
    }
    let cluster = Cluster::connect(&target).await?;
    let (admitted, helper) =
        jobs::admit_with(&jobs, Some(&data), reviewers, Some(&cluster), console).await?;
    heed(patience.within(cluster.preflight(&admitted, &claims)).await?, console)?;
    patience.within(cluster.check_carrying()).await?;
    interrupts.hold();
    claims::create(&cluster, &claims, &admitted, interrupts, console).await?;
    let carrier = Carrier { cluster: &cluster, data: &data, helper: helper.as_ref(), patience };
    let ending = carrier.stage(&jobs.tasks, &admitted, console).await?;
    Ok(ending.unwrap_or(Ending::Done))
}

/// `fetch`: the outputs of a run.
pub async fn fetch(
    plan: FetchPlan,
    interrupts: Interrupts,
    console: &mut Console,
) -> Result<Ending, Error> {
    let FetchPlan { name, policies, target, journal, patience, data, .. } = plan;
    let patience = Patience { interrupts, ..patience };
    let reviewers = Reviewers::load(policies, console)?;
    let cluster = Cluster::connect(&target).await?;
    let run = runs::find_in(&cluster, journal, name).await?;
    if !run.state.is_over() {
        console.emit(Event::Warning(format!(
            "Job `{}` still goes on: what is there so far is fetched",
            run.job
        )));
    }
    let job = run.submitted.draft();
    let drafts = Drafts::new(&data, &[&job]);
    let drafted = drafts.as_ref().map(|drafts| drafts.jobs.clone()).unwrap_or_default();
    let (_, helpers) = reviewers.review(Vec::new(), drafted, Some(&cluster), console).await?;
    let helper = drafts.and_then(|drafts| drafts.admitted(helpers));
    patience.within(cluster.check_carrying()).await?;
    interrupts.hold();
    let carrier = Carrier { cluster: &cluster, data: &data, helper: helper.as_ref(), patience };
    let ending = carrier.fetch(&[&job], console).await?;
    Ok(ending.unwrap_or(Ending::Done))
}

/// What carries the data of a command.
pub struct Carrier<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// What is carried.
    pub data: &'a DataPlan,
    /// The Pod that carries; none if no task has a claim.
    pub helper: Option<&'a HelperJobs>,
    /// The time to wait.
    pub patience: Patience,
}

impl Carrier<'_> {
    /// Bring the inputs of tasks to their claims, if that is asked for; an ending if a signal came.
    pub async fn stage(
        &self,
        tasks: &[BoundTask],
        jobs: &[Admitted],
        console: &mut Console,
    ) -> Result<Option<Ending>, Error> {
        let Some(workspace) = &self.data.stage else { return Ok(None) };
        let loads = self.helper.map(|helper| loads(workspace, tasks, jobs, helper));
        let loads = loads.transpose()?.unwrap_or_default();
        let Some(helper) = self.helper.filter(|_| !loads.is_empty()) else {
            let why = "nothing is staged: the tasks have no inputs that lie on claims";
            console.emit(Event::Warning(why.into()));
            return Ok(None);
        };
        let mut digests = Digests::open(self.data.digests.as_deref(), workspace);
        let (prune, patience) = (self.data.prune, self.patience);
        let emit = &mut |event| console.emit(event);
        let carried = self.cluster.stage(helper, &loads, prune, &mut digests, patience, emit).await;
        if let Err(error) = digests.save() {
            console.emit(Event::Warning(format!(
                "the digests of local files cannot be kept, so they are read again: {error}"
            )));
        }
        let left = jobs.iter().map(|job| Origin::task_of(job.job())).collect();
        Ok(self.ending(carried?, Some(left), console))
    }

    /// Bring the outputs of Jobs back, if that is asked for; an ending if a signal came.
    pub async fn fetch(
        &self,
        jobs: &[&Job],
        console: &mut Console,
    ) -> Result<Option<Ending>, Error> {
        let Some(workspace) = &self.data.fetch else { return Ok(None) };
        let outputs = self.helper.map(|helper| outputs(workspace, jobs, helper));
        let outputs = outputs.transpose()?.unwrap_or_default();
        let Some(helper) = self.helper.filter(|_| !outputs.is_empty()) else {
            let why = "nothing is fetched: the tasks have no outputs that lie on claims";
            console.emit(Event::Warning(why.into()));
            return Ok(None);
        };
        let (force, patience) = (self.data.force, self.patience);
        let emit = &mut |event| console.emit(event);
        let carried = self.cluster.fetch(helper, &outputs, force, patience, emit).await?;
        Ok(self.ending(carried, None, console))
    }

    fn ending(
        &self,
        carried: Carried,
        left: Option<Vec<String>>,
        console: &mut Console,
    ) -> Option<Ending> {
        let signal =
            self.patience.interrupts.signal().filter(|_| carried == Carried::Interrupted)?;
        let event = Event::Interrupted { signal: signal.name(), left: None, not_submitted: left };
        console.emit(event);
        Some(Ending::Interrupted(signal))
    }
}

/// What goes to each claim: the inputs that no earlier task makes. All that is missing is told at
/// once, before anything is sent.
fn loads(
    workspace: &Path,
    tasks: &[BoundTask],
    jobs: &[Admitted],
    helper: &HelperJobs,
) -> Result<Vec<Load>, Error> {
    let mut loads: Vec<Load> = Vec::new();
    let mut made: Vec<Place> = Vec::new();
    let mut faults = Vec::new();
    for (task, job) in tasks.iter().zip(jobs) {
        for place in Place::inputs_of(job.job()) {
            if made.iter().any(|made| made.holds(&place)) {
                continue;
            }
            let input = task.parameters.iter().find(|parameter| {
                parameter.direction == Direction::Input && parameter.name == place.parameter
            });
            let Some(input) = input else { continue };
            let kind = match input.kind {
                Kind::Directory => files::Kind::Folder,
                _ => files::Kind::File,
            };
            let path = helper.path(&place.claim, &place.path)?;
            match files::walk(workspace, input.value.as_str(), &path, kind) {
                Ok(entries) => add(&mut loads, Place { path, ..place }, entries),
                // What a task makes may lie in the folder of its input.
                Err(error) if error.is_missing() && made.iter().any(|made| place.holds(made)) => {}
                Err(error) => faults.push((place.parameter, task.name.clone(), error)),
            }
        }
        made.extend(Place::outputs_of(job.job()));
    }
    if faults.is_empty() { Ok(loads) } else { Err(unstaged(workspace, &faults)) }
}

/// The error of inputs that cannot be brought.
fn unstaged(workspace: &Path, faults: &[(String, String, WalkError)]) -> Error {
    let told = |(input, task, error): &(String, String, WalkError)| {
        format!("input `{input}` of task `{task}`: {error}")
    };
    let hint = faults.first().map(|(.., error)| error.hint()).unwrap_or_default();
    Error::Usage {
        what: faults.iter().map(told).collect::<Vec<_>>().join("\n"),
        hint: format!(
            "nothing was sent, and the workspace is `{}`: {hint}",
            visible(&workspace.display().to_string())
        ),
    }
}

fn add(loads: &mut Vec<Load>, place: Place, entries: Vec<LocalEntry>) {
    let load = match loads.iter_mut().find(|load| load.claim == place.claim) {
        Some(load) => load,
        None => {
            let claim = place.claim.clone();
            loads.push(Load { claim, roots: Vec::new(), local: Vec::new() });
            loads.last_mut().expect("one was pushed")
        }
    };
    if load.roots.iter().any(|root| within(&place.path, root).is_some()) {
        return;
    }
    load.roots.retain(|root| within(root, &place.path).is_none());
    load.local.retain(|local| within(&local.entry.path, &place.path).is_none());
    load.roots.push(place.path);
    load.local.extend(entries);
}

/// What comes from each claim.
fn outputs(workspace: &Path, jobs: &[&Job], helper: &HelperJobs) -> Result<Vec<Outputs>, Error> {
    let mut all: Vec<Outputs> = Vec::new();
    for job in jobs {
        let values = Origin::of(job).outputs;
        for Place { parameter, claim, path } in Place::outputs_of(job) {
            let value = values.get(&parameter).and_then(|value| value.as_str());
            let Some(value) = value.filter(|value| is_inside(value)) else { continue };
            let local = if value == "." { workspace.to_owned() } else { workspace.join(value) };
            let path = helper.path(&claim, &path)?;
            let output = Output { parameter, path, local };
            match all.iter_mut().find(|outputs| outputs.claim == claim) {
                Some(outputs) => outputs.outputs.push(output),
                None => all.push(Outputs { claim, outputs: vec![output] }),
            }
        }
    }
    Ok(all)
}

/// Whether a value in a Job's annotation is a path below the workspace: anybody can write there.
fn is_inside(value: &str) -> bool {
    !value.is_empty() && !value.starts_with('/') && value.split('/').all(|part| part != "..")
}
