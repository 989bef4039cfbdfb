//! A search for the file within the limits that is dearest to compile. Shapes of a function are
//! changed at random, and those that take the most memory and time for what the scan counts are
//! changed further. Each is compiled in a process of its own.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::guest::Guest;
use crate::support::dice::Dice;
use crate::support::policy::{self, Limit, Limits};
use crate::support::process::{self, grown_since, peak, report};

/// The most that a file within the limits may take: kilobytes, and time of the processor.
const MOST_KB: u64 = 512 << 10;
const MOST_TIME: Duration = Duration::from_secs(40);
/// A build without optimisation is so many times slower.
const SLOWNESS: u32 = if cfg!(debug_assertions) { 2 } else { 1 };
/// The shapes that are kept.
const KEPT: usize = 8;

/// Code that leaves the stack as it was. `$f` takes nothing, `$g` takes and gives many numbers.
const PARTS: [&str; 25] = [
    "(local.set 0 (i32.add (local.get 0) (i32.const 1)))",
    "(local.set LOCAL (i32.mul (local.get LOCAL) (local.get 0)))",
    "(local.set LOCAL (local.get 0))",
    "(drop (i32.load (local.get 0)))",
    "(i64.store (local.get 0) (i64.load (local.get LOCAL)))",
    "(block (br_if 0 (local.get 0)))",
    "(if (local.get 0) (then (local.set LOCAL (i32.const 1))))",
    "(if (local.get 0) (then return))",
    "(if (local.get LOCAL) (then) (else (local.set LOCAL (i32.const 1))))",
    "(loop (br_if 0 (local.get LOCAL)))",
    "(loop (local.set LOCAL (i32.add (local.get LOCAL) (local.get 0))) (br_if 0 (local.get 0)))",
    "(block (block (block (br_table 0 1 2 (local.get 0)))))",
    "(call $f)",
    "(call $g MANY) DROPS",
    "(call_indirect (type $t) (local.get 0))",
    "(drop (table.get 0 (local.get 0)))",
    "(table.set 0 (local.get 0) (ref.func $f))",
    "(memory.fill (local.get 0) (local.get 0) (local.get 0))",
    "(drop (memory.grow (i32.const 0)))",
    "(drop (i32.trunc_f64_s (f64.div (f64.const 1) (f64.convert_i32_s (local.get 0)))))",
    "(drop (i64.rem_s (i64.extend_i32_s (local.get 0)) (i64.extend_i32_s (local.get LOCAL))))",
    "MANY (block (type $many)) DROPS",
    "MANY (loop (type $many) (br_if 0 (local.get 0))) DROPS",
    "(drop (select (local.get 0) (local.get LOCAL) (local.get 0)))",
    "(global.set $x (local.get LOCAL))",
];

/// The shape of a file.
#[derive(Clone, Debug)]
struct Shape {
    functions: usize,
    locals: usize,
    carried: usize,
    /// How often everything is repeated, and within how many blocks or loops.
    times: usize,
    depth: usize,
    is_loop: bool,
    parts: Vec<(usize, usize)>,
}

/// What a file takes.
#[derive(Clone, Debug)]
struct Cost {
    kilobytes: u64,
    time: Duration,
}

impl Shape {
    fn any(dice: &mut Dice) -> Self {
        let parts = (0..=dice.below(3)).map(|_| (dice.below(PARTS.len()), 1 + dice.below(50)));
        let parts = parts.collect();
        Self {
            functions: 1 + dice.below(4),
            locals: 1 + dice.below(300),
            carried: 1 + dice.below(100),
            times: 1 + dice.below(400),
            depth: dice.below(30),
            is_loop: dice.below(2) == 0,
            parts,
        }
    }

    fn changed(&self, dice: &mut Dice) -> Self {
        let mut shape = self.clone();
        let scale = |dice: &mut Dice, number: usize, most: usize| {
            let factor = *dice.pick(&[25, 50, 80, 110, 150, 200, 400]);
            (number * factor / 100 + dice.below(3)).clamp(1, most)
        };
        match dice.below(8) {
            0 => shape.functions = scale(dice, shape.functions, 2_000),
            1 => shape.locals = scale(dice, shape.locals, 1_900),
            2 => shape.carried = scale(dice, shape.carried, 900),
            3 | 4 => shape.times = scale(dice, shape.times, 50_000),
            5 => shape.depth = scale(dice, shape.depth, 5_000) - 1,
            6 => shape.is_loop = !shape.is_loop,
            _ => {
                let at = dice.below(shape.parts.len());
                match dice.below(3) {
                    0 => shape.parts[at] = (dice.below(PARTS.len()), 1 + dice.below(20)),
                    1 if shape.parts.len() < 6 => {
                        shape.parts.push((dice.below(PARTS.len()), 1 + dice.below(20)));
                    }
                    _ => shape.parts[at].1 = scale(dice, shape.parts[at].1, 1_000),
                }
            }
        }
        shape
    }

