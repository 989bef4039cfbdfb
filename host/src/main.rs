//! The binary `mlcube-k8s`, also `kubectl mlcube`: parse, run, print the error, return the exit code.
#![forbid(unsafe_code)]

use clap::Parser;
use mlcube_k8s::cli::Cli;
use mlcube_k8s::console::Console;
use mlcube_k8s::error::exit_code;
use mlcube_k8s::plan::Intent;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version end well, anything else is an error of usage.
            let code = if error.use_stderr() { 2 } else { 0 };
            return error.print().map_or(ExitCode::FAILURE, |()| ExitCode::from(code));
        }
    };
    let mut console = Console::default();
    let result = match Intent::new(cli) {
        Ok(Intent::Run(plan)) => {
            console = Console::new(plan.voice);
            mlcube_k8s::run::run(*plan, &mut console).await
        }
        Ok(Intent::Tool(tool)) => {
            console = Console::new(tool.voice());
            mlcube_k8s::toolbox::work(*tool, &mut console)
        }
        Ok(Intent::Show(show)) => Ok(mlcube_k8s::show::show(&show, &mut console)),
        Err(error) => Err(error),
    };
    if let Err(error) = &result {
        console.error(error);
    }
    ExitCode::from(exit_code(&result))
}
