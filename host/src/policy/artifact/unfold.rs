//! What the types of a component are for the compiler. It goes through a type once more wherever a
//! function with it is imported, exported, lifted or lowered, and through each part of a type wherever
//! it is named: a small file can name types that unfold without end.

use std::collections::HashMap;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentInstanceTypeId, ComponentItem, ComponentTypeId, ComponentValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{
    BinaryReaderError, CanonicalFunction, ComponentInstance, Parser, Payload, Validator,
    WasmFeatures,
};

/// The steps of one place in an unfolded type: code may be made for it.
const PLACE: u64 = 20;
/// The bytes of names in an unfolded type that are a step: they are hashed each time.
const NAMES: u64 = 250;

/// The work that the types of a component are, in steps of the limit `compile-steps`.
///
/// # Errors
/// The component is invalid.
pub fn unfold(component: &[u8]) -> Result<u64, BinaryReaderError> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut unfolding = Unfolding::default();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        // Bodies of functions are not read here.
        validator.payload(&payload)?;
        if let Some(types) = validator.types(0) {
            unfolding.take(&payload, types)?;
        }
    }
    Ok(unfolding.all / NAMES)
}

/// Weights are in bytes of names.
#[derive(Default)]
struct Unfolding {
    /// Of everything that was read.
    all: u64,
    /// What had been read when each module or component that is being read began.
    begun: Vec<u64>,
    /// The weight of what a component does each time it is instantiated.
    components: HashMap<ComponentTypeId, u64>,
    /// The weights of types.
    known: HashMap<ComponentDefinedTypeId, u64>,
}

impl Unfolding {
    /// Read the next part; the types are those that are known behind it.
    fn take(
        &mut self,
        payload: &Payload<'_>,
        types: TypesRef<'_>,
    ) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::Version { .. } => self.begun.push(self.all),
            Payload::End(_) => self.end(types),
            Payload::ComponentImportSection(imports) => {
                for import in imports.clone() {
                    self.item(types.component_item_for_import(import?.name.name), types);
                }
            }
            Payload::ComponentExportSection(exports) => {
                for export in exports.clone() {
                    self.item(types.component_item_for_export(export?.name.name), types);
                }
            }
            Payload::ComponentCanonicalSection(functions) => {
                for function in functions.clone() {
                    let ty = match function? {
                        CanonicalFunction::Lift { type_index, .. } => {
                            types.component_any_type_at(type_index)
                        }
                        CanonicalFunction::Lower { func_index, .. } => {
                            types.component_function_at(func_index).into()
                        }
                        _ => continue,
                    };
                    let weight = self.any(ty, types);
                    self.add(weight);
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances.clone() {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        let component = types.component_at(component_index);
                        let inner = self.components.get(&component).copied().unwrap_or_default();
                        let outer = self.component(component, types);
                        self.add(inner.saturating_add(outer));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// End a module or component; the types are those of what it is in.
    fn end(&mut self, types: TypesRef<'_>) {
        let inner = self.all - self.begun.pop().unwrap_or_default();
        if let Some(last) = types.component_count().checked_sub(1) {
            let inner_most = self.components.entry(types.component_at(last)).or_default();
            *inner_most = inner.max(*inner_most);
        }
    }

    fn add(&mut self, weight: u64) {
        self.all = self.all.saturating_add(weight);
    }

    fn item(&mut self, item: Option<&ComponentItem>, types: TypesRef<'_>) {
        let weight = item.map_or(0, |item| self.entity(&item.ty, types));
        self.add(weight);
    }

    fn entity(&mut self, entity: &ComponentEntityType, types: TypesRef<'_>) -> u64 {
        match entity {
            ComponentEntityType::Module(_) => PLACE * NAMES,
            ComponentEntityType::Func(id) => self.function(*id, types),
            ComponentEntityType::Value(value) => self.value(value, types),
            ComponentEntityType::Type { created, .. } => self.any(*created, types),
            ComponentEntityType::Instance(id) => self.instance(*id, types),
            ComponentEntityType::Component(id) => self.component(*id, types),
        }
    }

    fn any(&mut self, ty: ComponentAnyTypeId, types: TypesRef<'_>) -> u64 {
        match ty {
            ComponentAnyTypeId::Resource(_) => PLACE * NAMES,
            ComponentAnyTypeId::Defined(id) => self.defined(id, types),
            ComponentAnyTypeId::Func(id) => self.function(id, types),
            ComponentAnyTypeId::Instance(id) => self.instance(id, types),
            ComponentAnyTypeId::Component(id) => self.component(id, types),
        }
    }

    fn component(&mut self, id: ComponentTypeId, types: TypesRef<'_>) -> u64 {
        let ty = &types[id];
        sum(ty.imports.values().chain(ty.exports.values()).map(|it| self.entity(&it.ty, types)))
    }

    fn instance(&mut self, id: ComponentInstanceTypeId, types: TypesRef<'_>) -> u64 {
        sum(types[id].exports.values().map(|item| self.entity(&item.ty, types)))
    }

    fn function(&mut self, id: ComponentFuncTypeId, types: TypesRef<'_>) -> u64 {
        let ty = &types[id];
        let values = ty.params.iter().map(|(_, value)| value).chain(&ty.result);
        sum(values.map(|value| self.value(value, types)))
    }

    fn value(&mut self, value: &ComponentValType, types: TypesRef<'_>) -> u64 {
        match value {
            ComponentValType::Primitive(_) => PLACE * NAMES,
            ComponentValType::Type(id) => self.defined(*id, types),
        }
    }

    fn defined(&mut self, id: ComponentDefinedTypeId, types: TypesRef<'_>) -> u64 {
        use ComponentDefinedType as Type;
        if let Some(weight) = self.known.get(&id) {
            return *weight;
        }
        let mut maybe = |value: &Option<ComponentValType>| {
            value.as_ref().map_or(0, |value| self.value(value, types))
        };
        let parts = match &types[id] {
            Type::Primitive(_) | Type::Own(_) | Type::Borrow(_) => 0,
            Type::Flags(names) | Type::Enum(names) => {
                sum(names.iter().map(|name| name.len() as u64))
            }
            Type::Record(ty) => sum(ty
                .fields
                .iter()
                .map(|(name, value)| self.value(value, types).saturating_add(name.len() as u64))),
            Type::Variant(ty) => sum(ty
                .cases
                .iter()
                .map(|(name, case)| maybe(&case.ty).saturating_add(name.len() as u64))),
            Type::Tuple(ty) => sum(ty.types.iter().map(|value| self.value(value, types))),
            Type::List { element, .. } => self.value(element, types),
            Type::FixedLengthList { element, length, .. } => {
                self.value(element, types).saturating_mul(u64::from(*length).max(1))
            }
            Type::Map { key, value, .. } => {
                self.value(key, types).saturating_add(self.value(value, types))
            }
            Type::Option { ty, .. } => self.value(ty, types),
            Type::Result { ok, err, .. } => maybe(ok).saturating_add(maybe(err)),
            Type::Future { ty, .. } | Type::Stream { ty, .. } => maybe(ty),
        };
        let weight = parts.saturating_add(PLACE * NAMES);
        self.known.insert(id, weight);
        weight
    }
}

fn sum(weights: impl Iterator<Item = u64>) -> u64 {
    weights.fold(0, u64::saturating_add)
}
