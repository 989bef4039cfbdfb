//! The table of limits: names, defaults, units and reasons.

/// A limit.
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
    LookupBytes,
    Module,
    Functions,
    Function,
    Locals,
    Declarations,
    Nesting,
    FunctionSteps,
    CompileSteps,
    Compile,
    CompileMemory,
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
    /// The limit.
    pub limit: Limit,
    /// Its name in a policies file, on the command line and in errors.
    pub key: &'static str,
    /// Its default value.
    pub default: u64,
    /// The highest value that a file or a flag can give it: as much as this program can stand.
    pub ceiling: u64,
    /// How it is counted.
    pub unit: Unit,
    /// The thing that is counted, and the reason for the default.
    pub reason: &'static str,
}

/// All limits, in the order of [`Limit`].
pub const TABLE: [Row; 30] = {
    use Limit::*;
    use Unit::{Bytes, Count, Time};
    const fn row(
        limit: Limit,
        key: &'static str,
        [default, ceiling]: [u64; 2],
        unit: Unit,
        reason: &'static str,
    ) -> Row {
        Row { limit, key, default, ceiling, unit, reason }
    }
    [
        row(
            Fuel,
            "fuel",
            [100_000_000, 1_000_000_000_000],
            Count,
            "about one per instruction, one per byte of the host's work; a review takes some hundred thousand",
        ),
        row(
            Wall,
            "wall",
            [2_000, 300_000],
            Time,
            "time of one call, the host's too; a review takes microseconds to milliseconds",
        ),
        row(
            Memory,
            "memory",
            [32 << 20, 512 << 20],
            Bytes,
            "all linear memories together; Python starts with 12 MiB",
        ),
        row(
            Memories,
            "memories",
            [20, 100],
            Count,
            "linear memories; a component rarely has more than one",
        ),
        row(
            Tables,
            "tables",
            [100, 200],
            Count,
            "tables; a Python component has one for each of its libraries",
        ),
        row(
            TableElements,
            "table-elements",
            [100_000, 1_000_000],
            Count,
            "all tables together; Python's have some thousands",
        ),
        row(
            Instances,
            "instances",
            [100, 1_000],
            Count,
            "core instances; a Python component has more than thirty",
        ),
        row(Stack, "stack", [512 << 10, 1 << 20], Bytes, "native stack; deep recursion is a fault"),
        row(
            HostCall,
            "host-call",
            [1 << 20, 16 << 20],
            Bytes,
            "strings and lists of one host call; a Job has kilobytes",
        ),
        row(
            HostCallBytes,
            "host-call-bytes",
            [16 << 20, 256 << 20],
            Bytes,
            "all work of the host: 64 bytes and more for each call, copies as they lie in memory",
        ),
        row(
            Edits,
            "edits",
            [1_000, 100_000],
            Count,
            "edits of one review; a large Job has some hundred fields",
        ),
        row(
            EditBytes,
            "edit-bytes",
            [4 << 20, 64 << 20],
            Bytes,
            "what edits replace and put there; a Job has some kilobytes",
        ),
        row(
            LogLines,
            "log-lines",
            [200, 10_000],
            Count,
            "lines of one review; the rest is dropped and counted",
        ),
        row(
            LogBytes,
            "log-bytes",
            [64 << 10, 16 << 20],
            Bytes,
            "all lines of one review together; so is the rest of them",
        ),
        row(Text, "text", [2_000, 64_000], Bytes, "one text for people; the rest is cut"),
        row(
            Schema,
            "schema",
            [64 << 10, 1 << 20],
            Bytes,
            "the settings' JSON Schema; the largest known have tens of kilobytes",
        ),
        row(
            SchemaSteps,
            "schema-steps",
            [50_000, 5_000_000],
            Count,
            "parts of the schema checked against settings; usually dozens",
        ),
        row(
            Lookups,
            "lookups",
            [50, 1_000],
            Count,
            "queries to the cluster in one review; each is a request",
        ),
        row(
            LookupTime,
            "lookup-time",
            [10_000, 300_000],
            Time,
            "time of all queries to the cluster in one review",
        ),
        row(
            LookupBytes,
            "lookup-bytes",
            [32 << 20, 512 << 20],
            Bytes,
            "all answers of the cluster as they lie in memory; a Pod has some 50 KB",
        ),
        row(Module, "module", [32 << 20, 256 << 20], Bytes, "the file; a Python policy has 18 MB"),
        row(
            Functions,
            "functions",
            [30_000, 300_000],
            Count,
            "functions in the file; a Python policy has 14 000",
        ),
        row(
            Function,
            "function",
            [512 << 10, 4 << 20],
            Bytes,
            "code of one function; Python's largest has 417 KiB",
        ),
        row(
            Locals,
            "locals",
            [2_000, 50_000],
            Count,
            "local variables of one function; Python's loop has 271",
        ),
        row(
            Declarations,
            "declarations",
            [1 << 20, 16 << 20],
            Bytes,
            "types, imports, exports…; Python has 330 KiB",
        ),
        row(
            Nesting,
            "nesting",
            [20, 100],
            Count,
            "components in components; one made by tools has up to four levels",
        ),
        row(
            FunctionSteps,
            "function-steps",
            [480_000, 4_000_000],
            Count,
            "what compiling one function takes, estimated; Python's largest has 390 000",
        ),
        row(
            CompileSteps,
            "compile-steps",
            [40_000_000, 400_000_000],
            Count,
            "the same for the whole file, a microsecond each; a Python policy has 19 million",
        ),
        row(
            Compile,
            "compile",
            [120_000, 1_800_000],
            Time,
            "compiling, once for each file; a Python policy takes up to 10 s",
        ),
        row(
            CompileMemory,
            "compile-memory",
            [512 << 20, 4 << 30],
            Bytes,
            "memory of the process that compiles; a Python policy takes 410 MB",
        ),
    ]
};
