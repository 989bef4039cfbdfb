//! The wasmtime engine and every option of it. Guests are deterministic: no threads, no SIMD that
//! differs between machines, canonical NaNs. The allocation strategy changes their speed, never
//! their code.
//!
//! The engine that runs policies has no compiler: setting one up takes as long as a review, and a
//! warm start compiles nothing.

use crate::policy::{Limit, Limits};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;
use wasmtime::{Config, Enabled, Engine, EngineWeak, PoolingAllocationConfig};

/// The length of an epoch: how often the deadline of a running guest is checked.
pub const TICK: Duration = Duration::from_millis(10);

/// The reviews that may run at the same time with the pooling allocator.
const REVIEWS: u32 = 16;
/// The memory that a slot in the pool keeps resident: a review by a Rust policy touches some 100 KB
/// of it.
const RESIDENT: usize = 2 << 20;

/// Everything that decides how policies are compiled, as a part of the cache's keys: code that was
/// compiled with other options must not be loaded.
pub const KNOBS: &str = include_str!("engine.rs");

/// The allocation strategy for instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allocation {
    /// Memory is mapped for each instance: best if each policy is called a few times.
    OnDemand,
    /// Memory comes from a pool that keeps it: best if one process makes many reviews.
    Pooling,
}

/// A ticker: advances the epoch of an engine, from the first call of a guest on, as long as it is
/// held. A program that only loads policies has no second thread.
pub struct Ticker {
    engine: EngineWeak,
    ticks: OnceLock<Sender<()>>,
}

/// Make the engine that runs code from [`compiler`] with the same limits.
pub fn engine(limits: &Limits, allocation: Allocation) -> wasmtime::Result<Engine> {
    let mut config = config(limits.count(Limit::Stack));
    config.enable_compiler(false);
    if allocation == Allocation::Pooling {
        config.allocation_strategy(pool(limits));
    }
    Engine::new(&config)
}

/// Make an engine that compiles, and runs nothing, for code with a stack of so many bytes.
pub fn compiler(stack: usize) -> wasmtime::Result<Engine> {
    let mut config = config(stack);
    config.cranelift_nan_canonicalization(true);
    Engine::new(&config)
}

/// The options that both engines must have in common, with the stack of a guest in bytes.
fn config(stack: usize) -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.consume_fuel(true);
    config.epoch_interruption(true);
    config.max_wasm_stack(stack);
    config.wasm_relaxed_simd(false);
    config.wasm_backtrace_max_frames(None);
    // The place of a trap in a policy is not shown to anybody.
    config.generate_address_map(false).native_unwind_info(false);
    config.wasm_memory64(false);
    // One Job is reviewed by each instance: to map memory as it is touched is cheaper than to fill
    // it.
    config.memory_init_cow(true);
    // A few bytes of data far apart must not become a large image.
    config.memory_guaranteed_dense_image_size(64 << 10);
    config
}

/// A pool with room for every policy within the limits. It only reserves addresses: memory is
/// committed when it is touched. The limits themselves are enforced by the store.
fn pool(limits: &Limits) -> PoolingAllocationConfig {
    let [instances, memories, tables] = [Limit::Instances, Limit::Memories, Limit::Tables]
        .map(|limit| u32::try_from(limits.get(limit)).unwrap_or(u32::MAX));
    let for_all = |each: u32| each.saturating_mul(REVIEWS);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(REVIEWS);
    pool.total_core_instances(for_all(instances)).max_core_instances_per_component(instances);
    pool.total_memories(for_all(memories))
        .max_memories_per_component(memories)
        .max_memories_per_module(memories);
    pool.total_tables(for_all(tables))
        .max_tables_per_component(tables)
        .max_tables_per_module(tables);
    pool.table_elements(limits.count(Limit::TableElements));
    pool.linear_memory_keep_resident(RESIDENT).table_keep_resident(RESIDENT);
    pool.pagemap_scan(Enabled::Auto);
    pool
}

/// The number of epochs after which a time that begins now is over.
pub fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

impl Ticker {
    /// A ticker that is not started yet.
    pub fn new(engine: &Engine) -> Arc<Self> {
        Arc::new(Self { engine: engine.weak(), ticks: OnceLock::new() })
    }

    /// Start the thread, unless it runs. It ends at once with the last holder: a program that ends
    /// would have to wait for it.
    pub fn start(&self) {
        self.ticks.get_or_init(|| {
            let engine = self.engine.clone();
            let (held, is_held) = mpsc::channel();
            thread::spawn(move || {
                while is_held.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    engine.upgrade().iter().for_each(Engine::increment_epoch);
                }
            });
            held
        });
    }
}
