//! The binary `mlcube-k8s`, also `kubectl mlcube`: parse, execute, print the error, return the exit
//! code.
#![forbid(unsafe_code)]

use mlcube_k8s::cli;
use mlcube_k8s::commands;
use mlcube_k8s::console::Console;
use mlcube_k8s::exit::exit_code;
use mlcube_k8s::plan::{OutputMode, Plan};
use mlcube_k8s::policy::compile_if_asked;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Policies are compiled in a process of their own, which is this program once more.
    compile_if_asked().unwrap_or_else(program)
}

#[tokio::main(flavor = "current_thread")]
async fn program() -> ExitCode {
    let cli = match cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version end well, anything else is an error of usage.
            let code = if error.use_stderr() { 2 } else { 0 };
            return error.print().map_or(ExitCode::FAILURE, |()| ExitCode::from(code));
        }
    };
    let mut output = OutputMode::default();
    let mut console = Console::new(output);
    let result = match Plan::new(cli) {
        Ok((plan, planned)) => {
            output = planned;
            console = Console::new(output);
            commands::execute(plan, &mut console).await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = &result {
        console.error(error);
    }
    ExitCode::from(exit_code(&result, console.is_lost(), output.propagates))
}
