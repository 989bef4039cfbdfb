//! The program as it is typed: every file `tests/cases/cli/*.trycmd` is a list of commands with their exit codes and what
//! they print. `tests/cases/settings` does the same with system settings, and so do the pages of `docs`.
//! `TRYCMD=overwrite cargo test --test cli` writes down what is printed now.

mod support;

#[test]
fn commands_print_what_is_written_down() {
    check("tests/cases/cli/*.trycmd", "");
}

#[test]
fn the_documentation_is_true() {
    check("docs/cubes.md", "");
}

#[test]
fn platforms_shape_the_pod() {
    check("tests/cases/settings/*.trycmd", "tests/cases/settings/system.yaml");
}

#[test]
fn the_policies_file_in_force_is_named() {
    let folder = support::workspace().join("target/tests/policies-files");
    let config = folder.join("mlcube-k8s");
    std::fs::create_dir_all(&config).expect("a folder");
    for file in [config.join("policies.yaml"), folder.join("by-variable.yaml"), folder.join("by-flag.yaml")] {
        std::fs::write(file, "policies: []\n").expect("a policies file");
    }
    let rows = [
        (&["--policies", "target/tests/policies-files/by-flag.yaml"][..], true, "by-flag.yaml`, named by `--policies`"),
        (&[], true, "by-variable.yaml`, named by the variable `MLCUBE_K8S_POLICIES`"),
        (&[], false, "mlcube-k8s/policies.yaml`, named by the user's configuration"),
        (&["--policies", ""], true, ""),
    ];
    for (arguments, has_variable, expected) in rows {
        let mut command = support::program();
        command.args(["render", "--mlcube", "tests/cases/documented"]).args(arguments).env("XDG_CONFIG_HOME", &folder);
        if has_variable {
            command.env("MLCUBE_K8S_POLICIES", folder.join("by-variable.yaml"));
        }
        let output = command.output().expect("the program starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        assert!(told.contains(expected) && told.is_empty() == expected.is_empty(), "`{expected}` is not in `{told}`");
    }
}

fn check(cases: &str, system_settings: &str) {
    // The cases name the policies by their place in the workspace.
    support::policies();
    std::env::set_current_dir(support::workspace()).expect("the workspace is there");
    let home = support::workspace().join("target/tests/home");
    std::fs::create_dir_all(&home).expect("a home for the tests can be made");
    trycmd::TestCases::new()
        .env("HOME", home.display().to_string())
        .env("XDG_CONFIG_HOME", "")
        .env("XDG_CACHE_HOME", "")
        .env("KUBECONFIG", "")
        .env("MLCUBE_K8S_POLICIES", "")
        .env("MLCUBE_SYSTEM_SETTINGS", system_settings)
        .register_bin("mlcube-k8s", std::path::Path::new(env!("CARGO_BIN_EXE_mlcube-k8s")))
        .case(cases);
}
