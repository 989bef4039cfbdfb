//! A JSON Patch (RFC 6902) on a Job, as changes: all of its operations are applied, or none. The
//! Job's identity in the cluster, and the labels and annotations of this program, stay as they are.

use super::change::Change;
use super::meter::{Fault, Meter, Spent, text_length, weight};
use super::pointer::Pointer;
use crate::job::{Job, PREFIX};
use k8s_openapi::api::batch::v1 as batch;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The longest patch that is read.
const LONGEST: usize = 64 << 10;
/// The largest Job that a patch may make: the API server hardly accepts a larger one.
const LARGEST: usize = 1 << 20;
/// The most bytes that its operations together may remove and add: each change is kept until all
/// are made.
const MOST: usize = 4 << 20;
/// The cost of an operation besides that of its values.
const OPERATION: usize = 64;
/// The depth to which a patch may nest a Job: readers of JSON stop at 128.
const DEEPEST: usize = 100;

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: Value },
    Remove { path: String },
    Replace { path: String, value: Value },
    Move { from: String, path: String },
    Copy { from: String, path: String },
    Test { path: String, value: Value },
}

/// A patch that is being applied.
struct Patch<'a> {
    job: &'a mut Job,
    made: &'a mut Vec<Change>,
    meter: Held<'a>,
    size: usize,
}

/// A meter that hears of the work at once, and of the edits when all operations are accepted: a
/// patch that is refused has made none.
struct Held<'a> {
    meter: &'a mut dyn Meter,
    edits: Vec<usize>,
    left: usize,
}

impl Meter for Held<'_> {
    fn work(&mut self, bytes: usize) -> Result<(), Spent> {
        self.meter.work(bytes)
    }

    fn edit(&mut self, bytes: usize) -> Result<(), Spent> {
        self.edits.push(bytes);
        self.left = self.left.checked_sub(bytes).ok_or(Spent)?;
        Ok(())
    }
}

impl Job {
    /// Apply a patch, given as JSON text. A refusal leaves the Job as it was.
    pub fn patch(&mut self, text: &str, meter: &mut dyn Meter) -> Result<Vec<Change>, Fault> {
        if text.len() > LONGEST {
            return Err(format!("expected at most {LONGEST} bytes, found {}", text.len()).into());
        }
        // The patch is read, the whole Job measured and checked.
        meter.work(text.len().saturating_add(weight(&self.0)))?;
        let operations: Vec<Operation> = serde_json::from_str(text)
            .map_err(|error| format!("it is not a JSON Patch: {error}"))?;
        let fixed = self.fixed();
        let was_valid = self.check().is_ok();
        let size = text_length(&self.0);
        let mut edits = Vec::new();
        let made = self.all_or_none(|job, made| {
            let held = Held { meter: &mut *meter, edits: Vec::new(), left: MOST };
            let mut patch = Patch { job: &mut *job, made, meter: held, size };
            for (index, operation) in operations.into_iter().enumerate() {
                patch.make(operation).map_err(|fault| patch.in_operation(index + 1, fault))?;
            }
            edits = patch.meter.edits;
            let now = job.fixed();
            if let Some(place) =
                fixed.keys().chain(now.keys()).find(|place| fixed.get(place) != now.get(place))
            {
                return Err(format!("policies cannot change `{place}`").into());
            }
            // A Job that was invalid before the patch is not checked: that is not the patch's
            // fault.
            if was_valid { Ok(job.check()?) } else { Ok(()) }
        })?;
        edits.into_iter().try_for_each(|bytes| meter.edit(bytes))?;
        Ok(made)
    }

    /// The values that a patch must not change.
    fn fixed(&self) -> BTreeMap<Pointer, Value> {
        let root = Pointer::root();
        let metadata = Pointer::metadata();
        let mut places = ["apiVersion", "kind", "status"].map(|key| root.key(key)).to_vec();
        places.extend(["name", "generateName", "namespace"].map(|key| metadata.key(key)));
        for metadata in [Pointer::metadata(), Pointer::pod_metadata()] {
            for map in ["labels", "annotations"].map(|key| metadata.key(key)) {
                let keys =
                    self.at(&map).and_then(Value::as_object).into_iter().flat_map(|map| map.keys());
                places.extend(keys.filter(|key| key.starts_with(PREFIX)).map(|key| map.key(key)));
            }
        }
        places
            .into_iter()
            .filter_map(|place| self.at(&place).cloned().map(|value| (place, value)))
            .collect()
    }

    /// An error unless every field that Kubernetes knows has its type.
    fn check(&self) -> Result<(), String> {
        let read = batch::Job::deserialize(&self.0);
        read.map(|_| ()).map_err(|error| format!("the result is not a `batch/v1` Job: {error}"))
    }
}

