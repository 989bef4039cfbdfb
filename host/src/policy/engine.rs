//! The one wasmtime engine and every knob on it. Guests are deterministic: no threads, no SIMD that differs between
//! machines, canonical NaNs.

use super::{Limit, Limits};
use std::time::Duration;
use wasmtime::{Config, Engine};

/// How often a running guest looks at the clock.
pub const TICK: Duration = Duration::from_millis(10);

/// Make an engine, and the thread that advances its epoch as long as it lives.
pub fn engine(limits: &Limits) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model(true);
    config.consume_fuel(true);
    config.epoch_interruption(true);
    config.max_wasm_stack(limits.count(Limit::Stack));
    config.cranelift_nan_canonicalization(true);
    config.wasm_relaxed_simd(false);
    config.wasm_backtrace_max_frames(None);
    // Nobody is shown where in a policy it trapped.
    config.generate_address_map(false);
    config.wasm_memory64(false);
    // One Job is reviewed by each instance: to map memory as it is touched is cheaper than to reserve 4 GiB for each.
    config.memory_init_cow(true);
    // A few bytes of data far apart must not become a large image.
    config.memory_guaranteed_dense_image_size(64 << 10);
    let engine = Engine::new(&config)?;
    tick(&engine);
    Ok(engine)
}

/// The number of ticks after which a time that begins now is over.
pub fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

fn tick(engine: &Engine) {
    let engine = engine.weak();
    std::thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    });
}
