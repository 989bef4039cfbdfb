//! A policy in Python becomes a component by componentize-py from PyPI. The tool and what it needs
//! come from the pins alone, not from what is installed for the user.

use super::{Language, Variant};
use std::process::Command;

pub const PYTHON: Language = Language {
    name: "Python",
    folder: "python",
    sources: &["policy.py", "wit/world.wit"],
    pins: &["requirements.txt"],
    tool: "componentize-py",
    install: || {
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--no-compile",
        ]);
        pip.args([
            "--root-user-action=ignore",
            "--only-binary=:all:",
            "--target",
            ".",
            "--requirement",
        ]);
        pip.arg("requirements.txt");
        pip
    },
    compile: |tool, variant| {
        let mut compile = Command::new("python3");
        compile
            .arg(tool.join("bin/componentize-py"))
            .env("PYTHONPATH", tool)
            .env_remove("VIRTUAL_ENV");
        compile.args(["--wit-path", "wit", "--world", "pinned-images", "componentize", "policy"]);
        compile.args(["--output", "pinned_images.wasm"]);
        if variant == Variant::Stubs {
            compile.arg("--stub-wasi");
        }
        compile
    },
    component: "pinned_images.wasm",
    variables: [
        ("MLCUBE_TEST_PYTHON_POLICY", Variant::Stubs),
        ("MLCUBE_TEST_PYTHON_POLICY_WASI", Variant::Wasi),
    ],
};
