//! Any text is read or refused: nothing panics, and no path leaves its claim.

use proptest::prelude::*;

use crate::support::cube::{bind, read};

/// Pieces of which cubes and their faults are made.
const PIECES: [&str; 48] = [
    "name",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "\n      ",
    "tasks",
    "train",
    "parameters",
    "inputs",
    "outputs",
    "type",
    "default",
    "opts",
    "entrypoint",
    "docker",
    "image",
    "k8s",
    "pvc",
    "env",
    "resources",
    "limits",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    "\"",
    "&a ",
    "*a",
    "<<",
    "!!str ",
    "${",
    "}",
    ".",
    "..",
    "oc.env:",
    "oc.select:",
    "oc.decode:",
    "\\",
    "???",
    "null",
    "0x1f",
    "1e3",
    "~",
    "é\u{feff}\u{0}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = read(&text, &[]);
        let _ = read("name: c\ntasks: {}\n", &[&format!("-P {text}")]);
        let _ = read("name: c\ntasks: {}\n", &[&format!("--system={text}")]);
    }

    #[test]
    fn any_pieces_are_read_or_refused(picks in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        let _ = read(&text, &[]);
        if let Ok(cube) = read(&format!("name: c\ntasks: {{t: {{parameters: {{inputs: {{x: {}}}}}}}}}\n", serde_json::Value::from(text.as_str())), &[]) {
            let _ = bind(&cube, &["--task=t"]);
            let _ = bind(&cube, &["--task=t", &format!("x={text}")]);
        }
    }

    #[test]
    fn any_default_stays_inside_the_claim(value in "[a./\\\\~$ :-]{0,12}") {
        let cube = read(&format!("name: c\ntasks: {{t: {{parameters: {{inputs: {{x: {}}}}}}}}}\n", serde_json::Value::from(value.as_str())), &[]);
        if let Ok(tasks) = cube.and_then(|cube| bind(&cube, &["--task=t"])) {
            let path = tasks[0].parameters[0].value.as_str().to_owned();
            prop_assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".." || part == "."), "{path}");
            prop_assert!(path.is_empty() || path.split('/').all(|part| !part.is_empty()), "{path}");
        }
    }
}
