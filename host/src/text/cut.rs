//! Long lines, shown in part.

/// A line without its middle, if it has more characters than are shown.
pub fn cut(line: &str, widest: usize) -> String {
    let length = line.chars().count();
    let Some(more) = length.checked_sub(widest).filter(|more| *more > 0) else {
        return line.to_owned();
    };
    let start: String = line.chars().take(widest / 2).collect();
    let end: String = line.chars().skip(widest / 2 + more).collect();
    format!("{start} … {more} characters … {end}")
}

/// A line that stands beside another: if it is long, what is shown begins shortly before their first
/// difference.
pub fn cut_beside(line: &str, other: &str, widest: usize) -> String {
    let length = line.chars().count();
    if length <= widest {
        return line.to_owned();
    }
    let same = line.chars().zip(other.chars()).take_while(|(one, two)| one == two).count();
    let rest = length.min(other.chars().count()) - same;
    let ends = line.chars().rev().zip(other.chars().rev());
    let same_end = ends.take(rest).take_while(|(one, two)| one == two).count();
    let start = same.saturating_sub(widest / 4).min(length - widest);
    let shown: String = line.chars().skip(start).take(widest).collect();
    let before = if start > 0 { format!("… {start} characters … ") } else { String::new() };
    let after = match length - start - widest {
        0 => String::new(),
        more if more <= same_end => format!(" … {more} characters"),
        more => format!(" … {more} characters, which differ too"),
    };
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two long lines are never shown alike.
    #[test]
    fn a_long_line_is_cut_around_the_difference() {
        let line =
            |middle: &str, end: usize| format!("{}{middle}{}", "a".repeat(5000), "b".repeat(end));
        let rows = [
            (line("", 400), line("X", 400)),
            (line("X", 4000), line("Y", 4000)),
            (line("X", 0), line("", 0)),
            (line(&"X".repeat(900), 9), line(&"Y".repeat(900), 9)),
            (line("", 1), line("", 2)),
            ("short".into(), line("", 7)),
        ];
        for (before, after) in rows {
            let [removed, added] =
                [cut_beside(&before, &after, 160), cut_beside(&after, &before, 160)];
            assert_ne!(removed, added);
            for shown in [removed, added] {
                assert!(shown.chars().count() < 2 * 160, "{shown}");
            }
        }
        let hidden = cut_beside(&line(&"X".repeat(900), 9), &line(&"Y".repeat(900), 9), 160);
        assert!(hidden.ends_with("XX … 789 characters, which differ too"), "{hidden}");
        let cut = cut(&line("", 0), 160);
        assert_eq!(cut, format!("{0} … 4840 characters … {0}", "a".repeat(80)));
    }
}
