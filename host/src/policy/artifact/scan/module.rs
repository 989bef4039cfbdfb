//! The work that the parts of a core module are for the compiler. What is set up when a module is
//! instantiated becomes one function.

use super::{Scan, ScanError, work};
use crate::policy::Limit;
use wasmparser::{
    CompositeInnerType, ConstExpr, ElementItems, ElementSectionReader, FunctionBody, Payload,
    TypeSectionReader,
};

impl Scan<'_> {
    /// Count the work of a section of a module, but for its functions.
    pub(super) fn module(&mut self, payload: &Payload<'_>) -> Result<(), ScanError> {
        match payload {
            Payload::TypeSection(types) => self.signatures(types),
            Payload::ElementSection(segments) => self.elements(segments),
            Payload::GlobalSection(globals) => {
                globals.clone().into_iter().try_for_each(|global| self.computed(&global?.init_expr))
            }
            Payload::ExportSection(exports) => self.work(u64::from(exports.count()) * work::ENTRY),
            _ => Ok(()),
        }
    }

    pub(super) fn function(&mut self, body: &FunctionBody<'_>) -> Result<(), ScanError> {
        self.limits.check(Limit::Function, body.range().len())?;
        let mut locals = 0_usize;
        for group in body.get_locals_reader()? {
            locals = locals.saturating_add(group?.0 as usize);
            self.limits.check(Limit::Locals, locals)?;
        }
        let most = self.limits.get(Limit::FunctionSteps);
        let work = work::of_function(body, &self.scope().arities, most)?;
        self.check_steps(Limit::FunctionSteps, work.steps)?;
        self.work(work.time())
    }

    /// Count the work of a type: each has entries for calls from and to the host.
    fn signatures(&mut self, types: &TypeSectionReader<'_>) -> Result<(), ScanError> {
        for group in types.clone() {
            for ty in group?.types() {
                let arity = match &ty.composite_type.inner {
                    CompositeInnerType::Func(ty) => ty.params().len() + ty.results().len(),
                    _ => 0,
                };
                self.scope().arities.push(arity as u64);
                self.work(arity as u64 * work::PARAMETER)?;
            }
        }
        Ok(())
    }

    fn elements(&mut self, segments: &ElementSectionReader<'_>) -> Result<(), ScanError> {
        for segment in segments.clone() {
            let count = match segment?.items {
                ElementItems::Functions(items) => items.count(),
                ElementItems::Expressions(_, items) => items.count(),
            };
            self.set_up((u64::from(count) + 1) * work::SETUP)?;
        }
        Ok(())
    }

    /// Count the work of an expression that is computed when a module is instantiated; a single
    /// constant is not.
    fn computed(&mut self, expression: &ConstExpr<'_>) -> Result<(), ScanError> {
        let mut operators = 0;
        for operator in expression.get_operators_reader() {
            operators += u64::from(!work::is_constant(&operator?));
        }
        self.set_up(operators * work::SETUP)
    }

    /// Count work for the function that sets up a module.
    pub(super) fn set_up(&mut self, steps: u64) -> Result<(), ScanError> {
        let scope = self.scope();
        scope.setup = scope.setup.saturating_add(steps);
        let setup = scope.setup;
        self.check_steps(Limit::FunctionSteps, setup)?;
        self.work(steps)
    }

    fn work(&mut self, steps: u64) -> Result<(), ScanError> {
        self.steps = self.steps.saturating_add(steps);
        self.check_steps(Limit::CompileSteps, self.steps)
    }

    fn check_steps(&self, limit: Limit, steps: u64) -> Result<(), ScanError> {
        Ok(self.limits.check(limit, usize::try_from(steps).unwrap_or(usize::MAX))?)
    }
}