impl Patch<'_> {
    /// A fault of one operation, with its number.
    fn in_operation(&self, number: usize, fault: Fault) -> Fault {
        let changed: usize = self.meter.edits.iter().sum();
        match fault {
            Fault::Refused(why) => Fault::Refused(format!("operation {number}: {why}")),
            Fault::Spent if changed > MOST => Fault::Refused(format!(
                "operation {number}: all operations together would change more than {MOST} bytes"
            )),
            Fault::Spent => Fault::Spent,
        }
    }

    fn make(&mut self, operation: Operation) -> Result<(), Fault> {
        self.meter.work(OPERATION)?;
        match operation {
            Operation::Add { path, value } => {
                self.meter.copy(&value)?;
                self.add(Pointer::parse(&path)?, value)
            }
            Operation::Remove { path } => self.take(&Pointer::parse(&path)?),
            Operation::Replace { path, value } => {
                let path = Pointer::parse(&path)?;
                self.find(&path)?;
                self.meter.copy(&value)?;
                self.set(&path, Some(value))
            }
            Operation::Move { from, path } => {
                let from = Pointer::parse(&from)?;
                let path = Pointer::parse(&path)?;
                if path.is_below(&from) {
                    return Err(format!("`{from}` cannot be moved into itself").into());
                }
                let value = self.copy(&from)?;
                self.take(&from)?;
                self.add(path, value)
            }
            Operation::Copy { from, path } => {
                let from = Pointer::parse(&from)?;
                let size = text_length(self.find(&from)?);
                let path = Pointer::parse(&path)?;
                let before = self.job.at(&path).map_or(0, text_length);
                self.check_size((self.size + size).saturating_sub(before))?;
                let value = self.copy(&from)?;
                self.add(path, value)
            }
            Operation::Test { path, value } => {
                self.meter.copy(&value)?;
                if *self.find(&Pointer::parse(&path)?)? == value {
                    Ok(())
                } else {
                    Err(format!("the value at `{path}` differs").into())
                }
            }
        }
    }

    fn find(&self, place: &Pointer) -> Result<&Value, String> {
        self.job.at(place).ok_or_else(|| missing(place))
    }

    fn copy(&mut self, place: &Pointer) -> Result<Value, Fault> {
        let value = self.job.at(place).ok_or_else(|| missing(place))?;
        self.meter.copy(value)?;
        Ok(value.clone())
    }

    /// Set a member of an object, or insert an item into a list.
    fn add(&mut self, place: Pointer, value: Value) -> Result<(), Fault> {
        let Some((parent, key)) = place.split_last() else { return self.set(&place, Some(value)) };
        match self.find(&parent)? {
            Value::Array(items) => {
                let place = if key == "-" { parent.index(items.len()) } else { place };
                let change = self.job.insert(place, value, &mut self.meter)?;
                self.keep(change)
            }
            Value::Object(_) => self.set(&place, Some(value)),
            _ => Err(format!("`{parent}` is neither an object nor a list").into()),
        }
    }

    /// Remove the value at a place.
    fn take(&mut self, place: &Pointer) -> Result<(), Fault> {
        self.find(place)?;
        match place.split_last() {
            Some(_) => self.set(place, None),
            None => Err("the whole Job cannot be removed".to_owned().into()),
        }
    }

    fn set(&mut self, place: &Pointer, value: Option<Value>) -> Result<(), Fault> {
        match self.job.change(place, value, &mut self.meter)? {
            Some(change) => self.keep(change),
            None => Ok(()),
        }
    }

    fn check_size(&self, size: usize) -> Result<(), Fault> {
        if size > LARGEST {
            return Err(format!("the Job would have more than {LARGEST} bytes").into());
        }
        Ok(())
    }

    /// Keep a change that was made, so that it can be undone, and check that the Job stays within
    /// bounds.
    fn keep(&mut self, change: Change) -> Result<(), Fault> {
        let size = |value: &Option<Value>| value.as_ref().map_or(0, text_length);
        self.size = (self.size + size(&change.after)).saturating_sub(size(&change.before));
        let place = change.pointer.as_str().matches('/').count();
        let deep = place + change.after.as_ref().map_or(0, depth);
        self.made.push(change);
        self.check_size(self.size)?;
        if deep > DEEPEST {
            return Err(format!("the Job would be nested deeper than {DEEPEST} levels").into());
        }
        Ok(())
    }
}

fn missing(place: &Pointer) -> String {
    format!("`{place}` does not exist")
}

/// The depth of a value.
fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(object) => object.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}
