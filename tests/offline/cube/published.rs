//! The published cubes, read as they stand and bound with their defaults.

use mlcube_k8s::cube::{Cube, Kind};

use crate::support::cases;
use crate::support::cube::read;

fn published(name: &str) -> Cube {
    let text = std::fs::read_to_string(cases("cubes").join(name).join("mlcube.yaml"))
        .expect("the cube is in the repository");
    read(&text, &[]).unwrap_or_else(|error| unreachable!("`{name}` is read: {error}"))
}

/// Each task on a line: its name, then its arguments with `/` after directories.
fn check(name: &str, image: &str, wanted: &[&str]) {
    let cube = published(name);
    assert_eq!(cube.name, name);
    assert_eq!(cube.runner.image.get().map(String::as_str), Ok(image));
    assert_eq!(cube.platform.accelerator_count, 0);
    assert_eq!(cube.authors[0].email.as_deref(), Some("first.second@company.com"));
    assert_eq!((cube.warnings.len(), cube.config.faults.len()), (0, 0));
    let tasks = cube.tasks.iter().map(|task| {
        let bound = task
            .bind(&[], None)
            .unwrap_or_else(|error| unreachable!("`{}` is bound: {error}", task.name));
        let arguments = bound.parameters.iter().map(|parameter| {
            let slash = if parameter.kind == Kind::Directory { "/" } else { "" };
            format!(" {} {}={}{slash}", parameter.access.word(), parameter.name, parameter.value)
        });
        format!("{}:{}", bound.name, arguments.collect::<String>())
    });
    assert_eq!(tasks.collect::<Vec<_>>(), wanted, "{name}");
}

#[test]
fn mnist() {
    check(
        "mnist",
        "mlcommons/mnist:0.0.1",
        &[
            "download: ro data_config=data.yaml rw data_dir=data/ rw log_dir=logs/",
            "train: ro data_dir=data/ ro train_config=train.yaml rw log_dir=logs/ rw model_dir=model/",
        ],
    );
    assert_eq!(published("mnist").platform.raw["need_internet_access"], serde_json::json!(true));
    assert_eq!(
        published("mnist").runner.claims.input.get().map(ToString::to_string),
        Ok("mnist".to_owned())
    );
}

#[test]
fn matmul() {
    check(
        "matmul",
        "mlcommons/matmul:0.0.1",
        &["matmul: ro parameters_file=shapes.yaml rw output_file=matmul.txt"],
    );
}

#[test]
fn hello_world() {
    check(
        "hello_world",
        "mlcommons/hello_world:0.0.1",
        &[
            "hello: ro name=names/alice.txt rw chat=chats/chat_with_alice.txt",
            "bye: ro name=names/alice.txt rw chat=chats/chat_with_alice.txt",
        ],
    );
    // The cube's name is no name of a claim; that matters to who needs a claim, and is not mended
    // silently.
    assert!(published("hello_world").runner.claims.input.get().is_err());
}

#[test]
fn emdenoise() {
    check(
        "emdenoise",
        "mlcommons/sciml_em_denoise:0.0.1",
        &[
            "download: rw raw_data_dir=raw_data/ rw log_dir=logs/",
            "preprocess: ro raw_data_dir=raw_data/ rw data_dir=data/ rw log_dir=logs/",
            "train: ro data_dir=data/ ro parameters_file=parameters/default.parameters.yaml rw model_dir=model/ rw output_dir=output/ rw log_dir=logs/",
            "test: ro data_dir=data/ ro model_dir=model/ ro parameters_file=parameters/default.parameters.yaml rw output_dir=output/ rw log_dir=logs/",
        ],
    );
}
