//! A look at the contract that a core module carries, before a component is made by it: packages that depend on each other
//! in a circle would be followed without end. A contract whose interfaces are all of one package has no such circle.

use super::Limits;
use super::scan::{Unfit, scan};
use wasmparser::{ComponentType, ComponentTypeDeclaration, ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload};

/// Check a contract; `package` is that of the interfaces found so far.
pub fn check(contract: &[u8], limits: &Limits, package: &mut Option<String>) -> Result<(), Unfit> {
    let damaged = |_| Unfit::Damaged("its contract is damaged".into());
    scan(contract, limits).map_err(|unfit| match unfit {
        Unfit::Damaged(_) => damaged(()),
        exceeds => exceeds,
    })?;
    for payload in Parser::new(0).parse_all(contract).flatten() {
        let Payload::ComponentTypeSection(types) = payload else { continue };
        for part in types {
            check_type(&part.map_err(|_| damaged(()))?, package)?;
        }
    }
    Ok(())
}

fn check_type(part: &ComponentType<'_>, package: &mut Option<String>) -> Result<(), Unfit> {
    match part {
        ComponentType::Component(declarations) => declarations.iter().try_for_each(|declaration| match declaration {
            ComponentTypeDeclaration::Type(part) => check_type(part, package),
            ComponentTypeDeclaration::Import(import) => check_name(import.name.name, import.ty, package),
            ComponentTypeDeclaration::Export { name, ty } => check_name(name.name, *ty, package),
            _ => Ok(()),
        }),
        ComponentType::Instance(declarations) => declarations.iter().try_for_each(|declaration| match declaration {
            InstanceTypeDeclaration::Type(part) => check_type(part, package),
            InstanceTypeDeclaration::Export { name, ty } => check_name(name.name, *ty, package),
            _ => Ok(()),
        }),
        _ => Ok(()),
    }
}

/// An interface is an instance; its package stands before the slash, and nothing for one without a package.
fn check_name(name: &str, ty: ComponentTypeRef, package: &mut Option<String>) -> Result<(), Unfit> {
    if !matches!(ty, ComponentTypeRef::Instance(_)) {
        return Ok(());
    }
    let its = name.split_once('/').map_or("", |(package, _)| package);
    match package.get_or_insert_with(|| its.to_owned()) == its {
        true => Ok(()),
        false => Err(Unfit::Damaged("its contract has interfaces of several packages: make a component of it".into())),
    }
}
