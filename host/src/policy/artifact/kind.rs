//! What a file is that is not WebAssembly, told by its first bytes and its name, so that whoever
//! gave the wrong file knows which.

use std::path::Path;

/// The kind of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The kind, with its article.
    pub name: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const BUILD: &str = "build the policy for WebAssembly: `cargo build --release --target \
     wasm32-unknown-unknown`, and pass the `.wasm` file";
const UNPACK: &str = "unpack it, and pass the `.wasm` file that is in it";
const COMPONENT: &str = "pass the `.wasm` file that is built from it; docs/policies.md says how";
const FETCH: &str = "look into the file: what it says is why there is no policy in it";
const PASS: &str = "pass the `.wasm` file of a policy";

/// The bytes with which a file of a kind begins.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"\x7fELF", "a native program or library (ELF)", BUILD),
    (b"\xcf\xfa\xed\xfe", "a native program or library (Mach-O)", BUILD),
    (b"\xce\xfa\xed\xfe", "a native program or library (Mach-O)", BUILD),
    (b"\xca\xfe\xba\xbe", "a native program (Mach-O) or a Java class", BUILD),
    (b"MZ", "a native program or library (Windows)", BUILD),
    (b"!<arch>\n", "a static library", BUILD),
    (b"BC\xc0\xde", "LLVM bitcode", BUILD),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "a zip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!", "a rar archive", UNPACK),
    (b"#!", "a script", COMPONENT),
];
/// Where a tar archive says that it is one.
const TAR: std::ops::Range<usize> = 257..262;
/// The operating system of an ELF file that is wasmtime's native code.
const WASMTIME: (usize, u8) = (7, 200);
/// The bytes that are looked at to tell text.
const START: usize = 1024;

/// Kinds of text by the ending of the name.
const SOURCES: [(&str, &str); 12] = [
    ("py", "Python source"),
    ("js", "JavaScript source"),
    ("mjs", "JavaScript source"),
    ("ts", "TypeScript source"),
    ("rs", "Rust source"),
    ("go", "Go source"),
    ("c", "C source"),
    ("wit", "an interface in WIT"),
    ("toml", "a TOML file"),
    ("yaml", "a YAML file"),
    ("yml", "a YAML file"),
    ("json", "a JSON file"),
];

impl Kind {
    /// The kind of a file that is not WebAssembly; none if it is.
    pub fn other_than_wasm(bytes: &[u8], path: &Path) -> Option<Self> {
        if bytes.starts_with(b"\0asm") {
            return None;
        }
        let kind = |name, remedy| Some(Self { name, remedy });
        if bytes.is_empty() {
            return kind("empty", "build the policy again, or fetch the file again");
        }
        let (place, wasmtime) = WASMTIME;
        if bytes.starts_with(b"\x7fELF") && bytes.get(place) == Some(&wasmtime) {
            return kind(
                "native code that wasmtime compiled",
                "pass the `.wasm` file from which it was compiled; this program compiles it itself",
            );
        }
        if let Some((_, name, remedy)) = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
            return kind(name, remedy);
        }
        if bytes.get(TAR) == Some(b"ustar") {
            return kind("a tar archive", UNPACK);
        }
        match text(bytes) {
            Some(text) => Some(of_text(&text, path)),
            None if bytes.iter().take(START).all(|byte| *byte == 0) => {
                kind("zeros", "fetch or copy the file again: it may not have arrived as a whole")
            }
            None => kind("a file of another kind", PASS),
        }
    }
}

/// The beginning of a file that is text, without white space before it.
fn text(bytes: &[u8]) -> Option<String> {
    let start = &bytes[..bytes.len().min(START)];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let whole = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A character may be cut at the end.
        Err(error) if start.len() - error.valid_up_to() < 4 && bytes.len() > START => {
            std::str::from_utf8(&start[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_plain = |sign: char| !sign.is_control() || matches!(sign, '\n' | '\r' | '\t' | '\u{c}');
    whole.chars().all(is_plain).then(|| whole.trim_start().to_owned())
}

fn of_text(text: &str, path: &Path) -> Kind {
    let kind = |name, remedy| Kind { name, remedy };
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let lower = text.to_lowercase();
    if ["(module", "(component", ";;", "(;"].iter().any(|start| text.starts_with(start)) {
        return kind(
            "the text of WebAssembly (WAT)",
            "make it binary: `wasm-tools parse FILE.wat -o FILE.wasm`",
        );
    }
    if ["<!doctype html", "<html"].iter().any(|start| lower.starts_with(start)) {
        return kind("a web page (HTML)", FETCH);
    }
    if text.starts_with("version ") && text.contains("\noid sha256:") {
        return kind("a pointer of Git LFS", "fetch the file itself: `git lfs pull`");
    }
    if let Some((_, name)) = SOURCES.iter().find(|(known, _)| *known == ending) {
        return kind(name, COMPONENT);
    }
    if text.starts_with('<') {
        return kind("an XML file", FETCH);
    }
    if text.starts_with('{') {
        return kind("a JSON file", FETCH);
    }
    kind("a text", PASS)
}
