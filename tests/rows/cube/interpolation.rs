//! What an interpolation becomes, and what it says when it becomes nothing.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::cube::{bind, read};
use crate::verbatim;

const AROUND: &str = "
name: n
tasks: {}
a: 1
s: text
f: 0.001
g: 1.0e+16
h: 1e-07
t: yes
nothing: null
m: {x: 1, y: '${s}', up: '${..a}', sib: '${.x}', deep: {up: '${...a}', list: ['${..up}', '${....s}']}}
l: [10, 20, {k: v}]
ref: ${m}
key: x
miss: ???
we-ird: 3
";

/// An expression, and its value or its fault.
type Row = (&'static str, Result<Value, &'static str>);

pub fn all() -> Vec<Trial> {
    let table = |name: &str, rows: Vec<Row>| {
        verbatim(&format!("cube/interpolation/{name}"), rows, |row| row.0, check)
    };
    let found = |rows: Vec<(&'static str, Value)>| {
        rows.into_iter().map(|(text, value)| (text, Ok(value))).collect()
    };
    let wrong = FAULTS.map(|(text, fault)| (text, Err(fault))).to_vec();
    [
        table("paths", found(paths())),
        table("text-around", found(text_around())),
        table("functions", found(functions())),
        verbatim("cube/interpolation/as-typed", AS_TYPED, |row| *row, check_as_typed),
        table("faults", wrong),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check((expression, expected): Row) {
    assert_eq!(resolved(expression), expected.map_err(str::to_owned), "`{expression}`");
}

/// The value of `q`, resolved, or what was said about it.
fn resolved(expression: &str) -> Result<Value, String> {
    let text = format!("{AROUND}q: {}\n", Value::from(expression));
    let cube = read(&text, &[]).unwrap_or_else(|error| panic!("`{expression}` is read: {error}"));
    match cube
        .config
        .faults
        .iter()
        .find(|fault| fault.position().and_then(|at| at.line()) == Some(17))
    {
        Some(fault) => Err(fault.message().to_owned()),
        None => Ok(cube.config.resolved["q"].clone()),
    }
}

/// Scalars that YAML reads as something else than text, or that text would lose a digit of. A text
/// that refers to them has them as they were typed.
const AS_TYPED: [&str; 30] = [
    "1e97532",
    "007",
    "010",
    "0o7",
    "0x1F",
    "0b101",
    "1_000",
    "12:30:45",
    "1:30.5",
    "1.10",
    "1.50",
    "1.0",
    "+1",
    "-0",
    "1e5",
    "1E5",
    ".5",
    "5.",
    ".inf",
    "-.INF",
    ".NaN",
    "~",
    "Null",
    "on",
    "No",
    "True",
    "2001-01-01",
    "123456789012345678901234567890",
    "0.1234567890123456789012345",
    "9223372036854775808",
];

fn check_as_typed(typed: &'static str) {
    let text = format!(
        "name: n\nrev: {typed}\ndocker: {{image: 'x:${{rev}}'}}\ntasks: {{t: {{parameters: {{inputs: \
         {{x: 'a/${{rev}}'}}}}}}}}\n"
    );
    let file = read(&text, &[]).unwrap_or_else(|error| panic!("{typed}: {error}"));
    assert_eq!(file.runner.image.ok(), Some(&format!("x:{typed}")));
    let override_ = format!("-P rev={typed}");
    let argument = read(&text.replace(&format!("rev: {typed}"), "rev: x"), &[&override_]);
    let argument = argument.unwrap_or_else(|error| panic!("{typed}: {error}"));
    assert_eq!(argument.runner.image.ok(), Some(&format!("x:{typed}")));
    let tasks = bind(&argument, &["--task=t"]).unwrap_or_else(|error| panic!("{typed}: {error}"));
    assert_eq!(tasks[0].parameters[0].value.as_str(), format!("a/{typed}"));
}

fn paths() -> Vec<(&'static str, Value)> {
    vec![
        ("${a}", json!(1)),
        ("${t}", json!(true)),
        ("${nothing}", Value::Null),
        ("${ a }", json!(1)),
        ("${m.x}", json!(1)),
        ("${m.y}", json!("text")),
        ("${m.up}", json!(1)),
        ("${m.sib}", json!(1)),
        ("${m.deep.up}", json!(1)),
        ("${m.deep.list}", json!([1, "text"])),
        ("${ref.y}", json!("text")),
        ("${ref.up}", json!(1)),
        ("${m.${key}}", json!(1)),
        ("${m[${key}]}", json!(1)),
        ("${m[x]}", json!(1)),
        ("${[m].x}", json!(1)),
        ("${l[0]}", json!(10)),
        ("${l.1}", json!(20)),
        ("${l[2].k}", json!("v")),
        ("${we-ird}", json!(3)),
        ("${.a}", json!(1)),
        (
            "${m}",
            json!({"x": 1, "y": "text", "up": 1, "sib": 1, "deep": {"up": 1, "list": [1, "text"]}}),
        ),
    ]
}

fn text_around() -> Vec<(&'static str, Value)> {
    vec![
        ("x${a}y", json!("x1y")),
        ("${a}${s}", json!("1text")),
        ("${f} ${g} ${h} ${t} ${nothing}", json!("0.001 1.0e+16 1e-07 yes null")),
        ("${a}}", json!("1}")),
        ("$a", json!("$a")),
        ("$${a}", json!("$1")),
        ("\\${a}", json!("${a}")),
        ("\\${a} ${a}", json!("${a} 1")),
        ("\\\\${a}", json!("\\1")),
        ("\\\\\\${a}", json!("\\${a}")),
        ("a\\b${a}", json!("a\\b1")),
        ("${a}\\\\", json!("1\\\\")),
        ("a\\\\b", json!("a\\\\b")),
    ]
}

fn functions() -> Vec<(&'static str, Value)> {
    vec![
        ("${oc.env:V}", json!("val")),
        ("${oc.env: V }", json!("val")),
        ("${oc.env:\"V\"}", json!("val")),
        ("${oc.env:V}${oc.env:V}", json!("valval")),
        ("${oc.env:INTERPOLATED}", json!("${a}")),
        ("${oc.env:NONE,dflt}", json!("dflt")),
        ("${oc.env:NONE,null}", Value::Null),
        ("${oc.env:NONE,${nothing}}", Value::Null),
        ("${oc.env:NONE,12}", json!("12")),
        ("${oc.env:NONE,007}", json!("007")),
        ("${oc.env:NONE,1_000}", json!("1_000")),
        ("${oc.env:NONE,1e3}", json!("1e3")),
        ("${oc.env:NONE,.5}", json!(".5")),
        ("${oc.env:NONE,-3}", json!("-3")),
        ("${oc.env:NONE,1:30}", json!("1:30")),
        ("${oc.env:NONE,true}", json!("true")),
        ("${oc.env:NONE,}", json!("")),
        ("${oc.env:NONE,''}", json!("")),
        ("${oc.env:NONE,${s}}", json!("text")),
        ("${oc.env:NONE,${a}${s}}", json!("1text")),
        ("${oc.env:NONE,  pad  }", json!("pad")),
        ("${oc.env:NONE,'  pad '}", json!("  pad ")),
        ("${oc.env:NONE,a b  c}", json!("a b  c")),
        ("${oc.env:NONE,a\\,b}", json!("a,b")),
        ("${oc.env:NONE,'q,${s}'}", json!("q,text")),
        ("${oc.env:NONE,\"it's\"}", json!("it's")),
        ("${oc.env:NONE,'it\\'s'}", json!("it's")),
        ("${oc.env:NONE,'a\\\\b'}", json!("a\\\\b")),
        ("${oc.env:NONE,'a\\\\'}", json!("a\\")),
        ("${oc.env:NONE,'\\${a}'}", json!("${a}")),
        ("${oc.env:NONE,/abs/path-1.2}", json!("/abs/path-1.2")),
        ("${oc.env:NONE,localhost:5000}/x", json!("localhost:5000/x")),
        ("${oc.env:${s},none}", json!("none")),
        ("${oc.decode:${oc.env:INT}}", json!(12)),
        ("${oc.decode:'[1, a, \"b\", [null]]'}", json!([1, "a", "b", [null]])),
        ("${oc.decode:'{a: 1, b c: TRUE}'}", json!({"a": 1, "b c": true})),
        ("${oc.decode:null}", Value::Null),
        ("${oc.select:m.x}", json!(1)),
        ("${oc.select:nope}", Value::Null),
        ("${oc.select:nope,7}", json!(7)),
        ("${oc.select:miss,7}", json!(7)),
        ("${oc.select:.a}", json!(1)),
        ("${oc.select:'l[1]'}", json!(20)),
    ]
}

const FAULTS: [(&str, &str); 27] = [
    ("${nope}", "`q`: `${nope}` leads nowhere: there is no `nope`"),
    ("${m.nope}", "`q`: `${m.nope}` leads nowhere: `m` has no `nope`"),
    ("${m.x}${nope}", "`q`: `${nope}` leads nowhere: there is no `nope`"),
    ("${l[5]}", "`q`: `${l[5]}` leads nowhere: `l` is a list without an item `5`"),
    // OmegaConf 2.1.0 refuses it too; later ones count from the end.
    ("${l[-1]}", "`q`: `${l[-1]}` leads nowhere: `l` is a list without an item `-1`"),
    ("${a.b}", "`q`: `${a.b}` leads nowhere: `a` is an integer and has no `b`"),
    ("${nothing.b}", "`q`: `${nothing.b}` leads nowhere: `nothing` is nothing and has no `b`"),
    ("${..a}", "`q`: `${..a}` leads nowhere: its dots climb above the root"),
    ("${q}", "interpolation runs in a circle: `q` → `q`"),
    ("x${m.${q}}", "interpolation runs in a circle: `q` → `q`"),
    ("${oc.env:NONE}", "`q`: the environment variable `NONE` is not set"),
    ("${m.${l}}", "`q`: `${l}` is a list and cannot be a key"),
    // OmegaConf prints the container as Python would, which no path or image can mean.
    ("pre${m}", "`q`: `${m}` is a mapping and cannot stand inside a text"),
    ("${oc.env:NONE,[1]}", "`q`: the default of `oc.env` must be a single value"),
    ("${}", "`q`: the interpolation in `${}` is malformed: expected a key"),
    ("${a", "`q`: the interpolation in `${a` is malformed: it is not closed"),
    ("${a.}", "`q`: the interpolation in `${a.}` is malformed: expected a key"),
    ("${m.[x]}", "`q`: the interpolation in `${m.[x]}` is malformed: expected a key"),
    ("${sp ace}", "`q`: the interpolation in `${sp ace}` is malformed: unexpected `a`"),
    (
        "${oc.env:V,a=b}",
        "`q`: the interpolation in `${oc.env:V,a=b}` is malformed: `=` must be quoted",
    ),
    (
        "${oc.env:V,'a}",
        "`q`: the interpolation in `${oc.env:V,'a}` is malformed: a quote is not closed",
    ),
    ("${oc.env:V,[a}", "`q`: the interpolation in `${oc.env:V,[a}` is malformed: unexpected `}`"),
    ("${oc.env:V,a,b}", "`q`: `oc.env` takes one or two arguments and was given 3"),
    ("${oc.env:1}", "`q`: `oc.env`: expected text, found the integer `1`"),
    ("${oc.dict.keys:m}", "`q`: unknown resolver `oc.dict.keys`"),
    ("${foo:1}", "`q`: unknown resolver `foo`"),
    (
        "${.foo:1}",
        "`q`: the interpolation in `${.foo:1}` is malformed: `.foo` is not the name of a resolver",
    ),
];
