//! The stitcher against a model: a kubelet that gives any part of a log, and is cut anywhere.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// An entry of a log file: its time in nanoseconds, and its bytes.
type Entry = (i64, Vec<u8>);

/// A log as a kubelet gives it from a time on: a time before each entry that begins a line.
fn response(log: &[Entry], since: Option<Timestamp>) -> Vec<u8> {
    let (mut bytes, mut begins) = (Vec::new(), true);
    for (at, text) in log {
        if since.is_none_or(|since| i128::from(*at) >= since.as_nanosecond()) {
            if begins {
                bytes.extend(format!("{:.9} ", stamp(*at)).into_bytes());
            }
            bytes.extend_from_slice(text);
        }
        begins = text.ends_with(b"\n");
    }
    bytes
}

fn stamp(nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(nanoseconds.into()).expect("a time")
}

/// What a container wrote: the bytes of all entries.
fn written(log: &[Entry]) -> Vec<u8> {
    log.iter().flat_map(|(_, text)| text.clone()).collect()
}

/// Where lines begin in it, and their times.
fn times(log: &[Entry]) -> Vec<(usize, Timestamp)> {
    let (mut times, mut begun, mut length) = (Vec::new(), None, 0);
    let mut begins = true;
    for (at, text) in log {
        begun = if begins { Some(stamp(*at)) } else { begun };
        times.extend(begun.take_if(|_| !text.is_empty()).map(|stamp| (length, stamp)));
        (begins, length) = (text.ends_with(b"\n"), length + text.len());
    }
    times
}

fn stitcher() -> Stitcher {
    Stitcher::new(true)
}

/// Take one response up to a place, in parts; gives where lines are missing. That lines are apart
/// is found where the times say so.
fn take(stitcher: &mut Stitcher, response: &[u8], part: usize, out: &mut Piece) -> Vec<Between> {
    stitcher.begin();
    let mut lost = Vec::new();
    for mut part in response.chunks(part.max(1)) {
        while let Some(between) = stitcher.push(&mut part, out) {
            let time = between.before.duration_since(between.after);
            assert!(between.is_lost || time >= APART, "{between:?}");
            lost.extend(Some(between).filter(|between| between.is_lost));
        }
    }
    lost
}

/// Texts that repeat, look like times, are empty, are not UTF-8, or go on in the next entry.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&[u8]> = vec![
        b"\n",
        b"same\n",
        b"same\n",
        b"10 %\r",
        b"2026-11-26T08:59:15.5Z told\n",
        b"\xff\xfe\x00\n",
        "ä€😀\n".as_bytes(),
        b"part of a line ",
        b" ",
    ];
    prop::sample::select(words).prop_map(<[u8]>::to_vec)
}

/// A log: most entries have a time of their own, some share one, some seconds are empty. What goes
/// on with a line does not look like a time: where a response begins, it could not be told from one.
fn log() -> impl Strategy<Value = Vec<Entry>> {
    let step = prop_oneof![Just(0), 1i64..1000, 1i64..400_000_000, Just(3_000_000_000)];
    vec((step, text()), 0..40).prop_map(|steps| {
        let mut now = 1_764_147_555_000_000_000;
        let mut begins = true;
        let mut entry = |(step, text): (i64, Vec<u8>)| {
            now += step;
            let text =
                if begins { text } else { text.strip_prefix(b"2026-").unwrap_or(&text).to_vec() };
            begins = text.ends_with(b"\n");
            (now, text)
        };
        steps.into_iter().map(&mut entry).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Whatever is cut and wherever, every byte comes once and in order.
    #[test]
    fn every_byte_once(log in log(), cuts in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1usize..50), 0..12)) {
        let (mut stitcher, mut out) = (self::stitcher(), Piece::default());
        for (grown, cut, part) in cuts {
            // The log grows while it is read.
            let grown = &log[..grown.index(log.len() + 1)];
            let response = response(grown, stitcher.since());
            let cut = &response[..cut.index(response.len() + 1)];
            prop_assert_eq!(take(&mut stitcher, cut, part, &mut out), vec![]);
            prop_assert!(written(&log).starts_with(&out.bytes));
        }
        let rest = response(&log, stitcher.since());
        prop_assert_eq!(take(&mut stitcher, &rest, 7, &mut out), vec![]);
        prop_assert_eq!(stitcher.told(), out.bytes.len() as u64);
        prop_assert!(stitcher.is_joined());
        prop_assert_eq!(&out.bytes, &written(&log));
        prop_assert_eq!(out.times, times(&log));
        // One that is asked again has nothing new, and knows that it is whole.
        let mut again = Piece::default();
        let rest = response(&log, stitcher.since());
        take(&mut stitcher, &rest, 1000, &mut again);
        prop_assert!(again.bytes.is_empty() && stitcher.is_joined());
    }

    /// The kubelet removes the oldest lines while nobody reads: what is gone is told as gone, and
    /// nothing comes twice.
    #[test]
    fn what_is_gone_is_told(log in log(), cut in any::<prop::sample::Index>(), gone in any::<prop::sample::Index>()) {
        // Lines with a time each, so that the model knows by the time which were told.
        let mut log: Vec<Entry> = log.into_iter().filter(|(_, text)| text.ends_with(b"\n")).collect();
        log.dedup_by_key(|(at, _)| *at);
        let (mut stitcher, mut out) = (self::stitcher(), Piece::default());
        let cut = cut.index(log.len() + 1);
        take(&mut stitcher, &response(&log[..cut], None), 5, &mut out);
        let gone = gone.index(log.len() + 1);
        let rest = response(&log[gone..], stitcher.since());
        let missing = take(&mut stitcher, &rest, 3, &mut out);
        let is_lost = cut > 0 && gone >= cut && gone < log.len();
        let expected = is_lost.then(|| Between {
            after: stamp(log[cut - 1].0),
            before: stamp(log[gone].0),
            is_lost,
        });
        prop_assert_eq!(missing, Vec::from_iter(expected));
        prop_assert_eq!(out.bytes, [written(&log[..cut]), written(&log[gone.max(cut)..])].concat());
        // Without anything behind it, the gap has no end yet: it is not joined.
        prop_assert_eq!(stitcher.is_joined(), cut == 0 || gone < cut || is_lost);
    }
}

