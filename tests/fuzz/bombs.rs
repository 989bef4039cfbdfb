//! Owns the texts that are known to mean harm, each with its name.

use crate::support::cube::Input;

const MEGABYTES: usize = 3 << 20;

/// A name without blanks, and how the text is made.
pub type Bomb = (&'static str, fn() -> Input);

/// All of them.
pub const BOMBS: &[Bomb] = &[
    // Nesting.
    ("flow-lists", || Input::cube("[".repeat(MEGABYTES))),
    ("flow-mappings", || Input::cube("{a: ".repeat(MEGABYTES / 4))),
    ("block-lists", || Input::cube("- ".repeat(MEGABYTES / 2))),
    ("block-mappings", || {
        Input::cube((0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>())
    }),
    ("complex-keys", || Input::cube("? ".repeat(MEGABYTES / 2))),
    ("flow-keys", || Input::cube(format!("a: {}", "{? ".repeat(MEGABYTES / 3)))),
    ("tags", || Input::cube("!a ".repeat(MEGABYTES / 3))),
    ("anchors", || Input::cube("&a ".repeat(MEGABYTES / 3))),
    ("nested-twenty-below-a-path", || Input {
        overrides: vec![format!("{}x={}", "a.".repeat(19), "[".repeat(100) + &"]".repeat(100))],
        ..plain()
    }),
    // Aliases.
    ("billion-laughs", || {
        Input::cube(laughs("lol", |floor| {
            format!("[{}]", vec![format!("*l{floor}"); 10].join(", "))
        }))
    }),
    ("billion-mappings", || {
        Input::cube(laughs("{a: b}", |floor| {
            let entries: Vec<String> = (0..10).map(|key| format!("k{key}: *l{floor}")).collect();
            format!("{{{}}}", entries.join(", "))
        }))
    }),
    ("billion-merges", || {
        Input::cube(laughs("{a: b}", |floor| {
            format!("{{<<: [{}], k{floor}: *l{floor}}}", vec![format!("*l{floor}"); 10].join(", "))
        }))
    }),
    ("quadratic-aliases", || {
        Input::cube(format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a, ".repeat(100_000)))
    }),
    ("many-anchors", || {
        Input::cube((0..100_000).map(|at| format!("k{at}: &a{at} x\n")).collect::<String>())
    }),
    ("anchors-in-anchors", || Input::cube(format!("{}x{}", "&a [".repeat(90), "]".repeat(90)))),
    ("large-anchors", || {
        Input::cube(
            (0..90)
                .map(|at| format!("k{at}: &a{at} [{}]\n", "1, ".repeat(5_000)))
                .collect::<String>(),
        )
    }),
    // Interpolation.
    ("doubled-text", || tower(&"x".repeat(1000), |below| format!("${{a{below}}}${{a{below}}}"))),
    ("doubled-nothing", || tower("''", |below| format!("${{a{below}}}${{a{below}}}"))),
    ("doubled-lists", || tower("x", |below| format!("['${{a{below}}}', '${{a{below}}}']"))),
    ("doubled-mappings", || {
        tower("x", |below| format!("{{l: '${{a{below}}}', r: '${{a{below}}}'}}"))
    }),
    ("chain", || tower("x", |below| format!("${{a{below}}}"))),
    ("nested-interpolations", || {
        named(&format!("{}a{}", "${".repeat(500_000), "}".repeat(500_000)))
    }),
    ("nested-calls", || named(&format!("{}a{}", "${oc.env:".repeat(100_000), "}".repeat(100_000)))),
    ("nested-elements", || named(&format!("${{oc.select:none,{}}}", "[".repeat(500_000)))),
    ("nested-quotes", || named(&"${oc.select:none,'".repeat(100_000))),
    ("unclosed", || named(&"${".repeat(MEGABYTES / 2))),
    ("backslashes", || named(&"\\".repeat(MEGABYTES))),
    ("escaped", || named(&"\\${".repeat(MEGABYTES / 3))),
    ("long-path", || named(&format!("${{{}a}}", "a.".repeat(MEGABYTES / 2)))),
    ("many-in-one", || named(&"${name}".repeat(8_000))),
    ("one-list-everywhere", || {
        Input::cube(format!(
            "{HEAD}l: [{}]\nm: [{}]\n",
            "xxxxxxxx, ".repeat(1_000),
            "'${l}', ".repeat(100_000)
        ))
    }),
    ("one-text-everywhere", || {
        Input::cube(format!(
            "{HEAD}l: {}\nm: [{}]\n",
            "x".repeat(1 << 20),
            "'${l}', ".repeat(10_000)
        ))
    }),
    ("parts-of-a-large-list", || {
        Input::cube(format!(
            "{HEAD}l: [{}]\nm: ['${{l.0}}'{}]\n",
            "x, ".repeat(50_000),
            ", '${l.49999}'".repeat(50_000)
        ))
    }),
    ("circle-of-many", || {
        Input::cube(
            (0..5_000)
                .map(|at| format!("a{at}: '${{a{}}}'\n", (at + 1) % 5_000))
                .collect::<String>()
                + HEAD,
        )
    }),
    ("many-circles", || {
        Input::cube(
            (0..20_000).map(|at| format!("a{at}: '${{a{at}}}'\n")).collect::<String>() + HEAD,
        )
    }),
    ("many-faults", || {
        Input::cube(
            (0..30_000).map(|at| format!("a{at}: '${{none{at}}}'\n")).collect::<String>() + HEAD,
        )
    }),
    ("environment-everywhere", || {
        Input::cube(format!(
            "{HEAD}m: [{}]\n",
            format!("'${{oc.env:{}}}', ", "X".repeat(10_000)).repeat(300)
        ))
    }),
    // Size.
    ("megabytes-of-text", || named(&"x".repeat(MEGABYTES))),
    ("megabytes-of-key", || Input::cube(format!("{HEAD}? {}\n: 1\n", "k".repeat(MEGABYTES)))),
    ("megabytes-of-digits", || Input::cube(format!("{HEAD}a: {}\n", "1".repeat(MEGABYTES)))),
    ("megabytes-of-fraction", || Input::cube(format!("{HEAD}a: 0.{}e9\n", "1".repeat(MEGABYTES)))),
    ("megabytes-of-sixties", || Input::cube(format!("{HEAD}a: {}1\n", "1:".repeat(MEGABYTES / 2)))),
    ("megabytes-of-underscores", || Input::cube(format!("{HEAD}a: 1{}\n", "_".repeat(MEGABYTES)))),
    ("megabytes-of-comment", || Input::cube(format!("#{}\n{HEAD}", "c".repeat(MEGABYTES)))),
    ("megabytes-of-lines", || Input::cube("\n".repeat(MEGABYTES) + HEAD)),
    ("megabytes-folded", || {
        Input::cube(format!("{HEAD}a: >\n{}", "  x\n\n".repeat(MEGABYTES / 5)))
    }),
    ("megabytes-of-escapes", || {
        Input::cube(format!("{HEAD}a: \"{}\"\n", "\\u00e9".repeat(MEGABYTES / 6)))
    }),
    ("too-large", || Input::cube("x".repeat(5 << 20))),
    ("small-values", || Input::cube(format!("{HEAD}a: [{}]\n", "1,".repeat(MEGABYTES / 2)))),
    ("empty-lists", || Input::cube(format!("{HEAD}a: [{}]\n", "[],".repeat(MEGABYTES / 3)))),
    ("empty-mappings", || Input::cube(format!("{HEAD}a: [{}]\n", "{},".repeat(MEGABYTES / 3)))),
    ("many-keys", || {
        Input::cube((0..250_000).map(|at| format!("k{at}:\n")).collect::<String>() + HEAD)
    }),
    ("many-dashes", || Input::cube(format!("{HEAD}a:\n{}", "-\n".repeat(MEGABYTES / 2)))),
    ("many-documents", || Input::cube("---\n".repeat(MEGABYTES / 4))),
    ("as-many-values-as-go-in", || Input::cube(format!("{HEAD}a: [{}]\n", "1,".repeat(60_000)))),
    ("as-many-mappings-as-go-in", || {
        Input::cube(format!("{HEAD}a: [{}]\n", "{a: },".repeat(20_000)))
    }),
    ("as-much-text-as-goes-in", || {
        Input::cube(format!("{HEAD}a: {}\n", "x".repeat((4 << 20) - 1000)))
    }),
    // A cube that is only large.
    ("many-tasks", || {
        Input::cube(format!(
            "name: c\ndocker: {{image: i}}\ntasks:\n{}",
            (0..7_500)
                .map(|at| format!("  t{at}: {{parameters: {{inputs: {{x: a}}}}}}\n"))
                .collect::<String>()
        ))
    }),
    ("many-parameters", || {
        Input::cube(format!(
            "name: c\ndocker: {{image: i}}\ntasks:\n  t:\n    parameters:\n      inputs:\n{}",
            (0..30_000).map(|at| format!("        x{at}: a/{at}\n")).collect::<String>()
        ))
    }),
    ("many-words", || {
        Input::cube(format!(
            "name: c\ndocker: {{image: i}}\ntasks: {{t: {{entrypoint: '{}'}}}}\n",
            "a ".repeat(1 << 20)
        ))
    }),
    ("many-variables", || {
        Input::cube(format!(
            "{HEAD}k8s:\n  env:\n{}",
            (0..30_000).map(|at| format!("    E{at}: v\n")).collect::<String>()
        ))
    }),
    ("large-default", || {
        Input::cube(format!(
            "name: c\ndocker: {{image: i}}\ntasks: {{t: {{parameters: {{inputs: {{x: {}}}}}}}}}\n",
            "a/".repeat(MEGABYTES / 2)
        ))
    }),
    ("large-override", || Input {
        overrides: vec![format!("a={}", "x".repeat(MEGABYTES))],
        ..plain()
    }),
    ("long-override-path", || Input {
        overrides: vec![format!("{}a=1", "a.".repeat(MEGABYTES / 2))],
        ..plain()
    }),
    ("many-overrides", || Input {
        overrides: (0..5_000).map(|at| format!("a.b{at}.c=1")).collect(),
        ..plain()
    }),
    ("large-settings", || Input {
        system: Some(format!("platforms: {{k8s: {{runner: k8s}}, x: [{}]}}", "1,".repeat(60_000))),
        ..plain()
    }),
    ("unknown-platform-of-many", || Input {
        system: Some(format!(
            "platforms:\n{}",
            (0..25_000)
                .map(|at| format!("  platform-with-a-long-name-{at}: {{}}\n"))
                .collect::<String>()
        )),
        platform: Some("platform-with-a-name".into()),
        ..plain()
    }),
    ("all-at-once", || Input {
        overrides: vec![format!("b=[{}]", "1,".repeat(60_000))],
        system: Some(format!("platforms: {{x: [{}]}}", "1,".repeat(60_000))),
        ..Input::cube(format!("{HEAD}a: [{}]\n", "1,".repeat(60_000)))
    }),
    ("large-value", || Input {
        cube: "name: c\ndocker: {image: i}\ntasks: {t: {parameters: {inputs: {x: a}}}}\n".into(),
        values: vec![format!("x={}", "a/../".repeat(100_000))],
        ..Input::default()
    }),
];

const HEAD: &str = "name: c\ndocker: {image: i}\ntasks: {}\n";

fn plain() -> Input {
    Input::cube(HEAD)
}

fn named(name: &str) -> Input {
    Input::cube(format!("name: '{name}'\ndocker: {{image: i}}\ntasks: {{}}\n"))
}

/// Each floor is made of the one below it.
fn laughs(first: &str, floor: impl Fn(usize) -> String) -> String {
    (1..12).fold(format!("l0: &l0 {first}\n"), |text, number| {
        text + &format!("l{number}: &l{number} {}\n", floor(number - 1))
    })
}

/// `name` is the last of forty values, each made of the one before.
fn tower(first: &str, floor: impl Fn(usize) -> String) -> Input {
    let floors: String =
        (1..40).map(|number| format!("a{number}: {}\n", floor(number - 1))).collect();
    Input::cube(format!("a0: {first}\n{floors}name: ${{a39}}\ndocker: {{image: i}}\ntasks: {{}}\n"))
}
