//! What a policy may use. Every limit is on by default, all stand in one table with their reasons, and a policy that meets
//! one ends with an error that says which, its value, what was asked for, and how it is raised.

use crate::k8s::Quantity;
use std::fmt;
use std::time::Duration;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table says what each is")]
pub enum Limit {
    Fuel,
    Wall,
    Memory,
    Memories,
    Tables,
    TableElements,
    Instances,
    Stack,
    HostCall,
    HostCallBytes,
    Edits,
    EditBytes,
    LogLines,
    LogBytes,
    Text,
    Schema,
    SchemaSteps,
    Lookups,
    LookupTime,
    Module,
    Functions,
    Function,
    Locals,
    Declarations,
    Nesting,
    Compile,
}

/// How a limit is counted and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number.
    Count,
    /// Bytes, written as a Kubernetes quantity: `64Mi`.
    Bytes,
    /// Milliseconds, written as a duration: `2s`.
    Time,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What is limited.
    pub limit: Limit,
    /// Its name in a policies file, on the command line and in errors.
    pub key: &'static str,
    /// Its value where nothing else is said.
    pub default: u64,
    /// How it is counted.
    pub unit: Unit,
    /// What is counted, and why this is enough.
    pub reason: &'static str,
}

/// All limits, in the order of [`Limit`].
pub const TABLE: [Row; 26] = {
    use Limit::*;
    use Unit::{Bytes, Count, Time};
    const fn row(limit: Limit, key: &'static str, default: u64, unit: Unit, reason: &'static str) -> Row {
        Row { limit, key, default, unit, reason }
    }
    [
        row(Fuel, "fuel", 100_000_000, Count, "about one per instruction; a review takes up to some hundred thousand"),
        row(Wall, "wall", 2_000, Time, "time of one call; a review takes microseconds to milliseconds"),
        row(Memory, "memory", 32 << 20, Bytes, "all linear memories together; Python starts with 12 MiB"),
        row(Memories, "memories", 20, Count, "linear memories; a component rarely has more than one"),
        row(Tables, "tables", 100, Count, "tables; a Python component has one for each of its libraries"),
        row(TableElements, "table-elements", 100_000, Count, "all tables together; Python's have some thousands"),
        row(Instances, "instances", 100, Count, "core instances; a Python component has more than thirty"),
        row(Stack, "stack", 512 << 10, Bytes, "native stack; deep recursion is a fault"),
        row(HostCall, "host-call", 1 << 20, Bytes, "strings and lists of one host call; a Job has kilobytes"),
        row(HostCallBytes, "host-call-bytes", 16 << 20, Bytes, "all host calls, 64 bytes and more for each"),
        row(Edits, "edits", 1_000, Count, "edits of one review; a large Job has some hundred fields"),
        row(EditBytes, "edit-bytes", 4 << 20, Bytes, "what edits replace and put there; a Job has some kilobytes"),
        row(LogLines, "log-lines", 200, Count, "lines of one review; people read them"),
        row(LogBytes, "log-bytes", 64 << 10, Bytes, "all lines of one review together"),
        row(Text, "text", 2_000, Bytes, "one text for people; the rest is cut"),
        row(Schema, "schema", 64 << 10, Bytes, "the settings' JSON Schema; the largest known have tens of kilobytes"),
        row(SchemaSteps, "schema-steps", 50_000, Count, "parts of the schema held against settings; usually dozens"),
        row(Lookups, "lookups", 50, Count, "questions to the cluster in one review; each is a request"),
        row(LookupTime, "lookup-time", 10_000, Time, "time of all questions to the cluster in one review"),
        row(Module, "module", 32 << 20, Bytes, "the file; a Python policy has 18 MB"),
        row(Functions, "functions", 30_000, Count, "functions in the file; a Python policy has 14 000"),
        row(Function, "function", 512 << 10, Bytes, "code of one function; Python's largest has 417 KiB"),
        row(Locals, "locals", 2_000, Count, "local variables of one function; Python's loop has 271"),
        row(Declarations, "declarations", 1 << 20, Bytes, "types, imports, exports…; Python has 330 KiB"),
        row(Nesting, "nesting", 20, Count, "components in components; one made by tools has up to four levels"),
        row(Compile, "compile", 120_000, Time, "compiling, once for each file; a Python policy takes up to 10 s"),
    ]
};

