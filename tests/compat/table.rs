//! Owns the table of the differences from the reference, each with its row in
//! `docs/compatibility.md`. Invariant: a rule that explains nothing in the corpus fails the test.

use crate::answer::Answer;
use crate::parts::{any_parameter, any_task, claim, first, has_parameter, image, text};
use crate::reasons::*;
use crate::rewrites::*;
use crate::rules::{Asked, Rule};
use crate::support::k8s as names;
use crate::tasks::tasks_as_written;

/// What OmegaConf raises for an interpolation that cannot be resolved.
const INTERPOLATION: [&str; 4] = [
    "InterpolationKeyError",
    "InterpolationResolutionError",
    "GrammarParseError",
    "UnsupportedInterpolationType",
];

/// The rules in the order in which they are tried.
pub const RULES: &[Rule] = &[
    Rule::other("settings-file", |asked| restated(asked, "settings-file")),
    Rule::other("overrides", |asked| restated(asked, "overrides")),
    Rule::other("runner-section", |asked| restated(asked, "runner-section")),
    Rule::other("own-section", |asked| asked.merged.cloned()),
    // What the reference refuses.
    Rule::theirs(
        "two-claims",
        &["IllegalParameterTypeError"],
        &["name=runner.pvc"],
        has_two_claims,
    ),
    Rule::theirs("pod-settings", &["ConfigurationError"], &["Unknown keys: "], has_pod_settings),
    Rule::theirs("unused-faults", &INTERPOLATION, &[""], |_, ours| ours["faults"][0].is_string()),
    Rule::theirs(
        "overrides",
        &["GrammarParseError", "ValidationError"],
        &["full_key: q\n"],
        |asked, _| {
            asked.case.cube.contains("q: '${")
                && asked.case.overrides.iter().any(|typed| typed.starts_with("q="))
        },
    ),
    Rule::theirs("resolvers", &["UnsupportedValueType"], &["Value 'list'"], |asked, _| {
        asked.case.cube.contains("${oc.decode:")
    }),
    Rule::theirs(
        "keys-are-names",
        &["TypeError", "KeyValidationError"],
        &[
            "'int' object is not iterable",
            "'bool' object is not iterable",
            "Incompatible key type 'NoneType'",
        ],
        |_, _| true,
    ),
    Rule::theirs(
        "settings-file",
        &["TypeError"],
        &["argument of type 'NoneType' is not iterable"],
        |asked, _| asked.case.system.as_deref() == Some("platforms:"),
    ),
    Rule::theirs("typed-values", &["MissingMandatoryValue"], &["tasks."], |asked, _| {
        asked.case.values.iter().any(|typed| typed.ends_with("=???"))
    }),
    Rule::theirs(
        "yaml",
        &["ParserError", "ScannerError"],
        &[
            "but found '?'",
            "but found ':'",
            "but got ':'",
            "but got '?'",
            "found character '\\t'",
            "found '<document end>'",
        ],
        |_, _| true,
    ),
    Rule::theirs("yaml", &["ScannerError"], &["could not find expected ':'"], |asked, _| {
        asked.case.cube.contains('\u{85}')
    }),
    Rule::theirs(
        "unused-faults",
        &["IllegalParameterTypeError"],
        &["name=runner.pvc"],
        |_, ours| claim(ours).is_none(),
    ),
    Rule::theirs(
        "overrides",
        &["ConfigTypeError", "TypeError"],
        &["Cannot merge DictConfig with ListConfig", "Cannot merge ListConfig with DictConfig"],
        |asked, _| !asked.case.overrides.is_empty(),
    ),
    Rule::theirs(
        "tasks-as-written",
        &["ConfigAttributeError", "TypeError"],
        &["endswith", "can only concatenate str (not \"DictConfig\")"],
        |asked, _| asked.case.cube.contains("x: {default: '${..y}'"),
    ),
    // What we refuse.
    Rule::ours("typed-values", &["`${v.s}` names a variable"], |asked, _| {
        asked.case.values.iter().any(|typed| typed.ends_with("=${v.s}"))
    }),
    Rule::ours("yaml", &["':' may not precede any of `[{`"], |asked, _| {
        asked.case.cube.contains(":[") || asked.case.cube.contains(":{")
    }),
    Rule::ours("object-names", &["runner setting `pvc`"], |_, theirs| {
        claim(theirs).is_some_and(|claim| names::dns_subdomain(&claim).is_err())
    }),
    Rule::ours("object-names", &["runner setting `namespace`"], |_, theirs| {
        theirs["namespace"].as_str().is_some_and(|name| names::dns_label(name).is_err())
    }),
    Rule::ours("blank", &["`name` is blank"], |_, theirs| theirs["config"]["name"] == ""),
    Rule::ours("blank", &["`docker.image` is blank", "is not an image reference"], |_, theirs| {
        image(theirs).is_none_or(|image| image.is_empty() || image.contains(' '))
    }),
    Rule::ours(
        "platform-section",
        &["`platform`: expected", "`platform.accelerator_count`: expected"],
        |_, theirs| !is_platform(&theirs["config"]["platform"]),
    ),
    Rule::ours("own-section", &["this platform is run by"], |_, theirs| {
        theirs["config"]["runner"]["runner"] != "k8s"
    }),
    Rule::ours("own-section", &["it means the same as"], |_, theirs| {
        theirs["config"]["k8s"].is_object() && theirs["config"]["kubernetes"].is_object()
    }),
    Rule::ours("runner-section", &["the runner's section: expected a mapping"], |asked, _| {
        asked.case.cube.contains("\nrunner: text\n")
    }),
    Rule::ours("settings-file", &["the file: expected a mapping"], |asked, _| {
        asked.case.system.as_deref() == Some("text")
    }),
    Rule::ours(
        "paths",
        &[
            "its value is empty",
            "is an absolute path",
            "begins with `~`",
            "climbs out",
            "is an address",
            "names a variable",
        ],
        leaves_the_claim,
    ),
    Rule::ours(
        "file-or-directory",
        &["is a directory, and the parameter is a file"],
        |_, theirs| {
            any_parameter(theirs, |_, _, it| {
                it["type"] == "file" && text(&it["default"]).ends_with('/')
            })
        },
    ),
    Rule::ours("file-or-directory", &["an output must say which"], |_, theirs| {
        any_parameter(theirs, |_, group, it| group == "outputs" && it["type"] == "unknown")
    }),
    Rule::ours("type-and-opts", &["`type`: expected"], |_, theirs| {
        any_parameter(theirs, |_, _, it| {
            !["file", "directory", "unknown"].contains(&text(&it["type"]))
        })
    }),
    Rule::ours("type-and-opts", &["`opts`: expected"], |_, theirs| {
        any_parameter(theirs, |_, _, it| {
            !it["opts"].is_null() && !["ro", "rw"].contains(&text(&it["opts"]))
        })
    }),
    Rule::ours("misspelt", &["has no key `"], has_unknown_keys),
    Rule::ours("mandatory", &["is `???`: a value that must be given"], |asked, _| {
        asked.case.cube.contains("???")
    }),
    Rule::ours("parameter-names", &["has a name that no argument can have"], |_, theirs| {
        any_parameter(theirs, |name, _, _| name.is_empty() || name.contains([' ', '=']))
    }),
    Rule::ours("entrypoint", &["`entrypoint`"], |_, theirs| {
        any_task(theirs, |task| !task["entrypoint"].is_null())
    }),
    Rule::ours("every-task-is-checked", &["expected a path"], |asked, theirs| {
        any_task(theirs, |task| *task != theirs["config"]["tasks"][&asked.case.task])
            && any_parameter(theirs, |_, _, it| !it["default"].is_string())
    }),
    Rule::ours("overrides", &["is an interpolation and has no values of its own"], |asked, _| {
        asked.case.overrides.iter().any(|typed| typed.starts_with("docker."))
    }),
    Rule::ours("tasks-as-written", &["leads nowhere: `tasks."], |asked, _| {
        asked.case.cube.contains("'${tasks.")
    }),
    Rule::ours("overrides", &["is not a dotted path", "has no `=`"], |asked, _| {
        !asked.case.overrides.is_empty()
    }),
    Rule::ours("unknown-arguments", &["no parameter `"], |asked, theirs| {
        asked.case.values.iter().any(|typed| !has_parameter(theirs, &asked.case.task, first(typed)))
    }),
    Rule::ours("yaml", &["unknown tag `!!"], |asked, _| asked.case.cube.contains("!!")),
    // What both build, each in its way.
    Rule::rewrite("keys-are-names", |asked, theirs| beside(asked, theirs, &rename_keys)),
    Rule::rewrite("tasks-as-written", tasks_as_written),
    Rule::rewrite("yaml", |asked, theirs| beside(asked, theirs, &keep_question_mark)),
    Rule::rewrite("as-typed", |asked, theirs| beside(asked, theirs, &keep_digits)),
    Rule::rewrite("as-typed", as_typed),
    Rule::rewrite("containers-in-text", |asked, theirs| beside(asked, theirs, &keep_containers)),
    Rule::rewrite("resolvers", |asked, theirs| beside(asked, theirs, &keep_calls)),
    Rule::rewrite("escaped-once", escaped_once),
    Rule::rewrite("typed-values", workspace_as_typed),
    Rule::rewrite("namespace", namespace),
    Rule::rewrite("typed-values", equals_sign),
    Rule::rewrite("slash", slash),
    Rule::rewrite("short-paths", short_paths),
    Rule::rewrite("entrypoint", entrypoint),
    Rule::rewrite("literal-arguments", literal_arguments),
    Rule::rewrite("job-name", job_name),
    Rule::rewrite("labels", label_value),
    Rule::rewrite("labels", labels),
    Rule::rewrite("volume-name", volume_name),
    Rule::rewrite("read-only-inputs", read_only_inputs),
    Rule::rewrite("accelerators", accelerators),
    Rule::rewrite("docker-arguments", docker_arguments),
];

fn restated(asked: &Asked<'_>, row: &str) -> Option<Answer> {
    asked.restated.filter(|(other, _)| *other == row).map(|(_, answer)| answer.clone())
}
