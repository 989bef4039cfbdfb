//! The effective configuration: what is shown of it, and that what nobody uses is nobody's fault.

use std::time::{Duration, Instant};

use mlcube_k8s::yaml::Fault;
use serde_json::json;

use crate::support::cube::{read, tower};

/// Far more than any bound allows on a slow machine, far less than a hang.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn written_and_resolved_stand_side_by_side() {
    let cube = read("name: c\ndocker: {image: mlcommons/c:1}\ntasks: {train: }\n", &[])
        .expect("a plain cube is read");
    assert_eq!(cube.config.written.pointer("/runner/image"), Some(&json!("${docker.image}")));
    assert_eq!(cube.config.resolved.pointer("/runner/image"), Some(&json!("mlcommons/c:1")));
    assert_eq!(cube.config.faults, []);
}

#[test]
fn order_is_kept() {
    let cube = read("name: n\ntasks: {z: , a: , m: }\n", &[]).expect("a plain cube is read");
    let names: Vec<_> = cube.tasks.iter().map(|task| task.name.as_str()).collect();
    assert_eq!(names, ["z", "a", "m"]);
}

#[test]
fn a_fault_that_nobody_uses_is_nobodys_fault() {
    let cube = read(
        "name: n\ndocker: {image: '${nope}'}\nk8s: {image: i, pvc: c}\ntasks: {}\nx: ${oc.env:NONE}\ny: ???\n",
        &[],
    );
    let cube = cube.expect("what is wrong is not used");
    assert_eq!(cube.runner.image.ok().map(String::as_str), Some("i"));
    assert_eq!(cube.config.faults.len(), 2);
    assert_eq!(cube.config.resolved["x"], json!("${oc.env:NONE}"));
    assert_eq!(cube.config.resolved["y"], json!("???"));
}

#[test]
fn what_is_only_shown_is_bounded_too() {
    let start = Instant::now();
    let text = tower("x", 40, |index| format!("['${{a{index}}}', '${{a{index}}}']"));
    let cube = read(&format!("name: c\nself: {{again: '${{self}}'}}\n{text}"), &[])
        .expect("what is too large is not used");
    assert!(cube.config.faults.iter().any(|fault| fault.fault() == Fault::Limit));
    assert!(
        cube.config
            .faults
            .iter()
            .any(|fault| fault.message().starts_with("interpolation runs in a circle"))
    );
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
}

#[test]
fn faults_of_which_there_are_many_cost_little() {
    let start = Instant::now();
    let faults: String =
        (0..20_000).map(|index| format!("a{index}: '${{none{index}}}'\n")).collect();
    let cube = read(&format!("name: c\ntasks: {{}}\n{faults}"), &[])
        .expect("a fault that nobody uses is nobody's");
    assert_eq!(cube.config.faults.len(), 100);
    assert_eq!(cube.config.resolved["a19999"], "${none19999}");
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
}

#[test]
fn what_was_typed_stays_on_its_line() {
    for system in [&["--system=platforms: {}"][..], &[]] {
        let error = read("name: c\ntasks: {}\n", &[system, &["--platform=a\n\u{1b}[31m"]].concat());
        let error = error.expect_err("there is no such platform").to_string();
        assert!(error.contains(r"`a\n\u{1b}[31m`"), "{error}");
    }
}
