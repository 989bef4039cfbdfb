//! A scan of a file before it is compiled. An odd file can make compiling expensive, so everything
//! that makes it so is counted first. Nothing of the file is trusted or run here.

mod module;
#[cfg(test)]
mod tests;
mod work;

use super::contract;
use crate::policy::{Exceeded, Limit, Limits};
use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, Encoding, Parser, Payload,
};

/// The sections in which `wit-bindgen` leaves the contract of a core module: each is a component in
/// itself.
const CONTRACT: &str = "component-type";
/// The bytes of one section of types that may look like the start of a nested type. Their number
/// bounds the depth, which is not known before it is read, and reading takes stack.
const NESTED_TYPES: usize = 4096;
/// The size that an item counts for if it takes hardly a byte in the file.
const SMALLEST: usize = 8;

/// The reason why a file is not compiled.
#[derive(Debug, PartialEq, Eq)]
pub enum ScanError {
    /// It would exceed a limit.
    Exceeds(Exceeded),
    /// It is damaged.
    Damaged(String),
}

impl From<BinaryReaderError> for ScanError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<Exceeded> for ScanError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeds(exceeded)
    }
}

/// Check the sizes in a component or core module, and in everything nested in it.
pub fn scan(bytes: &[u8], limits: &Limits) -> Result<(), ScanError> {
    let mut scan = Scan {
        bytes,
        limits,
        functions: 0,
        table_elements: 0,
        steps: 0,
        package: None,
        scopes: Vec::new(),
    };
    Parser::new(0).parse_all(bytes).try_for_each(|payload| scan.take(&payload?))
}

struct Scan<'b> {
    bytes: &'b [u8],
    limits: &'b Limits,
    functions: usize,
    /// Of all tables: their initial elements are computed when they are compiled.
    table_elements: u64,
    /// The work for the compiler, estimated.
    steps: u64,
    /// The package of the contract of a core module.
    package: Option<String>,
    /// From the outermost to the one that is being read.
    scopes: Vec<Scope>,
}

/// A module or component that is being read.
#[derive(Default)]
struct Scope {
    is_component: bool,
    /// The size of its declarations, instantiated components included each time: wasmtime unfolds
    /// them all.
    declared: usize,
    /// The size of each component in its index space; none for an imported one.
    components: Vec<Option<usize>>,
    /// The number of parameters and results of each type of a module.
    arities: Vec<u64>,
    /// The work for what a module sets up when it is instantiated: all of it is one function.
    setup: u64,
}

impl Scan<'_> {
    fn take(&mut self, payload: &Payload<'_>) -> Result<(), ScanError> {
        match payload {
            Payload::Version { encoding, .. } => self.enter(*encoding == Encoding::Component)?,
            Payload::End(_) => self.leave()?,
            Payload::CodeSectionStart { count, .. } => {
                self.functions = self.functions.saturating_add(*count as usize);
                self.limits.check(Limit::Functions, self.functions)?;
            }
            Payload::CodeSectionEntry(body) => self.function(body)?,
            Payload::CustomSection(section) if section.name().starts_with(CONTRACT) => {
                self.contract(section.data())?;
            }
            Payload::ModuleSection { .. }
            | Payload::ComponentSection { .. }
            | Payload::CustomSection(_) => {}
            Payload::TableSection(tables) => {
                for table in tables.clone() {
                    self.table_elements = self.table_elements.saturating_add(table?.ty.initial);
                }
                let all = usize::try_from(self.table_elements).unwrap_or(usize::MAX);
                self.limits.check(Limit::TableElements, all)?;
                self.declaration(payload)?;
            }
            Payload::DataSection(segments) => {
                self.declare(segments.count() as usize * SMALLEST)?;
                self.set_up(u64::from(segments.count()) * work::SETUP)?;
            }
            _ => self.declaration(payload)?,
        }
        Ok(())
    }

    fn contract(&mut self, contract: &[u8]) -> Result<(), ScanError> {
        scan(contract, self.limits).map_err(|error| match error {
            ScanError::Damaged(_) => ScanError::Damaged(contract::DAMAGED.into()),
            exceeds => exceeds,
        })?;
        contract::check(contract, &mut self.package).map_err(ScanError::Damaged)
    }

    fn declaration(&mut self, payload: &Payload<'_>) -> Result<(), ScanError> {
        match payload {
            Payload::ComponentTypeSection(types) => self.types(types.range())?,
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances.clone() {
                    self.instantiate(&instance?)?;
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases.clone() {
                    self.alias(&alias?);
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    if import?.ty.kind() == ComponentExternalKind::Component {
                        self.scope().components.push(None);
                    }
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Component {
                        let same = self.component(0, export.index);
                        self.scope().components.push(same);
                    }
                }
            }
            _ => {}
        }
        self.declare(payload.as_section().map_or(0, |(_, range)| range.len()))?;
        self.module(payload)
    }

    /// Enter a module or component.
    fn enter(&mut self, is_component: bool) -> Result<(), ScanError> {
        self.scopes.push(Scope { is_component, ..Scope::default() });
        Ok(self.limits.check(Limit::Nesting, self.scopes.len())?)
    }

    fn leave(&mut self) -> Result<(), ScanError> {
        let Some(ended) = self.scopes.pop().filter(|_| !self.scopes.is_empty()) else {
            return Ok(());
        };
        if ended.is_component {
            self.scope().components.push(Some(ended.declared));
        }
        self.declare(ended.declared)
    }

    /// The module or component that is being read.
    fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        self.scopes.last_mut().expect("pushed above")
    }

    fn declare(&mut self, size: usize) -> Result<(), ScanError> {
        let scope = self.scope();
        scope.declared = scope.declared.saturating_add(size);
        let declared = scope.declared;
        Ok(self.limits.check(Limit::Declarations, declared)?)
    }

    fn types(&self, range: std::ops::Range<usize>) -> Result<(), ScanError> {
        let starts = |byte: &&u8| matches!(**byte, 0x41 | 0x42);
        match self.bytes[range].iter().filter(starts).count() {
            0..=NESTED_TYPES => Ok(()),
            _ => Err(ScanError::Damaged("its types are nested too deeply".into())),
        }
    }

    fn instantiate(&mut self, instance: &ComponentInstance<'_>) -> Result<(), ScanError> {
        let ComponentInstance::Instantiate { component_index, .. } = instance else {
            return Ok(());
        };
        match self.component(0, *component_index) {
            Some(declared) => self.declare(declared),
            None => Err(ScanError::Damaged(
                "it instantiates a component that is imported or does not exist".into(),
            )),
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        let component = match alias {
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => None,
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                self.component(*count as usize, *index)
            }
            _ => return,
        };
        self.scope().components.push(component);
    }

    /// The size of a component that is so many scopes further out.
    fn component(&self, outwards: usize, index: u32) -> Option<usize> {
        let scope = self.scopes.iter().rev().nth(outwards)?;
        scope.components.get(index as usize).copied().flatten()
    }
}

/// A core module has version 1 in layer 0; a component has layer 1.
pub fn is_core_module(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(&[1, 0, 0, 0])
}
