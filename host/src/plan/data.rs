//! `stage`, `fetch`, and what `run` carries: the workspace on this machine, and the Pod beside the
//! claims.

use super::OutputMode;
use super::files::{self, journal};
use super::jobs::{self, JobPlan, Reading};
use super::policies::{self, Policies};
use super::run::{duration, target};
use super::{claims, cube, path};
use crate::cli::{DataArgs, FetchArgs, RunOutput, StageArgs};
use crate::cluster::{ClusterTarget, Patience};
use crate::cube::Cube;
use crate::error::Error;
use crate::job::MissingClaims;
use crate::k8s;
use std::path::{Path, PathBuf};

/// What is carried between the workspace and the claims.
pub struct DataPlan {
    /// Whether inputs are brought to the claims, from this folder.
    pub stage: Option<PathBuf>,
    /// Whether what earlier staging put there, and is no longer in the workspace, is removed.
    pub prune: bool,
    /// Whether outputs are brought back, to this folder.
    pub fetch: Option<PathBuf>,
    /// Whether outputs replace local files that are newer.
    pub force: bool,
    /// The image of the Pod that carries; none is the task's, else the usual one.
    pub image: Option<String>,
    /// The folder in which digests of local files are kept.
    pub digests: Option<PathBuf>,
}

/// `stage`.
pub struct StagePlan {
    /// The warnings about the cube and the command line.
    pub warnings: Vec<String>,
    /// The Jobs whose inputs are brought.
    pub jobs: JobPlan,
    /// The policies that review them, and the Pod that carries.
    pub policies: Policies,
    /// The cluster.
    pub target: ClusterTarget,
    /// What becomes of claims that the Jobs name and the namespace does not have.
    pub claims: MissingClaims,
    /// The time to wait.
    pub patience: Patience,
    /// What is carried.
    pub data: DataPlan,
    /// The output mode.
    pub output: OutputMode,
}

/// `fetch`.
pub struct FetchPlan {
    /// The run: the name of its Job; none is the last that was started here.
    pub name: Option<String>,
    /// The policies that review the Pod that carries.
    pub policies: Policies,
    /// The cluster.
    pub target: ClusterTarget,
    /// The folder of the journal.
    pub journal: Option<PathBuf>,
    /// The time to wait.
    pub patience: Patience,
    /// What is carried.
    pub data: DataPlan,
    /// The output mode.
    pub output: OutputMode,
}

impl DataPlan {
    /// What `run` carries; none if nothing.
    pub(super) fn of_run(args: DataArgs, cube: &Cube) -> Result<Option<Self>, Error> {
        let DataArgs { stage, fetch, prune, force, stage_image } = args;
        if !stage && fetch.is_none() {
            return match stage_image {
                Some(_) => Err(Error::Usage {
                    what: "`--stage-image` has no effect without `--stage` or `--fetch`".into(),
                    hint: "add one of them, or leave it out".into(),
                }),
                None => Ok(None),
            };
        }
        let workspace = || workspace(cube);
        let stage = if stage { Some(workspace()?) } else { None };
        let fetch = match fetch {
            Some(Some(folder)) => Some(absolute(&folder)?),
            Some(None) => Some(workspace()?),
            None => None,
        };
        let image = image(stage_image, Some(cube))?;
        Ok(Some(Self { stage, prune, fetch, force, image, digests: files::digests() }))
    }
}

impl StagePlan {
    pub(super) fn new(
        args: StageArgs,
        program: &'static str,
        creating: Option<String>,
    ) -> Result<Self, Error> {
        let namespace = args.cluster.namespace.clone();
        let claims = claims::read(&args.claims, creating)?;
        let Reading { jobs, policies, warnings } = jobs::read(&args.jobs, namespace, program)?;
        let target = target(args.cluster, jobs.namespace.as_ref(), program);
        let timeout = duration("--timeout", args.timeout.as_deref())?;
        let data = DataPlan {
            stage: Some(workspace(&jobs.cube)?),
            prune: args.prune,
            fetch: None,
            force: false,
            image: image(args.stage_image, Some(&jobs.cube))?,
            digests: files::digests(),
        };
        let patience = Patience { timeout, ..Patience::default() }.start();
        let output = output(args.output);
        Ok(Self { warnings, jobs, policies, target, claims, patience, data, output })
    }
}

impl FetchPlan {
    pub(super) fn new(args: FetchArgs, program: &'static str) -> Result<Self, Error> {
        let timeout = duration("--timeout", args.timeout.as_deref())?;
        // Without a cube a folder is enough.
        let cube = match (&args.to, &args.cube.workspace) {
            (None, None) => Some(cube::read(&args.cube)?),
            _ => cube::read(&args.cube).ok(),
        };
        let folder = match (&args.to, &args.cube.workspace, &cube) {
            (Some(folder), ..) | (None, Some(folder), None) => absolute(folder)?,
            (None, _, Some(cube)) => workspace(cube)?,
            (None, None, None) => unreachable!("the cube was read"),
        };
        let namespace = cube.as_ref().and_then(|cube| cube.runner.namespace.clone());
        let policies = policies::read_with_lock(&args.policies, program)?;
        let target = target(args.cluster, namespace.as_ref(), program);
        let data = DataPlan {
            stage: None,
            prune: false,
            fetch: Some(folder),
            force: args.force,
            image: image(args.stage_image, cube.as_ref())?,
            digests: None,
        };
        let patience = Patience { timeout, ..Patience::default() }.start();
        let (name, journal, output) = (args.name, journal(), output(args.output));
        Ok(Self { name, policies, target, journal, patience, data, output })
    }
}

fn output(output: RunOutput) -> OutputMode {
    OutputMode { is_json: output == RunOutput::Json, ..OutputMode::default() }
}

/// The workspace of a cube on this machine.
fn workspace(cube: &Cube) -> Result<PathBuf, Error> {
    cube.workspace().map(PathBuf::from).ok_or_else(|| Error::Usage {
        what: format!("cube `{}` has no workspace on this machine", cube.name),
        hint: "give the folder with its inputs with `--workspace DIR`".into(),
    })
}

fn absolute(folder: &Path) -> Result<PathBuf, Error> {
    let folder = path::path(folder, "the folder")?;
    Ok(std::path::absolute(&folder).unwrap_or(folder))
}

/// The image that was asked for.
fn image(typed: Option<String>, cube: Option<&Cube>) -> Result<Option<String>, Error> {
    let Some(image) = typed else {
        return Ok(cube.and_then(|cube| cube.runner.stage_image.clone()));
    };
    match k8s::image(&image) {
        Ok(()) => Ok(Some(image)),
        Err(why) => Err(Error::Usage {
            what: format!("`--stage-image {image}`: {why}"),
            hint: "give an image as Kubernetes writes it, such as `busybox:1.37`".into(),
        }),
    }
}
