//! The answers of the WASI stubs. Every value is charged for before it is made, so that no declared
//! type is too large.

use crate::policy::guest::evaluation::Evaluation;
use crate::policy::guest::streams::Stream;
use wasmtime::component::{Resource, ResourceAny, Type, Val};
use wasmtime::{StoreContextMut, bail};

/// A handle of a stub. It carries a number: 0 for all but the output streams.
pub struct Handle;

/// The cost of a call or a value, in bytes of the host-call limit: more than it takes up in the
/// host.
pub const COST: usize = 64;

/// The answer of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// The empty or zero value of the result's type.
    Emptiest,
    /// The call into the guest ends with an error.
    Exit,
    /// `true`: it was waited for.
    Yes,
    /// The index of everything in the list that was given: it was waited for.
    All,
    /// It was waited for.
    Waited,
    /// The time of the clock.
    Now,
    /// The date of the clock.
    Date,
    /// A handle of a timer: one that ends at a time, or one that ends so long from now.
    Timer { is_from_now: bool },
    /// A number.
    Number(u64),
    /// A point in time: seconds since 1970, nanoseconds.
    Time(u64, u32),
    /// A handle of stdout or stderr.
    Output(Stream),
    /// Success, with a number where one is asked for.
    Success(Option<u64>),
    /// Success: the bytes are written to the stream.
    Written,
    /// Failure: the stream is closed.
    Closed,
    /// A random number.
    Random,
    /// As many random bytes as are asked for.
    RandomBytes,
}

/// The functions for which the empty value would not do, by interface.
const EXCEPTIONS: [(&str, &[(&str, Answer)]); 9] = [
    ("cli/exit", &[("exit", Answer::Exit), ("exit-with-code", Answer::Exit)]),
    ("cli/stdout", &[("get-stdout", Answer::Output(Stream::Out))]),
    ("cli/stderr", &[("get-stderr", Answer::Output(Stream::Err))]),
    // A guest must not block: everything is ready at once.
    (
        "io/poll",
        &[
            ("[method]pollable.ready", Answer::Yes),
            ("[method]pollable.block", Answer::Waited),
            ("poll", Answer::All),
        ],
    ),
    (
        "io/streams",
        &[
            // The empty failure is a failure of a device, and would be tried again. A closed stream
            // is final.
            ("[method]input-stream.read", Answer::Closed),
            ("[method]input-stream.blocking-read", Answer::Closed),
            ("[method]input-stream.skip", Answer::Closed),
            ("[method]input-stream.blocking-skip", Answer::Closed),
            // Runtimes give up if they cannot write.
            ("[method]output-stream.check-write", Answer::Success(Some(4096))),
            ("[method]output-stream.write", Answer::Written),
            ("[method]output-stream.blocking-write-and-flush", Answer::Written),
            ("[method]output-stream.flush", Answer::Success(None)),
            ("[method]output-stream.blocking-flush", Answer::Success(None)),
            ("[method]output-stream.write-zeroes", Answer::Success(None)),
            ("[method]output-stream.blocking-write-zeroes-and-flush", Answer::Success(None)),
            ("[method]output-stream.splice", Answer::Closed),
            ("[method]output-stream.blocking-splice", Answer::Closed),
        ],
    ),
    // A resolution of a millisecond promises little.
    (
        "clocks/monotonic-clock",
        &[
            ("now", Answer::Now),
            ("resolution", Answer::Number(1_000_000)),
            ("subscribe-instant", Answer::Timer { is_from_now: false }),
            ("subscribe-duration", Answer::Timer { is_from_now: true }),
        ],
    ),
    ("clocks/wall-clock", &[("now", Answer::Date), ("resolution", Answer::Time(0, 1_000_000))]),
    // Rejection sampling over zeros alone would have no end.
    ("random/random", &RANDOM),
    ("random/insecure", &RANDOM),
];

/// Both interfaces, with and without `insecure`.
const RANDOM: [(&str, Answer); 4] = [
    ("get-random-bytes", Answer::RandomBytes),
    ("get-random-u64", Answer::Random),
    ("get-insecure-random-bytes", Answer::RandomBytes),
    ("get-insecure-random-u64", Answer::Random),
];

/// The answer of a function of an interface such as `io/streams`.
pub fn to(interface: &str, function: &str) -> Answer {
    let mut answers =
        EXCEPTIONS.iter().filter(|(name, _)| *name == interface).flat_map(|(_, answers)| *answers);
    answers.find(|(name, _)| *name == function).map_or(Answer::Emptiest, |(_, answer)| *answer)
}

