//! A check of the contract that a core module carries, before a component is made from it: packages
//! that depend on each other in a cycle would be followed without end. A contract whose interfaces
//! are all of one package has no such cycle.

use wasmparser::{
    ComponentType, ComponentTypeDeclaration, ComponentTypeRef, InstanceTypeDeclaration, Parser,
    Payload,
};

/// The contract cannot be read.
pub const DAMAGED: &str = "its contract is damaged";
/// The contract is not of one package.
const SEVERAL: &str =
    "its contract has interfaces of several packages: turn it into a component first";

/// Check the packages of a contract; `package` is that of the interfaces found so far. The error is
/// a sentence.
pub fn check(contract: &[u8], package: &mut Option<String>) -> Result<(), String> {
    for payload in Parser::new(0).parse_all(contract).flatten() {
        let Payload::ComponentTypeSection(types) = payload else { continue };
        for part in types {
            let part = part.map_err(|_| DAMAGED.to_owned())?;
            check_type(&part, package)?;
        }
    }
    Ok(())
}

fn check_type(part: &ComponentType<'_>, package: &mut Option<String>) -> Result<(), String> {
    match part {
        ComponentType::Component(declarations) => {
            declarations.iter().try_for_each(|declaration| match declaration {
                ComponentTypeDeclaration::Type(part) => check_type(part, package),
                ComponentTypeDeclaration::Import(import) => {
                    check_name(import.name.name, import.ty, package)
                }
                ComponentTypeDeclaration::Export { name, ty } => {
                    check_name(name.name, *ty, package)
                }
                _ => Ok(()),
            })
        }
        ComponentType::Instance(declarations) => {
            declarations.iter().try_for_each(|declaration| match declaration {
                InstanceTypeDeclaration::Type(part) => check_type(part, package),
                InstanceTypeDeclaration::Export { name, ty } => check_name(name.name, *ty, package),
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

/// An interface is an instance; its package stands before the slash, and nothing for one without a
/// package.
fn check_name(
    name: &str,
    ty: ComponentTypeRef,
    package: &mut Option<String>,
) -> Result<(), String> {
    if !matches!(ty, ComponentTypeRef::Instance(_)) {
        return Ok(());
    }
    let its = name.split_once('/').map_or("", |(package, _)| package);
    if package.get_or_insert_with(|| its.to_owned()) == its {
        Ok(())
    } else {
        Err(SEVERAL.to_owned())
    }
}
