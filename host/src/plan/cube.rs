//! The cube, its chosen tasks and their values; and the plans of the commands that inspect a cube.

use super::files::{exists, read_text};
use super::path;
use crate::cli::{
    self, ConfigArgs, ConfigureArgs, CubeArgs, DescribeArgs, DescribeFormat, InspectArgs,
    ManifestFormat, MountMode, TaskArgs,
};
use crate::cube::{Access, BoundTask, Config, Cube, Request, Source};
use crate::error::Error;
use crate::yaml::FILE_BYTES;
use std::path::{Path, PathBuf};

/// The name of a cube's file in its folder.
const CUBE_FILE: &str = "mlcube.yaml";
/// The environment variable with the path of the system settings.
const SYSTEM_SETTINGS: &str = "MLCUBE_SYSTEM_SETTINGS";
/// The kind of that file, for messages.
const SYSTEM: &str = "the system settings";

/// The plan of a command that inspects a cube.
pub enum CubePlan {
    /// Print its tasks and their parameters.
    Describe(Cube, DescribeFormat),
    /// Print the effective configuration.
    Config {
        /// The configuration.
        config: Config,
        /// Print it with its interpolations resolved, else as written.
        resolve: bool,
        /// YAML or JSON.
        format: ManifestFormat,
    },
    /// Report that it needs no configuration step.
    Configure(Cube),
    /// Print the runner's view of it.
    Inspect(Cube, ManifestFormat),
}

impl CubePlan {
    pub(super) fn describe(args: &DescribeArgs) -> Result<Self, Error> {
        Ok(Self::Describe(read(&args.cube)?, args.output))
    }

    pub(super) fn config(args: &ConfigArgs) -> Result<Self, Error> {
        // The configuration can be shown even if it is not a valid cube.
        let config = Config::read(&request(&args.cube)?)?;
        Ok(Self::Config { config, resolve: args.resolve, format: args.output })
    }

    pub(super) fn configure(args: &ConfigureArgs) -> Result<Self, Error> {
        Ok(Self::Configure(read(&args.cube)?))
    }

    pub(super) fn inspect(args: &InspectArgs) -> Result<Self, Error> {
        Ok(Self::Inspect(read(&args.cube)?, args.output))
    }
}

/// Read the cube.
pub fn read(args: &CubeArgs) -> Result<Cube, Error> {
    Ok(Cube::read(&request(args)?)?)
}

/// Bind the chosen tasks to their values.
pub fn bind(args: &TaskArgs, cube: &Cube) -> Result<Vec<BoundTask>, Error> {
    let values = values(&args.values, cube)?;
    let tasks = tasks(args, cube)?;
    let mount = args
        .mount
        .map(|mode| if mode == MountMode::Ro { Access::ReadOnly } else { Access::ReadWrite });
    let tasks = tasks.iter().map(String::as_str).collect::<Vec<_>>();
    Ok(cube.bind(&tasks, &values, mount)?)
}

fn request(args: &CubeArgs) -> Result<Request<'static>, Error> {
    let path = cube_file(&path::path(&args.mlcube, "the cube")?)?;
    let root = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
    Ok(Request {
        cube: Source { text: read_text("the cube", &path, FILE_BYTES as u64)?, path },
        system: system_settings()?,
        platform: args.platform.clone(),
        overrides: args.overrides.clone(),
        root: root.parent().map(Path::to_owned).unwrap_or_default(),
        workspace: args.workspace.as_deref().map(absolute),
        env: &variable,
    })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn cube_file(path: &Path) -> Result<PathBuf, Error> {
    let file = if path.is_dir() { path.join(CUBE_FILE) } else { path.to_owned() };
    // Whatever it is, it is looked at when it is read.
    if exists("the cube", &file)? {
        return Ok(file);
    }
    Err(Error::Usage {
        what: format!("cube `{}` does not exist", path.display()),
        hint: format!(
            "give a folder with a `{CUBE_FILE}`, or the file itself, with `--mlcube PATH`"
        ),
    })
}

/// The system settings: named by the variable, or `~/mlcube.yaml` where it exists.
fn system_settings() -> Result<Option<Source>, Error> {
    let named =
        std::env::var_os(SYSTEM_SETTINGS).filter(|path| !path.is_empty()).map(PathBuf::from);
    let named = named.map(|file| path::path(&file, SYSTEM)).transpose()?;
    let path = named.or_else(|| std::env::home_dir().map(|home| home.join(CUBE_FILE)));
    let Some(path) = path else { return Ok(None) };
    if !exists(SYSTEM, &path)? {
        return Ok(None);
    }
    let text = read_text(SYSTEM, &path, FILE_BYTES as u64)?;
    Ok(Some(Source { path, text }))
}

/// The tasks given by name; without a name the only one.
fn tasks(args: &TaskArgs, cube: &Cube) -> Result<Vec<String>, Error> {
    let named: Vec<String> = args
        .task
        .iter()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if !named.is_empty() {
        return Ok(named);
    }
    if let [only] = cube.tasks.as_slice() {
        return Ok(vec![only.name.clone()]);
    }
    let known =
        cube.tasks.iter().map(|task| format!("`{}`", task.name)).collect::<Vec<_>>().join(", ");
    Err(Error::Usage {
        what: format!("cube `{}` has {} tasks: expected a task name", cube.name, cube.tasks.len()),
        hint: format!("choose one of {known} with `--task NAME`"),
    })
}

fn values(typed: &[String], cube: &Cube) -> Result<Vec<(String, String)>, Error> {
    let pair = |text: &String| {
        text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let hint = |text: &str| {
        if cube.tasks.iter().any(|task| task.name == text) {
            return format!("choose the task with `--task {text}`");
        }
        cli::of_word(text).unwrap_or_else(|| {
            "parameters are given as `NAME=VALUE`; options of mlcube-k8s begin with `-`".into()
        })
    };
    let wrong = |text: &String| Error::Usage {
        what: format!("`{text}` is not of the form `PARAMETER=VALUE`"),
        hint: hint(text),
    };
    typed.iter().map(|text| pair(text).ok_or_else(|| wrong(text))).collect()
}

fn absolute(path: &Path) -> PathBuf {
    let home = path.strip_prefix("~").ok().and_then(|rest| Some(std::env::home_dir()?.join(rest)));
    let path = home.unwrap_or_else(|| path.to_owned());
    std::path::absolute(&path).unwrap_or(path)
}
