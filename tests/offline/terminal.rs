//! What a terminal shows, and what a file gets of the same: colours, lines with a hanging indent, and
//! progress on one line. `script` is the terminal.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{self, Folder, policy};

/// The end of a line on a terminal.
const END: &str = "\r\n";

/// Run a command line on a terminal that does not tell its width; `more` are variables. Gives what is
/// shown.
fn shown(folder: &Folder, arguments: &str, more: &[(&str, &str)]) -> String {
    let program = support::program();
    let transcript = folder.join("transcript");
    let line = format!("{} {arguments}", program.get_program().display());
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &line]).arg(&transcript);
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.env("TERM", "xterm").env_remove("NO_COLOR").envs(more.iter().copied());
    script.current_dir(support::workspace()).stdin(Stdio::null()).stdout(Stdio::null());
    assert!(script.status().expect("`script` is of Debian's essential packages").success());
    let text = fs::read_to_string(transcript).expect("a transcript");
    // `script` writes a line of its own before and after.
    let (_, text) = text.split_once('\n').expect("a first line");
    text.split("\nScript done").next().unwrap_or_default().to_owned()
}

#[test]
fn messages_hang_behind_their_first_word() {
    let folder = Folder::new("terminal-messages");
    let typed = "render --mlcube tests/cases/documented -Pdocker.image=null";
    let error = "no image: neither `docker.image` nor `k8s.image` is set";
    let plain = support::program().args(typed.split(' ')).output().expect("the program starts");
    let plain = String::from_utf8(plain.stderr).expect("text");
    assert!(plain.contains(error) && !plain.contains('\u{1b}'), "{plain}");

    let expected = "error: `tests/cases/documented/mlcube.yaml`: no image: neither `docker.image`\r\n       nor `k8s.image` is set\r\nhint: add `docker: {image: …}` to the file, or give `-P docker.image=…`";
    let coloured = shown(&folder, typed, &[]);
    assert!(coloured.starts_with("\u{1b}[31merror:\u{1b}[0m"), "{coloured:?}");
    let uncoloured = shown(&folder, typed, &[("NO_COLOR", "1")]);
    assert_eq!(uncoloured.trim_end_matches(END), expected, "{uncoloured:?}");
    assert_eq!(coloured.replace("\u{1b}[31m", "").replace("\u{1b}[0m", ""), uncoloured);
}

#[test]
fn progress_is_one_line_that_goes_away() {
    let folder = Folder::new("terminal-progress");
    let file = folder.join("large.wasm");
    let mut bytes = policy::bytes("node-selector");
    // A custom section without a name that makes the file worth a word.
    let size = (1_u32 << 20) + 1;
    let leb = [0x81, 0x80, 0x40];
    bytes.extend([0].into_iter().chain(leb).chain([0]));
    bytes.resize(bytes.len() + size as usize - 1, 0);
    fs::write(&file, bytes).expect("the policy can be written");
    let typed = format!(
        "render --no-cache --mlcube tests/cases/documented --policy large={} --set large.tasks={{}}",
        file.display()
    );

    let coloured = shown(&folder, &typed, &[]);
    let progress = "\r\u{1b}[2Kcompiling large (1 MB), which takes a while";
    assert!(coloured.contains(progress), "{coloured:?}");
    let (_, after) = coloured.split_once(progress).expect("progress");
    assert!(after.starts_with("\r\u{1b}[2K"), "it is removed before the next line: {after:?}");

    let plain = support::program().args(typed.split(' ')).output().expect("the program starts");
    let plain = String::from_utf8(plain.stderr).expect("text");
    assert!(plain.starts_with("compiling large (1 MB), which takes a while\n"), "{plain}");
}
