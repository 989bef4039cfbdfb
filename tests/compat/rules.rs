//! Owns what a rule is: it says the reference's answer anew, as we decided, and names the row that
//! tells why. Invariant: a rule that does not apply leaves the answer as it was.

use serde_json::Value;

use crate::answer::Answer;
use crate::corpus::Case;

/// All that a rule may look at.
pub struct Asked<'a> {
    pub case: &'a Case,
    pub ours: &'a Answer,
    /// The reference's answer when it merges the cube's own section.
    pub merged: Option<&'a Answer>,
    /// The row of a restated case, and the reference's answer to it.
    pub restated: Option<(&'a str, &'a Answer)>,
}

/// One decided difference.
pub struct Rule {
    /// The row in `docs/compatibility.md`.
    pub row: &'static str,
    kind: Kind,
}

enum Kind {
    Other(fn(&Asked<'_>) -> Option<Answer>),
    Rewrite(fn(&Asked<'_>, &mut Value)),
    WeRefuse(Words, Shows),
    TheyRefuse(Words, Words, Shows),
}

type Words = &'static [&'static str];
type Shows = fn(&Asked<'_>, &Value) -> bool;

impl Rule {
    /// The reference is asked otherwise.
    pub const fn other(row: &'static str, ask: fn(&Asked<'_>) -> Option<Answer>) -> Self {
        Self { row, kind: Kind::Other(ask) }
    }

    /// Both build, and the reference's answer is rewritten.
    pub const fn rewrite(row: &'static str, rewrite: fn(&Asked<'_>, &mut Value)) -> Self {
        Self { row, kind: Kind::Rewrite(rewrite) }
    }

    /// Only we refuse, with one of these words, and what the reference built shows why.
    pub const fn ours(row: &'static str, words: Words, shows: Shows) -> Self {
        Self { row, kind: Kind::WeRefuse(words, shows) }
    }

    /// Only the reference refuses, with one of these classes and words, and what we built shows
    /// why.
    pub const fn theirs(row: &'static str, classes: Words, words: Words, shows: Shows) -> Self {
        Self { row, kind: Kind::TheyRefuse(classes, words, shows) }
    }

    /// Says the answer anew where the rule applies, and whether it did.
    pub fn apply(&self, asked: &Asked<'_>, theirs: &mut Answer) -> bool {
        let before = theirs.clone();
        match (&self.kind, &mut *theirs, asked.ours) {
            (Kind::Other(ask), ..) => {
                if let Some(other) = ask(asked) {
                    *theirs = other;
                }
            }
            (Kind::Rewrite(rewrite), Answer::Built(json), Answer::Built(_)) => rewrite(asked, json),
            (Kind::WeRefuse(words, shows), Answer::Built(json), Answer::Refused(_, why))
                if says(why, words) && shows(asked, json) =>
            {
                *theirs = asked.ours.clone();
            }
            (
                Kind::TheyRefuse(classes, words, shows),
                Answer::Refused(class, why),
                Answer::Built(json),
            ) if classes.contains(&class.as_str()) && says(why, words) && shows(asked, json) => {
                *theirs = asked.ours.clone();
            }
            _ => {}
        }
        *theirs != before
    }
}

fn says(why: &str, words: Words) -> bool {
    words.iter().any(|words| why.contains(words))
}
