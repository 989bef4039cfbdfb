//! Owns how each rule says the reference's answer anew.
//! Invariant: a rewriting changes only what its row describes.

use serde_json::{Map, Value, json};

use crate::parts::{arguments, claim, first, items, text};
use crate::rules::Asked;
use crate::support::k8s::{
    dns_label, label_value as check_label_value, to_dns_label, to_label_value,
};

/// The resolvers that we leave out.
const LEFT_OUT: [&str; 4] = ["${env:", "${oc.create:", "${oc.deprecated:", "${oc.dict."];

/// Walks both configurations side by side.
pub fn beside(asked: &Asked<'_>, theirs: &mut Value, change: &dyn Fn(&Value, &mut Value)) {
    let Some(ours) = asked.ours.built() else { return };
    walk(&ours["config"], &mut theirs["config"], change);
    walk(&ours["order"], &mut theirs["order"], change);
    walk(&ours["kinds"], &mut theirs["kinds"], change);
}

fn walk(ours: &Value, theirs: &mut Value, change: &dyn Fn(&Value, &mut Value)) {
    change(ours, theirs);
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, theirs) in theirs.iter_mut() {
                ours.get(key).into_iter().for_each(|ours| walk(ours, theirs, change));
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.iter().zip(theirs).for_each(|(ours, theirs)| walk(ours, theirs, change));
        }
        _ => {}
    }
}

/// A key that the reference reads as a number or a boolean is a name.
pub fn rename_keys(ours: &Value, theirs: &mut Value) {
    let (Value::Object(ours), Value::Object(map)) = (ours, theirs) else { return };
    let missing: Vec<&String> = ours.keys().filter(|key| !map.contains_key(*key)).collect();
    let typed: Vec<String> = map.keys().filter(|key| key.starts_with('!')).cloned().collect();
    for (typed, name) in typed.iter().zip(missing) {
        let is_same = match typed.split_once(' ') {
            Some(("!int" | "!float", value)) => name.parse::<f64>().ok() == value.parse().ok(),
            Some(("!bool", "True")) => {
                ["on", "yes", "true"].contains(&name.to_lowercase().as_str())
            }
            Some(("!bool", "False")) => {
                ["off", "no", "false"].contains(&name.to_lowercase().as_str())
            }
            _ => false,
        };
        if let Some(value) = map.get(typed).cloned().filter(|_| is_same) {
            map.remove(typed);
            map.insert(name.clone(), value);
        }
    }
}

/// `{?x: 1}` has the key `?x`; before YAML 1.2 the question mark said that a key follows.
pub fn keep_question_mark(ours: &Value, theirs: &mut Value) {
    let (Value::Object(ours), Value::Object(map)) = (ours, theirs) else { return };
    for (name, bare) in ours.keys().filter_map(|name| Some((name, name.strip_prefix('?')?))) {
        if let Some(value) = map.remove(bare) {
            map.insert(name.clone(), value);
        }
    }
}

/// A number of more than 64 bits keeps its digits, as text.
pub fn keep_digits(ours: &Value, theirs: &mut Value) {
    if ours.is_string() && theirs.get("!integer") == Some(ours) {
        *theirs = ours.clone();
    }
    let number = |value: &Value| -> Option<f64> {
        let text = value.as_str()?.to_lowercase();
        text.replace(".inf", "inf").replace(".nan", "nan").parse().ok()
    };
    let is_endless = matches!(theirs.as_str(), Some("inf" | "-inf" | "nan"));
    if let (true, Some(typed), Some(endless)) = (is_endless, number(ours), number(theirs))
        && (typed == endless || (typed.is_nan() && endless.is_nan()))
    {
        *theirs = ours.clone();
    }
}

/// What stands inside a text stands there as it was typed, not as Python prints it.
pub fn as_typed(asked: &Asked<'_>, theirs: &mut Value) {
    beside(asked, theirs, &keep_typed);
    let Some(ours) = asked.ours.built() else { return };
    let image = "/job/spec/template/spec/containers/0/image";
    if let (Some(ours), Some(theirs)) = (ours.pointer(image), theirs.pointer_mut(image)) {
        keep_typed(ours, theirs);
    }
}

/// The scalars that every cube of the corpus has; an empty one cannot stand inside a text.
fn keep_typed(ours: &Value, theirs: &mut Value) {
    let (Some(typed), Some(printed)) = (ours.as_str(), theirs.as_str()) else { return };
    let is_same = printed.replace("1e+16", "1e16").replace("True", "yes") == typed;
    if is_same || (typed.contains("${v.n}") && printed.contains("None")) {
        *theirs = ours.clone();
    }
}

/// A list or mapping inside a text stays as written, and is an error where it is used.
pub fn keep_containers(ours: &Value, theirs: &mut Value) {
    if text(ours).contains("${") && text(theirs).contains(['[', '{']) {
        *theirs = ours.clone();
    }
}

