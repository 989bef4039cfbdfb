//! `task`: the cube behind the Job, as the Job's own annotations describe it.

use crate::job::read;
use crate::policy::guest::bindings::task;
use crate::policy::guest::evaluation::Evaluation;
use serde_json::{Map, Value};

impl task::Host for Evaluation {
    fn cube(&mut self) -> wasmtime::Result<String> {
        self.answer("", self.origin.cube.clone())
    }

    fn name(&mut self) -> wasmtime::Result<String> {
        self.answer("", self.origin.task.clone())
    }

    fn accelerators(&mut self) -> wasmtime::Result<u32> {
        self.answer("", self.origin.accelerators())
    }

    fn platform(&mut self, pointer: String) -> wasmtime::Result<Option<String>> {
        let found = read::<&Value>(&self.origin.platform, &pointer);
        let text = self.written(&pointer, found)?;
        self.answer_read("cube's platform", &pointer, text)
    }

    fn inputs(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", names(&self.origin.inputs))
    }

    fn outputs(&mut self) -> wasmtime::Result<Vec<String>> {
        self.answer("", names(&self.origin.outputs))
    }

    fn value(&mut self, parameter: String) -> wasmtime::Result<Option<String>> {
        self.answer(&parameter, self.origin.value(&parameter).map(str::to_owned))
    }
}

fn names(parameters: &Map<String, Value>) -> Vec<String> {
    parameters.keys().cloned().collect()
}
