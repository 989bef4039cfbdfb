//! What a shell prints of a folder is what is found in it here.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::support::Folder;
use mlcube_k8s::files::{Kind, digest_of, walk};
use mlcube_k8s::staging::{Check, Entry, What, parse_listing, parse_sums, sums_of};

/// Files with names that mean something to a shell or to `sha256sum`.
const FILES: [&str; 8] =
    ["-rf", "a b", "ü漢", "line\nend", r"back\slash", "'$(x)\"", "return\r", "deep/er/file"];

#[test]
fn a_shell_sees_what_is_found_here() {
    let folder = Folder::new("staging-shell");
    let data = folder.join("data");
    for (number, name) in FILES.iter().enumerate() {
        let file = data.join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
        fs::write(&file, "x".repeat(number)).expect("a file");
    }
    fs::create_dir(data.join("empty")).expect("a folder");
    symlink("a b", data.join("link")).expect("a link");
    fs::set_permissions(data.join("a b"), fs::Permissions::from_mode(0o4751)).expect("changed");
    let found = walk(folder.path(), "data", "data", Kind::Folder).expect("it is found");

    let names = printed(&folder, "find data -print0");
    let stats = printed(&folder, "find data -print0 | xargs -0 stat -c '%s %Y %f'");
    let there = parse_listing(&names, &stats).expect("a listing");
    let here: Vec<Entry> = found.iter().map(|found| unlinked(&found.entry)).collect();
    assert_eq!(there, here);

    let is_file = |entry: &&Entry| matches!(entry.what, What::File(_));
    let files: Vec<&str> = there.iter().filter(is_file).map(|entry| entry.path.as_str()).collect();
    assert_eq!(files.len(), FILES.len());
    let digests: Vec<_> =
        files.iter().map(|file| digest_of(&folder.join(file), None).ok()).collect();
    fs::write(folder.join("names"), files.join("\0")).expect("written");
    let sums = printed(&folder, "xargs -0 sha256sum < names");
    assert_eq!(sums_of(&sums, files.iter().copied()), digests);
    let each = "xargs -0 -n 1 sh -c 'sha256sum < \"$0\" || echo -' < names";
    assert_eq!(parse_sums(&printed(&folder, each)), digests);

    // A file that is gone has no digest, and the others keep theirs.
    fs::remove_file(folder.join(files[2])).expect("removed");
    let rest: Vec<_> =
        digests.iter().enumerate().map(|(at, digest)| digest.filter(|_| at != 2)).collect();
    let sums = printed(&folder, "xargs -0 sha256sum < names || true");
    assert_eq!(sums_of(&sums, files.iter().copied()), rest);
    assert_eq!(parse_sums(&printed(&folder, each)), rest);
}

#[test]
fn a_checksum_is_what_its_tool_prints() {
    let folder = Folder::new("staging-checks");
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    fs::write(folder.join("piece"), &bytes).expect("a file");
    for tool in ["sha1sum", "sha256sum"] {
        let check: Check = tool.parse().expect("a checksum");
        let said = printed(&folder, &format!("{tool} < piece"));
        assert_eq!(String::from_utf8_lossy(&said), format!("{}  -\n", check.of(&bytes)));
    }
    assert!("crc32".parse::<Check>().is_err());
}

/// An entry as a listing has it, without the target of a link.
fn unlinked(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    if let What::Link { target } = &mut entry.what {
        target.clear();
    }
    entry
}

/// What a command prints in a folder.
fn printed(folder: &Folder, command: &str) -> Vec<u8> {
    let folder: &Path = folder.path();
    let output = Command::new("sh").args(["-c", command]).current_dir(folder).output();
    let output = output.expect("a shell starts");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
