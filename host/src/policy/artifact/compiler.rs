//! Where the work of the compiler is done: in a child process, which may use so much memory and
//! time and no more, or in a thread of this one, where only the time is bounded.

use super::guard::guarded;
use super::worker::{self, Order, Settings};
use crate::policy::{Exceeded, Limit, Limits};
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

/// The stack of the thread that works. What passes the scan is not nested deeply enough to fill it.
pub const STACK: usize = 64 << 20;
/// The bytes that are read of what a child says when it breaks.
const LAST_WORDS: u64 = 4096;
/// The threads that compile in a child: each has a function of its own in memory.
const THREADS: usize = 4;
/// How Rust ends a program that gets no memory, and what the system says of memory and of threads.
const OUT_OF_MEMORY: [&str; 3] =
    ["memory allocation of", "Cannot allocate memory", "Resource temporarily unavailable"];

/// What is asked of the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// To make a component of a core module that carries its contract.
    Component,
    /// To compile a component to native code.
    Native,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// The bytes are no valid WebAssembly.
    Compile(String),
    /// The core module cannot become a component.
    Component(String),
    /// A limit was met.
    Exceeds(Exceeded),
    /// The compiler could not be started.
    Unable(io::Error),
}

/// Where the work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// In a thread. A file within the limits of the scan may still take more memory than
    /// `compile-memory`.
    Thread,
    /// In a child process: this program, whose `main` begins with
    /// [`compile_if_asked`](crate::policy::compile_if_asked).
    Child(PathBuf),
}

impl Compiler {
    /// A child process of the program that runs; a thread where its path is not known.
    pub fn of_this_program() -> Self {
        // On Linux, the program itself, although it was removed or another version has its path.
        const SELF: &str = "/proc/self/exe";
        let path = std::env::current_exe().ok().filter(|path| path.exists());
        let path = path.or_else(|| Some(PathBuf::from(SELF)).filter(|path| path.exists()));
        path.map_or(Self::Thread, Self::Child)
    }

    /// Do a task with bytes, within the limits `compile` and `compile-memory`.
    pub fn work(&self, task: Task, bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Thread => in_thread(task, bytes, limits),
            Self::Child(program) => in_child(program, task, bytes, limits),
        }
    }
}

/// Read foreign bytes with a large stack, for reading what is nested takes stack. A panic becomes an
/// error.
pub fn with_stack<T: Send>(read: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK);
        let reader = reader.spawn_scoped(scope, || guarded(read)).map_err(Failure::Unable)?;
        let read = reader.join().unwrap_or_else(|_| Err("it cannot be read".into()));
        read.map_err(Failure::Compile)
    })
}

/// Wait no longer than the limit. A thread that is still busy then is left behind: the program ends
/// with the error, and the thread with it.
fn in_thread(task: Task, bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Failure> {
    let (send, receive) = mpsc::channel();
    let (bytes, settings) = (bytes.to_vec(), settings(limits));
    let work = move || {
        let result = guarded(|| worker::work(task, &bytes, settings));
        let _ = send.send(result.unwrap_or_else(|why| Err(Failure::Compile(why))));
    };
    thread::Builder::new().stack_size(STACK).spawn(work).map_err(Failure::Unable)?;
    let result = receive.recv_timeout(limits.time(Limit::Compile));
    result.unwrap_or_else(|_| Err(Failure::Exceeds(limits.exceeded(Limit::Compile, None))))
}

fn settings(limits: &Limits) -> Settings {
    Settings { stack: limits.count(Limit::Stack), steps: limits.get(Limit::CompileSteps) }
}

fn in_child(program: &Path, task: Task, bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let order = Order {
        task,
        memory: limits.get(Limit::CompileMemory),
        // Of the processor; this process looks at the clock on the wall.
        seconds: limits.time(Limit::Compile).as_secs().saturating_add(1) * threads as u64,
        settings: settings(limits),
    };
    let mut command = Command::new(program);
    command.args(order.arguments()).env("RAYON_NUM_THREADS", threads.to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Failure::Unable)?;
    let answer = converse(&mut child, bytes, limits);
    let status = child.wait().map_err(Failure::Unable)?;
    match answer {
        None => Err(Failure::Exceeds(limits.exceeded(Limit::Compile, None))),
        Some(answer) if status.success() => match worker::read_answer(answer, limits) {
            Err(Failure::Compile(why)) if is_out_of_memory(&why) => {
                Err(Failure::Exceeds(limits.exceeded(Limit::CompileMemory, None)))
            }
            result => result,
        },
        Some(_) => Err(broken(&mut child, status, limits)),
    }
}

/// Give a child the bytes and take its answer; none if it is not there in time. The answer cannot
/// be longer than the child's memory.
fn converse(child: &mut Child, bytes: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let (mut to, from) = (child.stdin.take()?, child.stdout.take()?);
    let mut from = from.take(limits.get(Limit::CompileMemory));
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            // A child that breaks reads no more: its status says why.
            let _ = to.write_all(bytes);
            drop(to);
            let mut answer = Vec::new();
            let _ = from.read_to_end(&mut answer);
            // The receiver is gone only when the time is over.
            let _ = send.send(answer);
        });
        let answer = receive.recv_timeout(limits.time(Limit::Compile)).ok();
        if answer.is_none() {
            let _ = child.kill();
        }
        answer
    })
}

/// Why a child broke: by its last words and the signal that ended it.
fn broken(child: &mut Child, status: ExitStatus, limits: &Limits) -> Failure {
    let mut said = Vec::new();
    if let Some(words) = child.stderr.take() {
        // Where they cannot be read, there are none.
        let _ = words.take(LAST_WORDS).read_to_end(&mut said);
    }
    let said = String::from_utf8_lossy(&said);
    let exceeds = |limit| Failure::Exceeds(limits.exceeded(limit, None));
    if is_out_of_memory(&said) {
        return exceeds(Limit::CompileMemory);
    }
    match status.signal() {
        Some(signal) if signal == rustix::process::Signal::XCPU.as_raw() => exceeds(Limit::Compile),
        Some(signal) if signal == rustix::process::Signal::KILL.as_raw() => Failure::Unable(
            io::Error::other("the compiler was killed; the machine may have too little memory"),
        ),
        _ => Failure::Compile(format!("the compiler crashed ({status})")),
    }
}

fn is_out_of_memory(said: &str) -> bool {
    OUT_OF_MEMORY.iter().any(|words| said.contains(words))
}
