//! "Did you mean": the known word that is nearest to the one that was written. Only advice depends
//! on this, never a decision.

/// Characters by which longer words are compared: enough for any key, and the cost stays small.
const COMPARED: usize = 64;

/// Words that are compared at most: a misspelt one among more is found by a search in the file.
const COMPARED_WORDS: usize = 300;

/// Words that are listed at most: a longer list helps nobody.
const LISTED: usize = 24;

/// Words that are few enough to be listed beside the one that is probably meant.
const FEW: usize = 8;

/// The known words, the nearest first; words equally near keep their order.
fn sorted<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known: Vec<(usize, &str)> = known
        .into_iter()
        .take(COMPARED_WORDS)
        .map(|other| (distance(word, other), other))
        .collect();
    known.sort_by_key(|(distance, _)| *distance);
    known.into_iter().map(|(_, other)| other).collect()
}

/// A hint that names the nearest word, when one is near, and lists the others; nothing when nothing
/// is known.
pub fn advice<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known = sorted(word, known);
    let first = known.first()?;
    Some(match (is_near(word, first), known.len()) {
        (true, 2..=FEW) => format!("did you mean `{first}`? {}", expected(&known)),
        (true, _) => format!("did you mean `{first}`?"),
        (false, _) => expected(&known),
    })
}

/// The known word that is probably meant; none where no one is near.
pub fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    sorted(word, known).into_iter().next().filter(|first| is_near(word, first))
}

/// "expected `a`", or "expected one of `a`, `b`".
pub fn expected(known: &[&str]) -> String {
    let listed: Vec<_> = known.iter().take(LISTED).map(|word| format!("`{word}`")).collect();
    let rest = if known.len() > LISTED { ", …" } else { "" };
    let one_of = if known.len() == 1 { "" } else { "one of " };
    format!("expected {one_of}{}{rest}", listed.join(", "))
}

fn is_near(word: &str, other: &str) -> bool {
    let longest = word.chars().count().max(other.chars().count());
    distance(word, other) * 3 <= longest
}

/// Levenshtein's distance with swapped neighbours counted as one change, and letters compared
/// without case.
fn distance(left: &str, right: &str) -> usize {
    let fold =
        |text: &str| text.chars().take(COMPARED).flat_map(char::to_lowercase).collect::<Vec<_>>();
    let (left, right) = (fold(left), fold(right));
    let mut before = vec![0; right.len() + 1];
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = above[j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            let best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            row.push(if swapped { best.min(before[j - 2] + 1) } else { best });
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}
