//! Why a component is not a policy of this program, and what its author does about it.

use super::world::{CONTRACT, World};

/// The most imports or exports that an error names.
const MOST_NAMED: usize = 10;
/// The package of the contract, and its version here.
const PACKAGE: &str = "mlcube:policy/";
const VERSION: &str = "0.1.0";

/// Why a component is not a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong, after "it is not a policy".
    pub why: String,
    /// What to do.
    pub remedy: String,
}

/// The reason why a component of this world is not a policy; none if it is one.
pub fn of(world: &World) -> Option<Misfit> {
    let misfit = |why: String, remedy: &str| Some(Misfit { why, remedy: remedy.to_owned() });
    let names = || world.foreign.iter().chain(&world.exports);
    if let Some(found) = names().find_map(|name| other_version(name)) {
        return misfit(
            format!(
                "it is built for version {found} of the contract `mlcube:policy`, and this program \
                 has version {VERSION}"
            ),
            "build it with the `wit/` folder of this version of mlcube-k8s, or use the version of \
             mlcube-k8s that it was built for",
        );
    }
    if world.is_async {
        return misfit(
            "it is asynchronous (component model async), and a review is one call that does not \
             wait"
                .into(),
            "build it without async: `componentize-qjs` with `--sync`, other tools for WASI 0.2",
        );
    }
    let preview3 = || world.foreign.iter().filter(|name| is_wasi_of(name, "0.3."));
    if preview3().next().is_some() {
        return misfit(
            format!("it imports {} of WASI 0.3, and this program has WASI 0.2", list(preview3())),
            "build it for WASI 0.2, such as Rust's target `wasm32-wasip2`, or without WASI: \
             `wasm32-unknown-unknown`, or `--stub-wasi` in Python and JavaScript",
        );
    }
    if !world.is_policy {
        return misfit(not_exported(world), REMEDY);
    }
    if world.foreign.is_empty() {
        return None;
    }
    misfit(
        format!("it imports {}, which the host does not provide", list(world.foreign.iter())),
        "a policy imports interfaces of `mlcube:policy` and of WASI 0.2: leave the others out of \
         its world",
    )
}

const REMEDY: &str = "a policy exports the interface `policy` of `mlcube:policy@0.1.0`; in Rust \
     `mlcube_policy::export!` does that";

/// What to do where names are right, and the types of functions are not.
pub const SIGNATURES: &str =
    "build it with the `wit/` folder of this version of mlcube-k8s, as it is";

fn not_exported(world: &World) -> String {
    let is_a = |start: &str| world.exports.iter().any(|name| name.starts_with(start));
    let what = if is_a("wasi:cli/run@") {
        "it is a program for the command line"
    } else if is_a("wasi:http/incoming-handler@") || is_a("wasi:http/handler@") {
        "it is an HTTP server"
    } else {
        return match world.exports.len() {
            0 => format!("it does not export `{CONTRACT}`, nor anything else"),
            _ => format!("it does not export `{CONTRACT}`, but {}", list(world.exports.iter())),
        };
    };
    format!("{what}: it does not export `{CONTRACT}`")
}

/// The version of the contract in a name, if it is not the one here.
fn other_version(name: &str) -> Option<String> {
    let name = name.strip_prefix(PACKAGE)?;
    match name.split_once('@') {
        Some((_, VERSION)) => None,
        Some((_, version)) => Some(version.to_owned()),
        None => Some("none".into()),
    }
}

fn is_wasi_of(name: &str, version: &str) -> bool {
    name.starts_with("wasi:") && name.split_once('@').is_some_and(|(_, it)| it.starts_with(version))
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let more = all.len().saturating_sub(MOST_NAMED);
    let mut named = all[..all.len() - more].to_vec();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}
