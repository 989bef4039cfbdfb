//! The compiler's side of its process: this program, started once more with an order as its
//! arguments. It bounds itself before it reads anything, takes the bytes from stdin, and answers on
//! stdout.

use super::compiler::{Failure, STACK, Task};
use super::guard::guarded;
use super::strip::strip_names;
use super::unfold::unfold;
use super::{engine, native};
use crate::policy::{Exceeded, Limit, Limits};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::thread;
use wasmtime::Module;

/// The first argument of a process that compiles.
const WORD: &str = "policy-compiler";
/// The exit code of a process that could not do its work.
const BROKEN: u8 = 70;

/// An order: what to do, and within what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub task: Task,
    /// Bytes of writable memory.
    pub memory: u64,
    /// Seconds of the processor.
    pub seconds: u64,
    /// How to compile.
    pub settings: Settings,
}

/// How to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The native stack of the code that is made, in bytes.
    pub stack: usize,
    /// The limit `compile-steps`, for what unfolds only while it is compiled.
    pub steps: u64,
}

/// The names of the tasks among the arguments.
const TASKS: [(&str, Task); 2] = [("component", Task::Component), ("native", Task::Native)];

impl Order {
    /// The order as arguments of a process.
    pub fn arguments(self) -> [String; 6] {
        let task = TASKS.iter().find(|(_, task)| *task == self.task).map_or("", |(name, _)| name);
        [
            WORD.to_owned(),
            task.to_owned(),
            self.memory.to_string(),
            self.seconds.to_string(),
            self.settings.stack.to_string(),
            self.settings.steps.to_string(),
        ]
    }

    fn parse(arguments: &[String]) -> Option<Self> {
        let [word, task, memory, seconds, stack, steps] = arguments else { return None };
        let (_, task) = TASKS.iter().find(|(name, _)| name == task).filter(|_| word == WORD)?;
        let (memory, seconds) = (memory.parse().ok()?, seconds.parse().ok()?);
        let settings = Settings { stack: stack.parse().ok()?, steps: steps.parse().ok()? };
        Some(Self { task: *task, memory, seconds, settings })
    }

    /// Bound this process.
    fn bind(self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        let bound = |most| Rlimit { current: Some(most), maximum: Some(most) };
        let seconds = Rlimit { current: Some(self.seconds), maximum: Some(self.seconds + 1) };
        // Addresses that are only reserved do not count; the stack of the thread that works does.
        setrlimit(Resource::Data, bound(self.memory.saturating_add(STACK as u64)))?;
        setrlimit(Resource::Cpu, seconds)?;
        setrlimit(Resource::Core, bound(0))?;
        Ok(())
    }
}

/// Compile, if the arguments of this process are an order of [`Compiler`](super::compiler::Compiler);
/// gives the exit code then. A program whose policies are compiled in a child begins with it.
pub fn compile_if_asked() -> Option<ExitCode> {
    let arguments = std::env::args_os().skip(1).map(|word| word.into_string());
    let order = Order::parse(&arguments.collect::<Result<Vec<_>, _>>().ok()?)?;
    let done = order.bind().and_then(|()| answer(order));
    Some(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(BROKEN)
        }
    })
}

fn answer(order: Order) -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    let work = move || guarded(|| work(order.task, &bytes, order.settings));
    let worked = thread::Builder::new().stack_size(STACK).spawn(work)?.join();
    let worked = worked.unwrap_or_else(|_| Err("the compiler broke".to_owned()));
    let (kind, bytes) = match worked {
        Ok(Ok(bytes)) => (DONE, bytes),
        Ok(Err(Failure::Component(why))) => (NO_COMPONENT, why.into_bytes()),
        Ok(Err(Failure::Compile(why))) | Err(why) => (INVALID, why.into_bytes()),
        Ok(Err(Failure::Exceeds(exceeded))) => {
            (TOO_MUCH, exceeded.used.unwrap_or_default().to_string().into_bytes())
        }
        Ok(Err(Failure::Unable(error))) => (INVALID, error.to_string().into_bytes()),
    };
    let mut out = io::stdout().lock();
    out.write_all(&[kind])?;
    out.write_all(&bytes)?;
    out.flush()
}

/// The first byte of an answer.
const DONE: u8 = b'+';
const INVALID: u8 = b'-';
const NO_COMPONENT: u8 = b'?';
/// With the steps that it would be.
const TOO_MUCH: u8 = b'!';

/// Read the answer of a process that ended well.
pub fn read_answer(mut answer: Vec<u8>, limits: &Limits) -> Result<Vec<u8>, Failure> {
    let kind = (!answer.is_empty()).then(|| answer.remove(0));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match kind {
        Some(DONE) => Ok(answer),
        Some(NO_COMPONENT) => Err(Failure::Component(text(&answer))),
        Some(TOO_MUCH) => {
            let used = text(&answer).parse().ok();
            Err(Failure::Exceeds(limits.exceeded(Limit::CompileSteps, used)))
        }
        Some(_) => Err(Failure::Compile(text(&answer))),
        None => Err(Failure::Unable(io::Error::other("the compiler gave no answer"))),
    }
}

/// Do a task, in this process.
pub fn work(task: Task, bytes: &[u8], settings: Settings) -> Result<Vec<u8>, Failure> {
    let refused = |error: wasmtime::Error| Failure::Compile(format!("{error:#}"));
    let engine = engine::compiler(settings.stack)
        .map_err(|error| Failure::Unable(io::Error::other(error)))?;
    match task {
        Task::Component => {
            Module::validate(&engine, bytes).map_err(refused)?;
            component(bytes)
        }
        Task::Native => {
            // What is invalid is told in wasmtime's words.
            if let Some(steps) = unfold(bytes).ok().filter(|steps| *steps > settings.steps) {
                let (limit, value, used) = (Limit::CompileSteps, settings.steps, Some(steps));
                return Err(Failure::Exceeds(Exceeded { limit, value, used }));
            }
            let stripped = strip_names(bytes).ok();
            if let Some(native) = stripped.and_then(|it| native::compile(&engine, &it).ok()) {
                return Ok(native);
            }
            // An error gives offsets, which must be those in the component as it is.
            native::compile(&engine, bytes).map_err(refused)
        }
    }
}

/// Turn a core module into a component. It carries its contract in a custom section, as wit-bindgen
/// leaves it.
fn component(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let encoder = wit_component::ComponentEncoder::default();
    // The contract is as foreign as the code: a panic while reading it must not end the program.
    match guarded(|| encoder.module(bytes).and_then(|mut encoder| encoder.encode())) {
        Ok(Ok(component)) => Ok(component),
        Ok(Err(error)) => Err(Failure::Component(format!("{error:#}"))),
        Err(_) => Err(Failure::Component("its contract is damaged".into())),
    }
}