impl Answer {
    /// The answer as a value, for a call with these parameters and with the handles in them.
    pub fn value(
        self,
        store: &mut StoreContextMut<'_, Evaluation>,
        ty: &Type,
        parameters: &[Val],
        handles: &[u32],
    ) -> wasmtime::Result<Val> {
        Ok(match self {
            Self::Emptiest | Self::Exit | Self::Waited => emptiest(store, ty)?,
            Self::Now => Val::U64(store.data_mut().wasi.clock.read()),
            Self::Date => {
                let (seconds, nanoseconds) = store.data_mut().wasi.clock.read_date();
                time(seconds, nanoseconds)
            }
            Self::Timer { is_from_now } => {
                let Some(Val::U64(end)) = parameters.first() else {
                    bail!("a timer without a time")
                };
                let timer = store.data_mut().wasi.clock.set_timer(*end, is_from_now);
                handle(store, timer)?
            }
            Self::Yes => Val::Bool(true),
            Self::All => {
                charge_many(store, handles.len())?;
                Val::List((0..).zip(handles).map(|(index, _)| Val::U32(index)).collect())
            }
            Self::Number(number) => Val::U64(number),
            Self::Time(seconds, nanoseconds) => time(seconds, nanoseconds),
            Self::Output(stream) => handle(store, stream.number())?,
            Self::Success(number) => {
                Val::Result(Ok(number.map(|number| Box::new(Val::U64(number)))))
            }
            Self::Written => {
                write(store, parameters, handles)?;
                Val::Result(Ok(None))
            }
            Self::Closed => Val::Result(Err(Some(Box::new(Val::Variant("closed".into(), None))))),
            Self::Random => Val::U64(store.data_mut().wasi.draw()),
            Self::RandomBytes => random_bytes(store, parameters)?,
        })
    }
}

fn time(seconds: u64, nanoseconds: u32) -> Val {
    Val::Record(vec![
        ("seconds".into(), Val::U64(seconds)),
        ("nanoseconds".into(), Val::U32(nanoseconds)),
    ])
}

/// The name of a case or of a field, which each value has a copy of.
fn name(store: &mut StoreContextMut<'_, Evaluation>, name: &str) -> wasmtime::Result<String> {
    store.data_mut().budget.charge(name.len())?;
    Ok(name.to_owned())
}

/// The empty value of a type: nothing, none, zero, failure, the first case.
fn emptiest(store: &mut StoreContextMut<'_, Evaluation>, ty: &Type) -> wasmtime::Result<Val> {
    charge_many(store, 1)?;
    let mut boxed = |ty: Option<Type>| ty.map(|ty| emptiest(store, &ty).map(Box::new)).transpose();
    Ok(match ty {
        Type::Bool => Val::Bool(false),
        Type::S8 => Val::S8(0),
        Type::U8 => Val::U8(0),
        Type::S16 => Val::S16(0),
        Type::U16 => Val::U16(0),
        Type::S32 => Val::S32(0),
        Type::U32 => Val::U32(0),
        Type::S64 => Val::S64(0),
        Type::U64 => Val::U64(0),
        Type::Float32 => Val::Float32(0.0),
        Type::Float64 => Val::Float64(0.0),
        Type::Char => Val::Char('\0'),
        Type::String => Val::String(String::new()),
        Type::List(_) => Val::List(Vec::new()),
        Type::Option(_) => Val::Option(None),
        Type::Flags(_) => Val::Flags(Vec::new()),
        Type::Result(result) => Val::Result(Err(boxed(result.err())?)),
        Type::Variant(variant) => match variant.cases().next() {
            Some(case) => {
                let value = boxed(case.ty)?;
                Val::Variant(name(store, case.name)?, value)
            }
            None => bail!("a variant has no case"),
        },
        Type::Enum(names) => Val::Enum(name(store, names.names().next().unwrap_or_default())?),
        Type::Tuple(tuple) => {
            Val::Tuple(tuple.types().map(|ty| emptiest(store, &ty)).collect::<Result<_, _>>()?)
        }
        Type::Record(record) => {
            let fields = record
                .fields()
                .map(|field| Ok((name(store, field.name)?, emptiest(store, &field.ty)?)));
            Val::Record(fields.collect::<wasmtime::Result<_>>()?)
        }
        Type::Own(_) => handle(store, 0)?,
        other => bail!("WASI 0.2 has no results of type {other:?}"),
    })
}

fn handle(store: &mut StoreContextMut<'_, Evaluation>, number: u32) -> wasmtime::Result<Val> {
    let handle = Resource::<Handle>::new_own(number);
    Ok(Val::Resource(ResourceAny::try_from_resource(handle, store)?))
}

fn random_bytes(
    store: &mut StoreContextMut<'_, Evaluation>,
    parameters: &[Val],
) -> wasmtime::Result<Val> {
    let Some(Val::U64(count)) = parameters.first() else {
        bail!("random bytes without a number of them")
    };
    charge_many(store, usize::try_from(*count)?)?;
    Ok(Val::List(
        (0..*count).map(|_| Val::U8(store.data_mut().wasi.draw().to_le_bytes()[0])).collect(),
    ))
}

/// Write the second parameter, a list of bytes, to the stream in the first one.
fn write(
    store: &mut StoreContextMut<'_, Evaluation>,
    parameters: &[Val],
    handles: &[u32],
) -> wasmtime::Result<()> {
    let stream = handles.first().and_then(|number| Stream::numbered(*number));
    let (Some(stream), Some(Val::List(bytes))) = (stream, parameters.get(1)) else { return Ok(()) };
    store.data_mut().budget.charge(bytes.len())?;
    let bytes =
        bytes.iter().filter_map(|byte| if let Val::U8(byte) = byte { Some(*byte) } else { None });
    store.data_mut().write_output(stream, bytes)
}

fn charge_many(store: &mut StoreContextMut<'_, Evaluation>, values: usize) -> wasmtime::Result<()> {
    store.data_mut().charge(values.saturating_mul(COST))
}
