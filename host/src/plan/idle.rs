//! Flags that do nothing beside another one. They are told: who typed them expects something of
//! them, and who adds `--dry-run` to a command need not take them away first.

use crate::cli::{AttachArgs, LogArgs, LogsMode, OnInterrupt, PrefixMode, RunArgs, RunOutput};

/// A flag, and whether it was typed with a value that is not the usual one.
type Flag = (&'static str, bool);

const NO_JOB: &str = "no Job is created";
const NOBODY_WAITS: &str = "nobody waits for the Job";
const NO_LINES: &str = "no log is shown";
const NAMED: &str = "each event names its Pod and container";

/// The warnings about the flags of `run`.
pub fn of_run(args: &RunArgs) -> Vec<String> {
    let after = &args.after;
    let waiting =
        [("--start-timeout", args.start_timeout.is_some()), ("--propagate", args.propagate)];
    if args.dry_run.is_some() {
        let submitting = [
            ("--timeout", args.timeout.is_some()),
            ("--detach", after.detach),
            ("--rm", after.rm),
            ("--on-interrupt", after.on_interrupt != OnInterrupt::Detach),
        ];
        let all = [&submitting[..], &waiting, &lines(&args.logs), &[whose(&args.logs)]].concat();
        return warning(&all, "--dry-run", NO_JOB).into_iter().collect();
    }
    if after.detach {
        let all = [&waiting[..], &lines(&args.logs), &[whose(&args.logs)]].concat();
        return warning(&all, "--detach", NOBODY_WAITS).into_iter().collect();
    }
    of_logs(&args.logs, args.output)
}

/// The warnings about the flags of `attach`.
pub fn of_attach(args: &AttachArgs) -> Vec<String> {
    of_logs(&args.logs, args.output)
}

fn of_logs(args: &LogArgs, output: RunOutput) -> Vec<String> {
    let none =
        (args.logs == LogsMode::None).then(|| warning(&lines(args), "--logs=none", NO_LINES));
    let named = || warning(&lines(args)[..1], "-o json", NAMED);
    let json = (output == RunOutput::Json).then(named);
    none.or(json).flatten().into_iter().collect()
}

/// How lines of logs look.
fn lines(args: &LogArgs) -> [Flag; 2] {
    [("--prefix", args.prefix != PrefixMode::Auto), ("--timestamps", args.timestamps)]
}

fn whose(args: &LogArgs) -> Flag {
    ("--logs", args.logs != LogsMode::All)
}

fn warning(flags: &[Flag], beside: &str, why: &str) -> Option<String> {
    let typed = flags.iter().filter(|(_, is_typed)| *is_typed);
    let typed: Vec<_> = typed.map(|(flag, _)| format!("`{flag}`")).collect();
    let (last, rest) = typed.split_last()?;
    let (flags, have) = match rest {
        [] => (last.clone(), "has"),
        rest => (format!("{} and {last}", rest.join(", ")), "have"),
    };
    Some(format!("{flags} {have} no effect with `{beside}`: {why}"))
}