impl Limit {
    /// Its row in the table.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

/// The bounds of one call into a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits([u64; TABLE.len()]);

impl Default for Limits {
    fn default() -> Self {
        Self(TABLE.map(|row| row.default))
    }
}

impl Limits {
    /// The value of a limit, in the unit of its row.
    pub fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The value of a limit that counts bytes or things.
    pub fn count(&self, limit: Limit) -> usize {
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// The value of a limit that counts time.
    pub fn time(&self, limit: Limit) -> Duration {
        Duration::from_millis(self.get(limit))
    }

    /// The same with another value for one limit.
    #[must_use]
    pub fn with(mut self, limit: Limit, value: u64) -> Self {
        self.0[limit as usize] = value;
        self
    }

    /// Set a limit by name: `memory` to `128Mi`, `wall` to `5s`, `edits` to `2000`. The error is a sentence.
    pub fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
        let row = TABLE.iter().find(|row| row.key == key).ok_or_else(|| {
            let known = TABLE.map(|row| format!("`{}`", row.key)).join(", ");
            format!("there is no limit `{key}`; there are {known}")
        })?;
        let value = row.unit.read(text).filter(|value| *value > 0);
        self.0[row.limit as usize] =
            value.ok_or_else(|| format!("`{text}` is no value for the limit `{key}`: write {}", row.unit.form()))?;
        Ok(())
    }

    /// The limits that differ from the defaults, by name.
    pub fn changed(&self) -> impl Iterator<Item = (&'static Row, u64)> {
        TABLE.iter().zip(self.0).filter(|(row, value)| row.default != *value)
    }

    /// An error unless `used` stays within a limit.
    pub fn check(&self, limit: Limit, used: usize) -> Result<(), Exceeded> {
        match used <= self.count(limit) {
            true => Ok(()),
            false => Err(self.exceeded(limit, Some(used as u64))),
        }
    }

    /// The error for a limit that was met.
    pub fn exceeded(&self, limit: Limit, used: Option<u64>) -> Exceeded {
        Exceeded { limit, value: self.get(limit), used }
    }
}

impl Unit {
    /// A value as people write it.
    pub fn write(self, value: u64) -> String {
        let scaled = |steps: [(u64, &str); 3]| {
            let step = steps.into_iter().find(|(size, _)| value >= *size && value.is_multiple_of(*size));
            step.map_or_else(|| value.to_string(), |(size, unit)| format!("{}{unit}", value / size))
        };
        match self {
            Self::Count => value.to_string(),
            Self::Bytes => scaled([(1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")]),
            Self::Time => scaled([(60_000, "m"), (1_000, "s"), (1, "ms")]),
        }
    }

    fn read(self, text: &str) -> Option<u64> {
        let bytes = || u64::try_from(Quantity::parse(text).ok()?.whole()?).ok();
        let time = || u64::try_from(text.parse::<jiff::SignedDuration>().ok()?.as_millis()).ok();
        match self {
            Self::Count => text.parse().ok(),
            Self::Bytes => bytes(),
            Self::Time => time(),
        }
    }

    fn form(self) -> &'static str {
        match self {
            Self::Count => "a whole number above 0",
            Self::Bytes => "an amount of bytes like `128Mi`",
            Self::Time => "a time like `5s` or `500ms`",
        }
    }
}

/// A limit that was met: which, its value, and what was asked for where that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub limit: Limit,
    /// Its value.
    pub value: u64,
    /// What was asked for; none where the call was stopped when all was used.
    pub used: Option<u64>,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { key, unit, .. } = self.limit.row();
        write!(f, "`{key}` limit of {}: ", unit.write(self.value))?;
        match self.used {
            Some(used) => write!(f, "it asked for {}", unit.write(used)),
            None => write!(f, "it used all of it"),
        }
    }
}

impl std::error::Error for Exceeded {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for (index, row) in TABLE.iter().enumerate() {
            assert_eq!(row.limit as usize, index, "{}", row.key);
        }
    }

    #[test]
    fn limits_are_read_as_they_are_written() {
        let rows = [
            ("memory", "128Mi", Ok(128 << 20)),
            ("memory", "1000", Ok(1000)),
            ("wall", "1500ms", Ok(1500)),
            ("wall", "2m", Ok(120_000)),
            ("edits", "5", Ok(5)),
            ("edits", "0", Err("`0` is no value for the limit `edits`: write a whole number above 0")),
            ("memory", "much", Err("`much` is no value for the limit `memory`: write an amount of bytes like `128Mi`")),
            ("wall", "2", Err("`2` is no value for the limit `wall`: write a time like `5s` or `500ms`")),
        ];
        for (key, text, expected) in rows {
            let mut limits = Limits::default();
            let set = limits.set(key, text);
            let row = TABLE.iter().find(|row| row.key == key).expect("a row");
            assert_eq!(set.map(|()| limits.get(row.limit)), expected.map_err(str::to_owned), "{key} {text}");
        }
        assert!(Limits::default().set("size", "1").is_err_and(|why| why.contains("there are `fuel`, `wall`")));
    }

    #[test]
    fn an_error_says_the_limit_and_the_use() {
        let limits = Limits::default();
        let rows = [
            (limits.exceeded(Limit::Memory, Some(80 << 20)), "`memory` limit of 32Mi: it asked for 80Mi"),
            (limits.exceeded(Limit::Fuel, None), "`fuel` limit of 100000000: it used all of it"),
            (limits.exceeded(Limit::Wall, None), "`wall` limit of 2s: it used all of it"),
        ];
        for (exceeded, text) in rows {
            assert_eq!(exceeded.to_string(), text);
        }
    }
}
