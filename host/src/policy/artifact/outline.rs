//! The imports and exports of a component, by name, read from its bytes: what is no policy is not
//! compiled to find that out.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentType, Encoding, InstanceTypeDeclaration, Parser,
    Payload,
};

/// The imports and exports of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The names of its imports.
    pub imports: Vec<String>,
    /// The names of its exports.
    pub exports: Vec<String>,
    /// Whether it uses the asynchronous part of the component model.
    pub is_async: bool,
}

/// The custom sections in which `wit-bindgen` leaves the contract of a core module.
const CONTRACT: &str = "component-type";

impl Outline {
    /// Read a component. The error is a sentence.
    pub fn of(component: &[u8]) -> Result<Self, String> {
        let mut outline = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(component) {
            match payload.map_err(|error| error.to_string())? {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(imports) if depth == 1 => {
                    for import in imports.into_iter().flatten() {
                        outline.imports.push(import.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 1 => {
                    for export in exports.into_iter().flatten() {
                        outline.exports.push(export.name.name.to_owned());
                    }
                }
                Payload::ComponentTypeSection(types) => {
                    outline.is_async |= types.into_iter().flatten().any(|ty| is_async(&ty));
                }
                Payload::ComponentCanonicalSection(functions) => {
                    outline.is_async |= functions.into_iter().flatten().any(|it| waits(&it));
                }
                _ => {}
            }
        }
        Ok(outline)
    }

    /// Why no component can be made of a core module, so far as its sections and names show it. The
    /// text says what it is instead.
    pub fn why_no_contract(module: &[u8]) -> Option<String> {
        let (mut imports, mut exports) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module).flatten() {
            match payload {
                Payload::Version { encoding: Encoding::Component, .. } => return None,
                Payload::CustomSection(section) if section.name().starts_with(CONTRACT) => {
                    return None;
                }
                Payload::ImportSection(section) => {
                    let names = section.into_imports().flatten();
                    imports.extend(names.map(|import| import.module.to_owned()));
                }
                Payload::ExportSection(section) => {
                    exports.extend(section.into_iter().flatten().map(|it| it.name.to_owned()));
                }
                _ => {}
            }
        }
        let imports_of = |start: &str| imports.iter().any(|name| name.starts_with(start));
        let why = if imports_of("wasi_snapshot_preview1") || imports_of("wasi_unstable") {
            if exports.iter().any(|name| name == "_start") {
                "it is a program for WASI preview 1 and carries no contract"
            } else {
                "it is a library for WASI preview 1 and carries no contract"
            }
        } else if imports_of("wbg") || imports_of("__wbindgen") {
            "it was built for JavaScript with wasm-bindgen and carries no contract"
        } else if exports.iter().any(|name| name == "protocol_version_v1") || imports_of("wapc") {
            "it is a policy for Kubewarden (waPC) and carries no contract"
        } else {
            "it carries no contract: `mlcube_policy::export!` was not called, or the tool left the \
             contract out"
        };
        Some(why.to_owned())
    }
}

fn is_async(ty: &ComponentType<'_>) -> bool {
    use wasmparser::ComponentDefinedType::{Future, Stream};
    match ty {
        ComponentType::Func(function) => function.async_,
        ComponentType::Defined(defined) => matches!(defined, Future(_) | Stream(_)),
        ComponentType::Instance(declarations) => declarations.iter().any(
            |declaration| matches!(declaration, InstanceTypeDeclaration::Type(ty) if is_async(ty)),
        ),
        _ => false,
    }
}

/// Whether a function is lifted, lowered or built in for asynchronous calls.
fn waits(function: &CanonicalFunction) -> bool {
    match function {
        CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
            options.iter().any(|option| {
                matches!(option, CanonicalOption::Async | CanonicalOption::Callback(_))
            })
        }
        CanonicalFunction::ResourceNew { .. }
        | CanonicalFunction::ResourceDrop { .. }
        | CanonicalFunction::ResourceRep { .. } => false,
        _ => true,
    }
}
