//! The image of the demo's cube: Python, scikit-learn and the cube's one script. The data set of
//! the demo comes out of the library in the image.

use super::{Image, Settings, debian, make};
use crate::cache::Cache;
use crate::error::{Doing, Result};
use crate::program;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the cube calls it.
pub const DIGITS: &str = "localhost/mlcube-digits:1";

const LIBRARY: &str = "scikit-learn";
const VERSION: &str = "1.7.2";
const PACKAGES: &str = "usr/lib/python3/dist-packages";
const DATA: &str = "sklearn/datasets/data/digits.csv.gz";

/// The image of the cube in `cube`, made if it is not in the cache.
pub fn digits(cache: &Cache, cube: &Path) -> Result<Image> {
    let path = cube.join("digits.py");
    let script = fs::read(&path).doing(|| format!("read `{}`", path.display()))?;
    let packages = debian::python()?;
    let settings = Settings {
        reference: DIGITS,
        entrypoint: &["python3", "/mlcube/digits.py"],
        // The image is never written to, and log lines are wanted as they come.
        environment: &["PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"],
        ..Settings::default()
    };
    let chosen = format!("{} {LIBRARY} {VERSION}", packages.join(" "));
    make(cache, &settings, &[&script, chosen.as_bytes()], |root| {
        debian::unpack(&packages, root)?;
        install(root)?;
        keep_data(cache, root)?;
        for folder in ["mlcube", "tmp"] {
            fs::create_dir_all(root.join(folder)).doing(|| format!("create `{folder}`"))?;
        }
        fs::write(root.join("mlcube/digits.py"), &script).doing(|| "copy the script".into())
    })
}

/// The data set as lines of 64 pixels and the digit; there once the image has been made.
pub fn data(cache: &Cache) -> PathBuf {
    cache.images().join(format!("digits-{VERSION}.csv"))
}

fn install(root: &Path) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-compile", "--root-user-action=ignore"]);
    pip.args(["--only-binary=:all:", "--python-version", &debian::python_version(root)?]);
    for policy in ["manylinux2014", "manylinux_2_28"] {
        pip.arg("--platform").arg(format!("{policy}_{}", env::consts::ARCH));
    }
    pip.arg("--target").arg(root.join(PACKAGES)).arg(format!("{LIBRARY}=={VERSION}"));
    program::read(&mut pip).map(drop)
}

fn keep_data(cache: &Cache, root: &Path) -> Result<()> {
    let packed = root.join(PACKAGES).join(DATA);
    let text = program::read(Command::new("gzip").arg("-dc").arg(packed))?;
    let path = data(cache);
    fs::write(&path, text).doing(|| format!("write `{}`", path.display()))
}