    /// The policy of this shape; none where its text would be too long to be within the limits.
    fn policy(&self) -> Option<Vec<u8>> {
        let numbers = "i32 ".repeat(self.carried);
        let many = "(i32.const 1)".repeat(self.carried);
        let drops = "drop ".repeat(self.carried);
        let mut once = String::new();
        for (part, count) in &self.parts {
            for number in 0..*count {
                let local = (1 + number % self.locals).to_string();
                let part = PARTS[*part].replace("LOCAL", &local).replace("MANY", &many);
                once.push_str(&part.replace("DROPS", &drops));
            }
            if once.len() > 1 << 20 {
                return None;
            }
        }
        let length = once.len() * self.times * self.functions;
        if length > 48 << 20 {
            return None;
        }
        let open = if self.is_loop { "loop " } else { "block " };
        let close = "(br_if 0 (local.get 0)) end ".repeat(self.depth);
        let function = format!(
            "(func (param i32) (local {}) {} {} {close})",
            "i32 ".repeat(self.locals),
            open.repeat(self.depth),
            once.repeat(self.times),
        );
        let items = format!(
            "(type $t (func)) (type $many (func (param {numbers}) (result {numbers}))) \
             (table 1 funcref) (global $x (mut i32) (i32.const 0)) (elem declare func $f) \
             (func $f) (func $g (type $many) {many}) {}",
            function.repeat(self.functions)
        );
        Some(Guest::new().with("items", items).module())
    }
}

/// Search for so long, beginning with a seed. Nothing that passes the scan may take too much.
pub fn search(seed: u64, seconds: u64, mut show: impl FnMut(&str)) {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut dice = Dice(seed);
    let mut kept: Vec<(u64, Shape, Cost)> = Vec::new();
    while Instant::now() < end || kept.is_empty() {
        let fresh = kept.len() < KEPT || dice.below(5) == 0;
        let shape =
            if fresh { Shape::any(&mut dice) } else { dice.pick(&kept).1.changed(&mut dice) };
        let Some(cost) = shape.policy().and_then(|policy| cost(&policy)) else { continue };
        let most = MOST_TIME * SLOWNESS;
        assert!(
            cost.kilobytes < MOST_KB && cost.time < most,
            "within the limits, and yet it takes {cost:?}: {shape:?}"
        );
        let rank = cost.kilobytes * 1000 / MOST_KB
            + (cost.time.as_millis() * 1000 / most.as_millis()) as u64;
        kept.push((rank, shape, cost));
        kept.sort_by_key(|(rank, ..)| std::cmp::Reverse(*rank));
        kept.truncate(KEPT);
    }
    kept.iter().for_each(|(_, shape, cost)| show(&format!("{cost:?}: {shape:?}")));
}

/// What a policy takes to be compiled; none if it is not within the limits.
fn cost(bytes: &[u8]) -> Option<Cost> {
    let file = process::place().with_extension("wasm");
    fs::write(&file, bytes).expect("the file can be written");
    let ended = process::work(&format!("compile {}", file.display()), 20 * MOST_TIME);
    let _ = fs::remove_file(&file);
    let ended = ended.unwrap_or_else(|failure| panic!("{failure}"));
    let told: Value = serde_json::from_str(&ended.report).expect("a report");
    let number = |key: &str| told[key].as_u64().expect("a number");
    let time = Duration::from_millis(number("milliseconds"));
    told["compiled"].as_bool()?.then(|| Cost { kilobytes: number("kilobytes"), time })
}

/// Compile a file in this process, and tell what it took.
pub fn work(file: &str) {
    let bytes = fs::read(file).expect("the file can be read");
    let host = policy::host(Limits::default().with(Limit::Compile, 1_200_000));
    let before = peak();
    let loaded = policy::load(&host, policy::source_of("hostile", file, bytes, json!({})));
    let told = json!({
        "compiled": loaded.is_ok(), "kilobytes": grown_since(before), "milliseconds": busy(),
    });
    report(&told.to_string());
}

/// The time that this process has had of the processor, in milliseconds.
fn busy() -> u64 {
    let told = fs::read_to_string("/proc/self/stat").expect("Linux tells the time of a process");
    let after = told.rsplit(')').next().expect("a name in parentheses");
    // In hundredths of a second: in the program, and for it in the kernel.
    let ticks = after.split_whitespace().skip(11).take(2).map(|word| word.parse::<u64>());
    ticks.map(|ticks| ticks.expect("a number")).sum::<u64>() * 10
}
