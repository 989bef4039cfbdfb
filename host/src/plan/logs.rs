//! Which logs are shown, and how.

use crate::cli::{LogArgs, LogsMode};
use crate::cluster::{Logs, LogsOf};

impl From<&LogArgs> for Logs {
    fn from(args: &LogArgs) -> Self {
        let of = match args.logs {
            LogsMode::All => LogsOf::All,
            LogsMode::Main => LogsOf::Main,
            LogsMode::Failed => LogsOf::Failed,
            LogsMode::None => LogsOf::None,
        };
        Self { of, times: args.timestamps }
    }
}
