//! What must be on the machine is checked before any long work. Everything missing is named at
//! once, and what is installed is announced first.

mod needs;

use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::workspace::GUEST_TARGET;
use crate::{cgroups, program, say};
use needs::{Need, Presence};
use std::env;
use std::path::Path;
use std::process::Command;

/// Whether missing packages may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installing {
    /// With `apt-get`.
    Allowed,
    /// `--no-install`: only named.
    Forbidden,
}

/// What a cluster needs: root, cgroups, and some tools.
pub fn for_cluster(installing: Installing) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        let what = "a cluster needs namespaces and mounts, and you are not root";
        return Err(Error::new(what).hint("run it as root, or with `sudo -E env PATH=\"$PATH\"`"));
    }
    Patience::find()?;
    cgroups::check()?;
    packages(&needs::CLUSTER, installing)
}

/// What the build of Kubernetes needs: Go, a C compiler, and libseccomp.
pub fn for_build(installing: Installing) -> Result<()> {
    check_go(go_version().as_deref())?;
    packages(&needs::BUILD, installing)
}

/// What the demo's image needs besides: Debian's own tools, and pip.
pub fn for_demo(installing: Installing) -> Result<()> {
    if !found("apt-get") {
        let what = "the demo's image is made of Debian packages, and `apt-get` is missing";
        return Err(Error::new(what).hint("run the demo on Debian or Ubuntu"));
    }
    packages(&needs::DEMO, installing)?;
    package_lists(installing)
}

/// What the comparison with the reference needs: Python with virtual environments.
pub fn for_reference(installing: Installing) -> Result<()> {
    packages(&needs::REFERENCE, installing)
}

/// What counting instructions needs: a processor that counts.
pub fn for_instructions(installing: Installing) -> Result<()> {
    packages(&needs::INSTRUCTIONS, installing)
}

/// What the policies in other languages need: the package managers of Python and of JavaScript.
pub fn for_languages(installing: Installing) -> Result<()> {
    packages(&needs::LANGUAGES, installing)
}

/// What the policies need: the wasm target of the Rust toolchain in use.
pub fn for_policies(installing: Installing) -> Result<()> {
    let mut which = Command::new("rustc");
    which.args(["--print=target-libdir", "--target", GUEST_TARGET]);
    if Path::new(program::read(&mut which)?.trim()).exists() {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", GUEST_TARGET]);
    if installing == Installing::Forbidden {
        let what = format!("the Rust target `{GUEST_TARGET}` is missing");
        return Err(Error::new(what).hint(format!("run `{}`", program::typed(&add))));
    }
    say::step(format!("adding the Rust target: `{}`", program::typed(&add)));
    program::show(&mut add)
}

/// A fresh machine may have no list of packages yet.
fn package_lists(installing: Installing) -> Result<()> {
    if program::succeeds(Command::new("apt-cache").args(["show", "python3-minimal"])) {
        return Ok(());
    }
    if installing == Installing::Forbidden {
        return Err(Error::new("apt has no list of packages").hint("run `apt-get update`"));
    }
    say::step("apt has no list of packages: `apt-get update`");
    apt("apt-get update")
}

fn packages(needs: &[Need], installing: Installing) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !is_there(&need.presence)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let names = names.join(" ");
    let command = format!("apt-get install --yes --no-install-recommends {names}");
    if installing == Installing::Forbidden || !found("apt-get") {
        let what: Vec<&str> = missing.iter().map(|need| need.what).collect();
        let what = format!("missing: {}", what.join(", "));
        return Err(Error::new(what).hint(format!("run `{command}`")));
    }
    say::step(format!("installing what is missing: `{command}`"));
    if apt(&command).is_err() {
        say::step("the package lists may be old: `apt-get update`");
        apt("apt-get update")?;
        apt(&command)?;
    }
    match missing.iter().find(|need| !is_there(&need.presence)) {
        None => Ok(()),
        Some(need) => {
            let what = format!("{} is still missing after its installation", need.what);
            Err(Error::new(what).hint(format!("look at the package `{}`", need.package)))
        }
    }
}

fn apt(command: &str) -> Result<()> {
    let mut words = command.split(' ');
    let mut apt = Command::new(words.next().unwrap_or_default());
    program::read(apt.args(words).env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
}

fn is_there(presence: &Presence) -> bool {
    match presence {
        Presence::Program(name) => found(name),
        Presence::Library(name) => {
            program::succeeds(Command::new("pkg-config").args(["--exists", name]))
        }
        Presence::Success(program, arguments) => {
            program::succeeds(Command::new(program).args(*arguments))
        }
    }
}

fn found(name: &str) -> bool {
    // root's PATH may lack the folders of the system's tools.
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).exists())
        || ["/usr/sbin", "/sbin"].iter().any(|folder| Path::new(folder).join(name).exists())
}

fn go_version() -> Option<String> {
    program::read(Command::new("go").arg("version")).ok()
}

/// Go since 1.21 fetches the version that `go.mod` names by itself.
fn check_go(said: Option<&str>) -> Result<()> {
    let minor = said
        .unwrap_or_default()
        .split_whitespace()
        .find_map(|word| word.strip_prefix("go1."))
        .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok());
    let what = match (said, minor) {
        (None, _) => "`go` is missing".to_owned(),
        (_, Some(minor)) if minor < 21 => format!("Go 1.{minor} is too old"),
        _ => return Ok(()),
    };
    let hint = "install Go 1.21 or newer from your distribution or from go.dev, and put it in PATH";
    Err(Error::new(what).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_go_is_refused() {
        let rows = [
            ("a release", Some("go version go1.26.8 linux/amd64"), true),
            ("a candidate", Some("go version go1.21rc2 linux/amd64"), true),
            ("too old", Some("go version go1.19.8 linux/amd64"), false),
            ("a developer's own", Some("go version devel +abc"), true),
            ("none", None, false),
        ];
        for (name, said, expected) in rows {
            assert_eq!(check_go(said).is_ok(), expected, "{name}");
        }
    }
}
