//! What a terminal shows, and what a file gets of the same: colours, lines with a hanging indent, and
//! progress on one line. `script` is the terminal.

use std::fs;

use crate::support::terminal::on_terminal;
use crate::support::{self, Folder, policy};

/// The end of a line on a terminal.
const END: &str = "\r\n";

/// What the program shows of a command line; `more` are variables.
fn shown(folder: &Folder, arguments: &str, more: &[(&str, &str)]) -> String {
    let mut command = support::program();
    command.args(arguments.split(' ')).envs(more.iter().copied());
    on_terminal(&command, &folder.join("transcript")).0
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
    let after = after.trim_start_matches(' ');
    assert!(after.starts_with("\r\u{1b}[2K"), "it is removed before the next line: {after:?}");

    let plain = support::program().args(typed.split(' ')).output().expect("the program starts");
    let plain = String::from_utf8(plain.stderr).expect("text");
    assert!(plain.starts_with("compiling large (1 MB), which takes a while\n"), "{plain}");
}
