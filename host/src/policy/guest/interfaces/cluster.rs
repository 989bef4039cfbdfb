//! `cluster`: queries to the cluster. Nothing here can change anything.

use crate::job::{find, text_length};
use crate::policy::cluster_query::{Lookup, Query, Response, Which};
use crate::policy::guest::bindings::cluster::{self as wit, Host, ObjectRef};
use crate::policy::guest::evaluation::{Answer, Evaluation};
use serde_json::Value;
use std::sync::Arc;

impl Host for Evaluation {
    fn read(&mut self, object: ObjectRef, pointer: String) -> Answer<Option<String>> {
        self.look_into(object, &pointer, |part| Some(part.to_string()))
    }

    fn text(&mut self, object: ObjectRef, pointer: String) -> Answer<Option<String>> {
        self.look_into(object, &pointer, |part| part.as_str().map(str::to_owned))
    }

    fn names(&mut self, query: wit::Query) -> Answer<Vec<String>> {
        self.look_for(query, |object| {
            object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
        })
    }

    fn objects(&mut self, query: wit::Query) -> Answer<Vec<String>> {
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
        let query = Query { api_version, kind, namespace, which: Which::Name(name) };
        if query.hides(pointer) {
            return self.refuse(what, "policies cannot read the content of a Secret");
        }
        self.charge(pointer.len())?;
        match self.look(what, query)? {
            Ok(lookup) => {
                let found = find(lookup.found(), pointer);
                self.afford(found.map_or(0, text_length))?;
                self.answer("", found.and_then(part)).map(Ok)
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn look_for(&mut self, query: wit::Query, part: fn(&Value) -> String) -> Answer<Vec<String>> {
        let wit::Query { api_version, kind, namespace, labels } = query;
        let what = format!("{kind} with labels `{labels}`");
        let query = Query { api_version, kind, namespace, which: Which::Labels(labels) };
        match self.look(what, query)? {
            Ok(lookup) => {
                let objects = lookup.found().as_array().map_or(&[][..], Vec::as_slice);
                let mut texts = Vec::new();
                let mut bytes = 0;
                for object in objects {
                    let text = part(object);
                    bytes += text.len();
                    self.afford(bytes)?;
                    texts.push(text);
                }
                self.answer("", texts).map(Ok)
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn look(&mut self, what: String, query: Query) -> Answer<Arc<Lookup>> {
        self.charge(what.len())?;
        if let Err(why) = query.check() {
            return self.refuse(what, why);
        }
        let lookup = self.queries.ask(query, &self.limits)?;
        self.budget.waited(self.queries.spent());
        let Some(lookup) = lookup else {
            return self.refuse(what, "the cluster can be queried only in `review`");
        };
        match &*lookup.response {
            Response::Refused(why) => self.refuse(what, why),
            _ => Ok(Ok(lookup)),
        }
    }
}

impl Lookup {
    /// The object or the list that was found; null if there is none.
    fn found(&self) -> &Value {
        match &*self.response {
            Response::Found(found) => found,
            _ => &Value::Null,
        }
    }
}
