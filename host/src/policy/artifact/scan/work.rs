//! An estimate of the work that a function is for the compiler. The weights come from measurements:
//! a step is about a microsecond and half a kilobyte of memory.

use wasmparser::{BinaryReaderError, BlockType, FunctionBody, Operator};

/// The steps of a function without code.
pub const FUNCTION: u64 = 100;
/// The steps of a parameter or result of a type: each type has entries for calls from and to the
/// host, which move them one by one.
pub const PARAMETER: u64 = 16;
/// The steps of something that is set up when a module is instantiated: an element of a table, a
/// segment of data, a global that is computed.
pub const SETUP: u64 = 15;
/// The steps of an export: a function has an entry for calls from the host.
pub const ENTRY: u64 = 150;
/// The time of a function grows by the square of its branches: so many of them, squared, are a
/// step.
const SQUARE: u64 = 64;

/// The work of one function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// The steps that take memory.
    pub steps: u64,
    /// The places where control may go somewhere else.
    branches: u64,
}

impl Work {
    /// The steps that take time.
    pub fn time(self) -> u64 {
        self.steps + self.branches.saturating_mul(self.branches) / SQUARE
    }
}

/// A label that is open: a block, a loop, one side of a condition.
#[derive(Default)]
struct Label {
    is_loop: bool,
    /// The values of the stack that a branch carries.
    arity: u64,
    /// The branches to it.
    branches: u64,
    /// The locals that are set, and those that are used at all, since it was opened. A branch
    /// carries the first, and back to a loop the second.
    set: Locals,
    used: Locals,
}

/// A set of locals.
#[derive(Default)]
struct Locals(Vec<u64>);

impl Locals {
    fn add(&mut self, local: u32) {
        let word = local as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (local % 64);
    }

    fn join(&mut self, mut other: Self) {
        if other.0.len() > self.0.len() {
            std::mem::swap(self, &mut other);
        }
        self.0.iter_mut().zip(other.0).for_each(|(mine, its)| *mine |= its);
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// The work of a function, or of its beginning if that is more than `most` already. `arities` has
/// the number of parameters and results of each type of its module. The locals were counted before.
pub fn of_function(
    body: &FunctionBody<'_>,
    arities: &[u64],
    most: u64,
) -> Result<Work, BinaryReaderError> {
    let mut work = Work { steps: FUNCTION, branches: 0 };
    let mut labels = vec![Label::default()];
    let arity = |ty: BlockType| match ty {
        BlockType::Empty => 0,
        BlockType::Type(_) => 1,
        BlockType::FuncType(index) => arities.get(index as usize).copied().unwrap_or_default(),
    };
    for operator in body.get_operators_reader()? {
        use Operator::*;
        let operator = operator?;
        let (steps, branches) = price(&operator);
        work.steps += steps;
        work.branches += branches;
        match operator {
            Block { blockty } | If { blockty } => {
                labels.push(Label { arity: arity(blockty), ..Label::default() });
            }
            Loop { blockty } => {
                labels.push(Label { is_loop: true, arity: arity(blockty), ..Label::default() });
            }
            Br { relative_depth } | BrIf { relative_depth } => {
                branch(&mut labels, relative_depth);
            }
            BrTable { targets } => {
                branch(&mut labels, targets.default());
                for target in targets.targets() {
                    branch(&mut labels, target?);
                }
            }
            LocalGet { local_index } => here(&mut labels).used.add(local_index),
            LocalSet { local_index } | LocalTee { local_index } => {
                let label = here(&mut labels);
                label.set.add(local_index);
                label.used.add(local_index);
            }
            CallIndirect { type_index, .. } => {
                work.steps += arities.get(type_index as usize).copied().unwrap_or_default();
            }
            End => work.steps += close(&mut labels),
            _ => {}
        }
        if work.steps > most {
            break;
        }
    }
    Ok(work)
}

/// The steps and the branches of an operator. What it carries comes on top.
fn price(operator: &Operator<'_>) -> (u64, u64) {
    use Operator::*;
    match operator {
        LocalGet { .. } | I32Const { .. } | I64Const { .. } | Nop | End | Drop => (1, 0),
        Block { .. } => (5, 1),
        If { .. } | Else | Br { .. } | BrIf { .. } | Return | Unreachable => (8, 1),
        BrTable { targets } => (8 + 4 * u64::from(targets.len()), 1 + u64::from(targets.len())),
        Loop { .. } => (40, 2),
        Call { .. } | RefFunc { .. } | GlobalSet { .. } => (6, 0),
        MemoryGrow { .. } | MemorySize { .. } | TableSize { .. } => (8, 0),
        CallIndirect { .. } => (40, 2),
        TableGet { .. } | TableSet { .. } => (30, 1),
        MemoryFill { .. }
        | MemoryCopy { .. }
        | MemoryInit { .. }
        | DataDrop { .. }
        | ElemDrop { .. }
        | TableFill { .. }
        | TableCopy { .. }
        | TableInit { .. }
        | TableGrow { .. } => (50, 2),
        I32Load { .. }
        | I64Load { .. }
        | F32Load { .. }
        | F64Load { .. }
        | I32Load8U { .. }
        | I32Load8S { .. }
        | I32Load16U { .. }
        | I32Load16S { .. }
        | I32Store { .. }
        | I64Store { .. }
        | F32Store { .. }
        | F64Store { .. }
        | I32Store8 { .. }
        | I32Store16 { .. }
        | LocalSet { .. }
        | LocalTee { .. } => (2, 0),
        _ => (3, 0),
    }
}

/// Whether an operator of an expression outside functions is no work.
pub fn is_constant(operator: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        operator,
        I32Const { .. }
            | I64Const { .. }
            | F32Const { .. }
            | F64Const { .. }
            | V128Const { .. }
            | End
    )
}

fn here(labels: &mut [Label]) -> &mut Label {
    labels.last_mut().expect("the last end ends the function")
}

/// Count a branch to a label so far out.
fn branch(labels: &mut [Label], outwards: u32) {
    if let Some(label) = labels.iter_mut().rev().nth(outwards as usize) {
        label.branches += 1;
    }
}

/// Close a label: the steps for what is carried to it, from every branch and from before.
fn close(labels: &mut Vec<Label>) -> u64 {
    let Some(label) = labels.pop().filter(|_| !labels.is_empty()) else {
        labels.push(Label::default());
        return 0;
    };
    let locals = if label.is_loop { &label.used } else { &label.set };
    let carried = (locals.count() + label.arity).saturating_mul(label.branches + 1);
    let outer = here(labels);
    outer.set.join(label.set);
    outer.used.join(label.used);
    carried
}
