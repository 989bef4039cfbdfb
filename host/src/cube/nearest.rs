//! "Did you mean": which of the known words is nearest to the one that was written.
//!
//! Invariant: only advice depends on this, never a decision.

/// Longer words are compared by this many characters: enough for any key, and the cost stays small.
const COMPARED: usize = 64;

/// More words than this are not listed: a list that long helps nobody.
const LISTED: usize = 24;

/// The known words, the nearest first; words equally near keep their order.
pub(crate) fn sorted<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known: Vec<(usize, &str)> = known.into_iter().map(|other| (distance(word, other), other)).collect();
    known.sort_by_key(|(distance, _)| *distance);
    known.into_iter().map(|(_, other)| other).collect()
}

/// A hint that names the nearest word, when one is near, and lists the others; nothing when nothing is known.
pub(crate) fn advice<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known = sorted(word, known);
    let first = known.first()?;
    let listed = known.iter().take(LISTED).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let more = if known.len() > LISTED { ", …" } else { "" };
    Some(if is_near(word, first) {
        match known.len() {
            1 => format!("did you mean `{first}`?"),
            _ => format!("did you mean `{first}`? known are {listed}{more}"),
        }
    } else {
        format!("known are {listed}{more}").replacen(
            "known are",
            if known.len() == 1 { "known is" } else { "known are" },
            1,
        )
    })
}

fn is_near(word: &str, other: &str) -> bool {
    let longest = word.chars().count().max(other.chars().count());
    distance(word, other) * 3 <= longest
}

/// Levenshtein's distance, with letters compared without case.
fn distance(left: &str, right: &str) -> usize {
    let fold = |text: &str| text.chars().take(COMPARED).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (left, right) = (fold(left), fold(right));
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