/// A resolver that we leave out stays as written, and is an error where it is used.
pub fn keep_calls(ours: &Value, theirs: &mut Value) {
    if LEFT_OUT.iter().any(|call| text(ours).contains(call)) && ours != theirs {
        *theirs = ours.clone();
    }
}

/// The reference resolves twice: what was escaped is followed the second time.
pub fn escaped_once(_: &Asked<'_>, theirs: &mut Value) {
    let written = theirs["config"]["docker"]["image"].clone();
    if text(&written).contains("${") {
        theirs["job"]["spec"]["template"]["spec"]["containers"][0]["image"] = written.clone();
        theirs["config"]["runner"]["image"] = written;
    }
}

/// A workspace that was typed is a path, not a piece of configuration.
pub fn workspace_as_typed(asked: &Asked<'_>, theirs: &mut Value) {
    let Some(typed) = asked.case.workspace.as_deref().filter(|typed| typed.contains("${")) else {
        return;
    };
    theirs["config"]["workspace"] = json!(typed);
    theirs["config"]["runtime"]["workspace"] = json!(typed);
}

pub fn namespace(asked: &Asked<'_>, theirs: &mut Value) {
    let ours = asked.ours.built().map(|ours| (&ours["namespace"], &ours["config"]["runner"]));
    if ours.is_some_and(|(name, runner)| name.is_null() && runner.get("namespace").is_none())
        && theirs["namespace"] == "default"
    {
        theirs["namespace"] = Value::Null;
        theirs["config"]["runner"].as_object_mut().map(|runner| runner.remove("namespace"));
    }
}

/// The reference keeps what stands between the first two `=`.
pub fn equals_sign(asked: &Asked<'_>, theirs: &mut Value) {
    for (name, value) in asked.case.values.iter().filter_map(|typed| typed.split_once('=')) {
        if value.contains('=') {
            for argument in arguments(theirs) {
                if argument.starts_with(&format!("--{name}="))
                    && argument.ends_with(&format!("/{}", first(value)))
                {
                    *argument = format!("{}{value}", argument.trim_end_matches(first(value)));
                }
            }
        }
    }
}

/// The arguments of `docker run` become environment and shared memory; the rows of `cube/docker` say
/// which.
pub fn docker_arguments(asked: &Asked<'_>, theirs: &mut Value) {
    let has_arguments = ["cpu_args", "gpu_args", "env_args"];
    let Some(ours) = asked.ours.built() else { return };
    if !has_arguments.iter().any(|key| asked.case.cube.contains(key)) {
        return;
    }
    let (ours, theirs) = (pod(ours), &mut theirs["job"]["spec"]["template"]["spec"]);
    let container = &ours["containers"][0];
    if container["env"].is_array() {
        theirs["containers"][0]["env"] = container["env"].clone();
    }
    add_shared_memory(&ours["volumes"], &mut theirs["volumes"]);
    add_shared_memory(&container["volumeMounts"], &mut theirs["containers"][0]["volumeMounts"]);
    leave_out_nothing(theirs, "volumes");
    leave_out_nothing(&mut theirs["containers"][0], "volumeMounts");
}

fn pod(answer: &Value) -> &Value {
    &answer["job"]["spec"]["template"]["spec"]
}

fn add_shared_memory(ours: &Value, theirs: &mut Value) {
    let items = ours.as_array().into_iter().flatten();
    for item in items.filter(|item| item["name"] == "shared-memory") {
        if let Some(items) = theirs.as_array_mut() {
            items.push(item.clone());
        } else {
            *theirs = json!([item]);
        }
    }
}

/// To look at a key makes it.
fn leave_out_nothing(value: &mut Value, key: &str) {
    if value[key].is_null() {
        value.as_object_mut().map(|map| map.remove(key));
    }
}

