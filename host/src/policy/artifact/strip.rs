//! Removal of the names of functions from a policy's code. They are for debugging, this program
//! never shows them, and every start would read them again.

use super::scan::is_core_module;
use wasmparser::{BinaryReader, BinaryReaderError};

/// The custom sections with names, of a core module and of a component.
const NAMES: [&str; 2] = ["name", "component-name"];
/// The bytes before the first section: the magic number, the version and the layer.
const HEADER: usize = 8;
/// The ids of the sections that are handled.
const CUSTOM: u8 = 0;
const CORE_MODULE: u8 = 1;
const COMPONENT: u8 = 4;

/// The same component or core module without its names, and without those of everything nested in
/// it. The depth of nesting was checked before.
pub fn strip_names(bytes: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut reader = BinaryReader::new(bytes, 0);
    let mut kept = reader.read_bytes(HEADER)?.to_vec();
    let is_component = !is_core_module(bytes);
    while !reader.eof() {
        let kind = reader.read_u8()?;
        let size = reader.read_var_u32()?;
        let content = reader.read_bytes(size as usize)?;
        match kind {
            CUSTOM if NAMES.contains(&BinaryReader::new(content, 0).read_string()?) => {}
            CORE_MODULE | COMPONENT if is_component => put(&mut kept, kind, &strip_names(content)?),
            _ => put(&mut kept, kind, content),
        }
    }
    Ok(kept)
}

/// Add a section: its id, its size in LEB128, its content.
fn put(kept: &mut Vec<u8>, kind: u8, content: &[u8]) {
    kept.push(kind);
    let mut size = content.len();
    while size > 127 {
        kept.push((size & 127) as u8 | 128);
        size >>= 7;
    }
    kept.push(size as u8);
    kept.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_but_names() {
        let long = "x".repeat(300);
        let module = |name: &str| {
            format!(
                r#"(core module {name}
                    (@custom "kept" "{long}") (func {name} (export "f")) (memory {name} 1))"#
            )
        };
        let component = |name: &str| {
            let module = module(name);
            let text = format!(
                "(component {name} {module} (component {module}) \
                 (core instance {name} (instantiate 0)))"
            );
            wat::parse_str(text).expect("sound text")
        };
        let named = component("$secret");
        let nameless = component("");
        let found = |bytes: &[u8]| bytes.windows(6).filter(|window| window == b"secret").count();
        let text =
            |bytes: &[u8]| bytes.windows(300).filter(|window| window == &long.as_bytes()).count();
        let lean = strip_names(&named).expect("sound");
        assert!(
            found(&named) > 5 && found(&lean) == 0,
            "{} names, then {}",
            found(&named),
            found(&lean)
        );
        assert_eq!((text(&named), text(&lean)), (2, 2), "other sections stay");
        assert_eq!(lean, nameless);
        assert!(strip_names(&named[..named.len() - 3]).is_err(), "damage is an error, not a panic");
    }
}
