//! Owns how a policy in JavaScript becomes a component: componentize-qjs from npm.
//! Invariant: `package.json` names one exact version, whose parts have the same one.

use std::process::Command;

use super::{Language, Variant};

pub const JAVASCRIPT: Language = Language {
    name: "JavaScript",
    folder: "javascript",
    sources: &["policy.js", "wit/world.wit"],
    pins: &["package.json"],
    tool: "componentize-qjs",
    install: || {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
        npm
    },
    compile: |tool, variant| {
        let mut compile = Command::new(tool.join("node_modules/.bin/componentize-qjs"));
        compile.args(["--wit", "wit", "--world", "cost-centre", "--js", "policy.js", "--sync"]);
        compile.args(["--output", "cost_centre.wasm"]);
        if variant == Variant::Stubs {
            compile.arg("--stub-wasi");
        }
        compile
    },
    component: "cost_centre.wasm",
    variables: [
        ("MLCUBE_TEST_JAVASCRIPT_POLICY", Variant::Stubs),
        ("MLCUBE_TEST_JAVASCRIPT_POLICY_WASI", Variant::Wasi),
    ],
};
