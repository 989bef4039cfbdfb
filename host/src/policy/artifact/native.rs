//! Loading native code that this program compiled: the one use of `unsafe` in the program.
#![expect(unsafe_code, reason = "native code cannot be checked, only trusted")]

use crate::files;
use std::fs::File;
use std::os::fd::AsRawFd;
use wasmtime::Engine;
use wasmtime::component::Component;

/// A component as native code.
pub struct Native(Vec<u8>);

/// Compile a component.
pub fn compile(compiler: &Engine, component: &[u8]) -> wasmtime::Result<Vec<u8>> {
    compiler.precompile_component(component)
}

impl Native {
    /// What [`compile`] made, here or in a process of this program.
    pub fn compiled(code: Vec<u8>) -> Self {
        Self(code)
    }

    /// Load it into the engine that runs it.
    pub fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        // SAFETY: the bytes are what `compile` gave, here or in a child of this process that is the
        // same program, and nothing changes them.
        unsafe { Component::deserialize(engine, &self.0) }
    }

    /// The code, to be kept in a file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Load the native code at the start of a cache file, once the file is known to be whole and owned
/// by the user. None if it is for another machine or engine.
pub fn load_file(engine: &Engine, file: &File) -> Option<Component> {
    // The path of the file that was checked, even if another file has its name by now.
    let same = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the cache wrote the code as `Native` has it. Only this user can write the file and
    // its folder, and its checksum is right, so it is neither foreign nor damaged. No entry is ever
    // written to again: a new one takes its name. wasmtime itself refuses code of another version
    // or configuration.
    let mapped = unsafe { Component::deserialize_file(engine, &same) };
    // Where files of this folder may not be mapped as code (a file system mounted `noexec`), the
    // code is copied. SAFETY: as above.
    mapped
        .or_else(|_| unsafe { Component::deserialize(engine, files::read_opened(file, u64::MAX)?) })
        .ok()
}
