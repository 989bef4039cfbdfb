//! `cluster`: questions to the cluster, which other files answer. Nothing here can change anything.

use crate::job::find;
use crate::policy::bindings::cluster::{Host, ObjectRef, Query};
use crate::policy::evaluation::{Answer, Evaluation};
use crate::policy::lookup::{Answer as Looked, Lookup, Question, Which};
use serde_json::Value;
use std::sync::Arc;

impl Host for Evaluation {
    fn read(&mut self, object: ObjectRef, pointer: String) -> Answer<Option<String>> {
        self.look_into(object, &pointer, |part| Some(part.to_string()))
    }

    fn text(&mut self, object: ObjectRef, pointer: String) -> Answer<Option<String>> {
        self.look_into(object, &pointer, |part| part.as_str().map(str::to_owned))
    }

    fn names(&mut self, query: Query) -> Answer<Vec<String>> {
        self.look_for(query, |object| object["metadata"]["name"].as_str().unwrap_or_default().to_owned())
    }

    fn objects(&mut self, query: Query) -> Answer<Vec<String>> {
        self.look_for(query, Value::to_string)
    }
}

impl Evaluation {
    fn look_into(
        &mut self,
        object: ObjectRef,
        pointer: &str,
        part: fn(&Value) -> Option<String>,
    ) -> Answer<Option<String>> {
        let ObjectRef { api_version, kind, namespace, name } = object;
        let what = format!("{kind} `{name}`");
        let question = Question { api_version, kind, namespace, which: Which::Name(name) };
        if question.hides(pointer) {
            return self.refuse(what, "policies do not see what a Secret holds");
        }
        self.charge(pointer.len())?;
        match self.look(what, question)? {
            Ok(lookup) => self.answer("", find(lookup.found(), pointer).and_then(part)).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn look_for(&mut self, query: Query, part: fn(&Value) -> String) -> Answer<Vec<String>> {
        let Query { api_version, kind, namespace, labels } = query;
        let what = format!("{kind} with labels `{labels}`");
        let question = Question { api_version, kind, namespace, which: Which::Labels(labels) };
        match self.look(what, question)? {
            Ok(lookup) => self.answer("", lookup.found().as_array().into_iter().flatten().map(part).collect()).map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn look(&mut self, what: String, question: Question) -> Answer<Arc<Lookup>> {
        self.charge(what.len())?;
        if let Err(why) = question.check() {
            return self.refuse(what, why);
        }
        let Some(lookup) = self.asking.ask(question, &self.limits)? else {
            return self.refuse(what, "the cluster can be asked in `review` only");
        };
        match &lookup.answer {
            Looked::Refused(why) => self.refuse(what, why),
            _ => Ok(Ok(lookup)),
        }
    }
}

impl Lookup {
    /// What was found; null for nothing.
    fn found(&self) -> &Value {
        match &self.answer {
            Looked::Found(found) => found,
            _ => &Value::Null,
        }
    }
}
