//! Owns the damaged policies: the shipped ones and those written by hand, with bits flipped, parts
//! lost, doubled and moved. Invariant: a seed gives the same file in every run.

use serde_json::json;

use crate::support::dice::Dice;
use crate::support::policy::{self, Limit, Limits, PolicyHost, ReviewError, small_job};
use crate::support::workspace;

/// Sound policies, as core modules and as components, and where they run.
pub struct Damaged {
    host: PolicyHost,
    sound: Vec<Vec<u8>>,
}

impl Damaged {
    pub fn new() -> Self {
        let shipped = ["node-selector", "gpu-resources", "pvc-remap", "hostile"];
        let mut sound: Vec<_> = shipped.iter().map(|name| policy::bytes(name)).collect();
        sound.extend(sound.clone().iter().map(|module| component(module)));
        for name in ["empty-contract", "foreign-import", "other-world"] {
            let path = workspace().join(format!("tests/guests/{name}.wat"));
            sound.push(wat::parse_file(path).expect("the text is sound"));
        }
        // Less time than a review may take, so that many are tried.
        let limits = Limits::default().with(Limit::Wall, 500).with(Limit::Fuel, 10_000_000);
        let damaged = Self { host: policy::host(limits), sound };
        // What a sound one takes is taken before anything is measured.
        damaged.sound.iter().for_each(|sound| drop(damaged.review(sound.clone())));
        damaged
    }

    /// Load and ask a damaged policy; in a few words what came of it.
    pub fn try_one(&self, seed: u64) -> String {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut file = dice.pick(&self.sound).clone();
        let other = dice.pick(&self.sound).clone();
        for _ in 0..=dice.below(4) {
            damage(&mut dice, &mut file, &other);
        }
        self.review(file)
    }

    fn review(&self, file: Vec<u8>) -> String {
        let settings = json!({"do": "nothing", "tasks": {}, "claims": {}});
        let source = policy::source_of("damaged", "damaged.wasm", file, settings);
        let policy = match policy::load(&self.host, source) {
            Ok(policy) => policy,
            Err(error) => return format!("not loaded: {error}"),
        };
        match policy::chain(vec![policy]).review(small_job()) {
            Ok(admitted) => {
                assert_eq!(
                    admitted.original(),
                    small_job(),
                    "undoing the edits gives the Job back"
                );
                format!("{} edits", admitted.edits().count())
            }
            Err(ReviewError::Rejected(rejected)) => {
                format!("rejected: {}", rejected.rejection.reason)
            }
            Err(ReviewError::Broken(error)) => format!("broken: {error}"),
        }
    }
}

fn component(module: &[u8]) -> Vec<u8> {
    let encoder = wit_component::ComponentEncoder::default();
    encoder.module(module).and_then(|mut encoder| encoder.encode()).expect("a component")
}

fn damage(dice: &mut Dice, file: &mut Vec<u8>, other: &[u8]) {
    // What begins otherwise is refused at once.
    let start = 8;
    if file.len() <= start {
        return;
    }
    let at = start + dice.below(file.len() - start);
    let end = (at + dice.below(64)).min(file.len());
    match dice.below(8) {
        0..3 => file[at] ^= 1 << dice.below(8),
        3 => file[at] = dice.below(256) as u8,
        4 => file.truncate(at),
        5 => drop(file.drain(at..end)),
        6 => {
            let from = dice.below(other.len());
            let until = (from + dice.below(256)).min(other.len());
            drop(file.splice(at..end, other[from..until].iter().copied()));
        }
        _ => move_section(dice, file),
    }
}

/// Put a section to the end, once more or in place of where it stood.
fn move_section(dice: &mut Dice, file: &mut Vec<u8>) {
    let sections = wasmparser::Parser::new(0).parse_all(file).flatten();
    let ranges: Vec<_> =
        sections.filter_map(|payload| payload.as_section()).map(|(_, range)| range).collect();
    if ranges.is_empty() {
        return;
    }
    let range = dice.pick(&ranges).clone();
    // The number and the length stand in the bytes before: how many these are, a throw decides as
    // well as any.
    let whole = range.start.saturating_sub(2 + dice.below(3)).max(8)..range.end.min(file.len());
    let section = file[whole.clone()].to_vec();
    if dice.below(2) == 0 {
        drop(file.drain(whole));
    }
    file.extend(section);
}
