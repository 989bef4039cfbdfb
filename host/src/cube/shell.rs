//! A command line cut into words: blanks separate, quotes join, as in a POSIX shell without
//! expansion. A character comes out as it went in, or is a quote, a blank or an escape.

/// Cut the arguments of a command into words. What a shell would run, `$(id -u)`, stays one word.
pub fn arguments(line: &str) -> Result<Vec<String>, &'static str> {
    const BLANK: char = '\u{0}';
    let mut masked = String::with_capacity(line.len());
    let mut depth = 0_usize;
    for c in line.chars() {
        match c {
            '(' if depth > 0 || masked.ends_with('$') => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        masked.push(if depth > 0 && c == ' ' { BLANK } else { c });
    }
    let words = split(&masked)?;
    Ok(words.into_iter().map(|word| word.replace(BLANK, " ")).collect())
}

/// Cut a line into words. The error is the rest of a sentence that begins with the line.
pub fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') if matches!(chars.peek(), Some('"' | '\\')) => {
                word.get_or_insert_default().extend(chars.next())
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => {
                let escaped = chars.next().ok_or("ends with a lone backslash")?;
                word.get_or_insert_default().push(escaped);
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("has a quote that is not closed");
    }
    words.extend(word);
    Ok(words)
}
