//! A policy in JavaScript becomes a component by componentize-qjs from npm, in the exact version
//! that `package.json` names.

use super::{Language, Variant};
use std::process::Command;

pub const JAVASCRIPT: Language = Language {
    name: "JavaScript",
    folder: "javascript",
    sources: &["policy.js", "wit/world.wit"],
    pins: &["package.json"],
    tool: "componentize-qjs",
    install: || {
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ]);
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
