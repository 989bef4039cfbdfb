//! A policy that misbehaves as its settings say: `{"do": "loop"}`. Each way must be stopped by the
//! host.

use mlcube_policy::{Description, Policy, Rejection, Verdict, job, log, metadata, settings};
use std::hint::black_box;

struct Hostile;

impl Policy for Hostile {
    fn describe() -> Description {
        Description {
            name: "hostile",
            version: "0.1.0",
            summary: "Misbehaves as its settings say.",
            settings_schema: r#"{"type": "object", "required": ["do"], "properties": {"do": {"type": "string"}}}"#,
        }
    }

    fn validate_settings() -> Result<(), String> {
        match settings::text("/do").as_deref() {
            Some("refuse-settings") => Err("the policy does not like them".into()),
            Some("panic-while-validating") => {
                log::write(log::Level::Debug, "looking at `do`");
                log::write(log::Level::Warn, "no rule\nfor it");
                panic_for("on purpose".into());
                Ok(())
            }
            Some("loop-while-validating") => {
                log::write(log::Level::Info, "again and again");
                loop {
                    black_box(0);
                }
            }
            Some("edit-while-validating") => {
                metadata::set_label("team", "x", "too early").map_err(|refusal| refusal.why)
            }
            _ => Ok(()),
        }
    }

    fn review() -> Result<Verdict, Rejection> {
        match settings::text("/do").unwrap_or_default().as_str() {
            "panic" => panic_for("on purpose".into()),
            "panic-at-length" => panic_for("x".repeat(5000)),
            "panic-with-a-number" => panic_without_words(),
            "index" => drop(black_box([0; 3][black_box(7)])),
            "divide" => drop(black_box(1 / black_box(0))),
            "unwrap" => unwrap_nothing(black_box(None)),
            "loop" => loop {
                black_box(0);
            },
            "allocate" => loop {
                black_box(vec![1u8; 1 << 20].leak());
            },
            "allocate-at-once" => {
                black_box(vec![1u8; 1 << 30]);
            }
            "recurse" => {
                black_box(recurse(black_box(1_000_000)));
            }
            "flood-log" => loop {
                log::write(log::Level::Info, "again");
            },
            "flood-edits" => {
                (0u32..).try_for_each(|n| metadata::set_label("n", &n.to_string(), "again"))?
            }
            "flood-reads" => loop {
                black_box(job::read(""));
            },
            "giant-line" => log::write(log::Level::Warn, &"x".repeat(1 << 20)),
            "escape-sequences" => log::write(log::Level::Warn, "\u{1b}[2Jgone\u{7}\u{202e}txt"),
            "unaligned-refusal" => metadata::set_label("kubernetes.io/arch", "x", "not mine")?,
            "warn" => return Ok(Verdict::warn("\u{1b}[2Jgone")),
            "flood-warnings" => return Ok(Verdict::Warn(vec!["again".into(); 100_000])),
            "warn-of-nothing" => return Ok(Verdict::Warn(Vec::new())),
            _ => {}
        }
        Ok(Verdict::Admit)
    }
}

#[expect(clippy::panic, reason = "this is what it is for")]
fn panic_without_words() {
    std::panic::panic_any(5);
}

#[expect(clippy::panic, reason = "this is what it is for")]
fn panic_for(why: String) {
    panic!("{why}");
}

#[expect(clippy::unwrap_used, reason = "this is what it is for")]
fn unwrap_nothing(nothing: Option<()>) {
    nothing.unwrap();
}

/// Keeps nothing in memory and is no loop in disguise, so that it is the native stack that it
/// fills.
fn recurse(depth: u64) -> u64 {
    if depth == 0 { 1 } else { recurse(depth - 1).rotate_left(3) ^ depth }
}

mlcube_policy::export!(Hostile);