pub fn slash(_: &Asked<'_>, theirs: &mut Value) {
    let Some(claim) = claim(theirs) else { return };
    let (wrong, right) = (format!("/mnt/mlcube{claim}"), format!("/mnt/mlcube/{claim}"));
    for argument in arguments(theirs) {
        if let Some((name, path)) = argument.split_once(&format!("={wrong}/")) {
            *argument = format!("{name}={right}/{path}");
        }
    }
    for mount in
        items(&mut theirs["job"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"])
    {
        if mount["mountPath"] == wrong.as_str() {
            mount["mountPath"] = json!(right);
        }
    }
}

/// `./a//b/` is `a/b`.
pub fn short_paths(_: &Asked<'_>, theirs: &mut Value) {
    let Some(claim) = claim(theirs) else { return };
    let mount = format!("=/mnt/mlcube/{claim}/");
    for argument in arguments(theirs) {
        if let Some((name, path)) = argument.split_once(&mount) {
            let parts = path
                .trim_end_matches('\\')
                .split('/')
                .filter(|part| !part.is_empty() && *part != ".");
            let path = parts.collect::<Vec<_>>().join("/");
            *argument = format!("{name}{mount}{path}").trim_end_matches('/').to_owned();
        }
    }
}

/// The first word of the task's entry point becomes the command, its others the first arguments,
/// instead of the task.
pub fn entrypoint(asked: &Asked<'_>, theirs: &mut Value) {
    let words: Vec<String> = match &theirs["config"]["tasks"][&asked.case.task]["entrypoint"] {
        Value::String(text) => text
            .replace('"', "\u{1}")
            .split('\u{1}')
            .enumerate()
            .flat_map(|(index, part)| match index % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
                _ => vec![part.to_owned()],
            })
            .collect(),
        Value::Array(words) => {
            words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        }
        _ => return,
    };
    let container = &mut theirs["job"]["spec"]["template"]["spec"]["containers"][0];
    let [command, others @ ..] = words.as_slice() else { return };
    let parameters =
        items(&mut container["args"]).skip(1).map(|word| word.clone()).collect::<Vec<_>>();
    container["args"] = others.iter().map(|word| json!(word)).chain(parameters).collect();
    container["command"] = json!([command]);
}

/// What Kubernetes would expand stands doubled.
pub fn literal_arguments(_: &Asked<'_>, theirs: &mut Value) {
    for word in arguments(theirs) {
        let doubled = word.replace("$$", "\u{1}").replace("$(", "$$(").replace('\u{1}', "$$$");
        *word = doubled;
    }
}

pub fn job_name(_: &Asked<'_>, theirs: &mut Value) {
    let name = &mut theirs["job"]["metadata"]["generateName"];
    let Some(cube) = name.as_str().and_then(|name| name.strip_prefix("mlcube-")?.strip_suffix('-'))
    else {
        return;
    };
    if dns_label(cube).is_err() || cube.len() > 40 {
        *name = json!(format!("mlcube-{}-", to_dns_label(cube, 40)));
    }
}

pub fn label_value(_: &Asked<'_>, theirs: &mut Value) {
    let labels = &mut theirs["job"]["spec"]["template"]["metadata"]["labels"];
    let Some(name) = labels["app-name"].as_str().map(str::to_owned) else { return };
    if check_label_value(&name).is_err() {
        labels["app-name"] = json!(to_label_value(&name));
    }
    if labels["app-name"] == "" {
        labels.as_object_mut().map(|labels| labels.remove("app-name"));
    }
}

/// The recommended labels and those of this project, on Job and Pod, and the annotations that keep
/// the names whole.
pub fn labels(asked: &Asked<'_>, theirs: &mut Value) {
    let Some(ours) = asked.ours.built() else { return };
    let labels = &mut theirs["job"]["spec"]["template"]["metadata"]["labels"];
    if let Some(name) = labels.get("app-name").cloned() {
        labels["app.kubernetes.io/name"] = name;
    }
    labels["app.kubernetes.io/managed-by"] = json!("mlcube-k8s");
    for key in ["app.kubernetes.io/component", "mlcube-k8s.dev/task"] {
        let task = to_label_value(&asked.case.task);
        if !task.is_empty() {
            labels[key] = json!(task);
        }
    }
    let labels = labels.clone();
    let metadata = &mut theirs["job"]["metadata"];
    metadata["labels"] = labels;
    let annotations = ours["job"]["metadata"]["annotations"].clone();
    if annotations["mlcube-k8s.dev/cube"] == ours["config"]["name"] {
        metadata["annotations"] = annotations;
    }
}

/// The name of a volume takes no dots.
pub fn volume_name(_: &Asked<'_>, theirs: &mut Value) {
    let Some(claim) = claim(theirs).filter(|claim| claim.contains('.') || claim.len() > 63) else {
        return;
    };
    let pod = &mut theirs["job"]["spec"]["template"]["spec"];
    for item in items(&mut pod["volumes"]) {
        item["name"] = json!(to_dns_label(&claim, 63));
    }
    for item in items(&mut pod["containers"][0]["volumeMounts"]) {
        item["name"] = json!(to_dns_label(&claim, 63));
    }
}

/// A claim on which a task only has inputs, none of them `rw`.
pub fn read_only_inputs(asked: &Asked<'_>, theirs: &mut Value) {
    let parameters = &theirs["config"]["tasks"][&asked.case.task]["parameters"];
    let count = |group: &str| parameters[group].as_object().map_or(0, Map::len);
    let is_written = parameters["inputs"]
        .as_object()
        .is_some_and(|inputs| inputs.values().any(|input| input["opts"] == "rw"));
    if count("inputs") > 0 && count("outputs") == 0 && !is_written {
        for mount in
            items(&mut theirs["job"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"])
        {
            mount["readOnly"] = json!(true);
        }
    }
}

pub fn accelerators(_: &Asked<'_>, theirs: &mut Value) {
    let Some(count) =
        theirs["config"]["platform"]["accelerator_count"].as_u64().filter(|count| *count > 0)
    else {
        return;
    };
    let container = &mut theirs["job"]["spec"]["template"]["spec"]["containers"][0];
    container["resources"] = json!({"limits": {"nvidia.com/gpu": count.to_string()}});
}
