//! The clock of the empty world. It moves a little with each reading, and to the end of a timer
//! that is waited for, so that every wait ends; and it is the same on every run.

/// The time of the first reading, in nanoseconds: Go takes a clock that says 0 for a broken one.
const START: u64 = 1_000_000_000;
/// The first reading of the wall clock: midnight of 2024-01-01, UTC, in seconds since 1970. That is
/// late enough for what checks dates.
const START_DATE: u64 = 1_704_067_200;
/// How far the clock moves with a reading, in nanoseconds.
const STEP: u64 = 1_000_000;
/// The readings after which it moves twice as far, so that long waits end too.
const DOUBLES_AFTER: u32 = 1024;
/// The number of the first timer among the handles.
const FIRST_TIMER: u32 = 16;

/// The clock of one call.
#[derive(Default)]
pub struct Clock {
    /// Nanoseconds since the first reading.
    passed: u64,
    readings: u32,
    timers: Vec<u64>,
}

impl Clock {
    /// Read it: nanoseconds.
    pub fn read(&mut self) -> u64 {
        let now = START.saturating_add(self.passed);
        let doubled = (self.readings / DOUBLES_AFTER).min(u64::BITS - 1);
        self.readings = self.readings.saturating_add(1);
        self.passed = self.passed.saturating_add(STEP.saturating_mul(1 << doubled));
        now
    }

    /// Read the wall clock: seconds since 1970, and nanoseconds.
    pub fn read_date(&mut self) -> (u64, u32) {
        let passed = self.read() - START;
        let nanoseconds = u32::try_from(passed % 1_000_000_000).expect("less than a second");
        (START_DATE + passed / 1_000_000_000, nanoseconds)
    }

    /// Set a timer to a time, or so long from now; gives the number of its handle.
    pub fn set_timer(&mut self, time: u64, is_from_now: bool) -> u32 {
        let from = if is_from_now { self.passed } else { 0 };
        let since = if is_from_now { time } else { time.saturating_sub(START) };
        self.timers.push(from.saturating_add(since));
        u32::try_from(self.timers.len() - 1).map_or(0, |index| FIRST_TIMER.saturating_add(index))
    }

    /// Wait for a handle: if it is a timer's, its time comes.
    pub fn wait(&mut self, handle: u32) {
        let timer =
            handle.checked_sub(FIRST_TIMER).and_then(|index| self.timers.get(index as usize));
        self.passed = timer.map_or(self.passed, |end| self.passed.max(*end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_ends() {
        let mut clock = Clock::default();
        assert_eq!([clock.read(), clock.read()], [START, START + STEP]);
        assert_eq!(clock.read_date(), (START_DATE, 2_000_000));

        let timer = clock.set_timer(5_000_000_000, true);
        clock.wait(timer);
        assert_eq!(clock.read(), START + 5_003_000_000);
        let earlier = clock.set_timer(START, false);
        clock.wait(earlier);
        clock.wait(0);
        assert_eq!(clock.read(), START + 5_004_000_000);

        // A busy wait for a day takes fewer readings than the host answers.
        let mut clock = Clock::default();
        let day = 86_400_000_000_000;
        let readings = (0..).take_while(|_| clock.read() < START + day).count();
        assert!(readings < 20_000, "{readings}");

        let endless = clock.set_timer(u64::MAX, true);
        clock.wait(endless);
        assert_eq!(clock.read(), u64::MAX);
        assert!(clock.read_date().0 > START_DATE);
    }
}
