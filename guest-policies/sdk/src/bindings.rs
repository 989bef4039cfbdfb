//! The contract in Rust, generated from `wit/`. The one place of the guests where generated code,
//! which needs `unsafe`, lives.
#![allow(unsafe_code, missing_docs, clippy::all)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "mutating-policy",
    pub_export_macro: true,
    export_macro_name: "export_world",
});