/// Lines that are far apart are named, each in its place.
#[test]
fn lines_that_are_apart_are_named() {
    let (mut stitcher, mut out) = (self::stitcher(), Piece::default());
    let log: Vec<Entry> =
        [0, 1, 3, 4, 60].map(|at| (at * 1_000_000_000, format!("{at}\n").into_bytes())).to_vec();
    let (response, mut found) = (response(&log, None), Vec::new());
    stitcher.begin();
    let mut rest = &response[..];
    while let Some(between) = stitcher.push(&mut rest, &mut out) {
        found.push((between.before.as_second(), String::from_utf8_lossy(&out.bytes).into_owned()));
    }
    assert_eq!(found, [(3, "0\n1\n".to_owned()), (60, "0\n1\n3\n4\n".to_owned())]);
    assert_eq!(out.bytes, written(&log));
}

/// A clock that is set back makes nothing come twice.
#[test]
fn a_clock_may_be_set_back() {
    let second = 1_000_000_000;
    let log: Vec<Entry> =
        [100, 101, 50, 51, 52].map(|at| (at * second, format!("{at}\n").into_bytes())).to_vec();
    for cut in 0..response(&log, None).len() {
        let (mut stitcher, mut out) = (self::stitcher(), Piece::default());
        take(&mut stitcher, &response(&log, None)[..cut], 4, &mut out);
        // The line of the second 50 is not yet told: it is before the place, and is not asked for.
        if stitcher.since().is_some_and(|since| since.as_second() > 50)
            && !out.bytes.ends_with(b"50\n")
        {
            continue;
        }
        let rest = response(&log, stitcher.since());
        assert_eq!(take(&mut stitcher, &rest, 4, &mut out), vec![], "{cut}");
        assert_eq!(out.bytes, written(&log), "{cut}");
    }
}

/// A kubelet writes its errors where the log should be: they are not the container's words.
#[test]
fn words_of_the_server_are_not_the_containers() {
    let rows = [
        (
            "unable to retrieve container logs for containerd://7",
            "",
            Some("unable to retrieve container logs for containerd://7"),
        ),
        (
            "2026-11-26T08:59:15.5Z one\nfailed to watch file: too many open files\n",
            "one\n",
            Some("failed to watch file: too many open files"),
        ),
        ("2026-11-26T08:59:15.5Z one\n2026-11-", "one\n", None),
        ("2026-11-26T08:59:15.5Z one\nfail", "one\n", Some("fail")),
        ("\n", "", None),
        ("the rest of a long line\n2026-11-26T08:59:15.123456789+00:00 one", "one", None),
        (
            "a-word-that-is-longer-than-any-time-is and more\n2026-11-26T10:59:15.5+02:00 \n",
            "\n",
            None,
        ),
    ];
    for (text, told, message) in rows {
        for part in 1..text.len() {
            let (mut stitcher, mut out) = (self::stitcher(), Piece::default());
            take(&mut stitcher, text.as_bytes(), part, &mut out);
            assert_eq!(String::from_utf8_lossy(&out.bytes), told, "{text}");
            assert_eq!(stitcher.message().as_deref(), message, "{text}");
        }
    }
}
