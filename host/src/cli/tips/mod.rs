//! Tips for what cannot be read. The library would name any option that looks similar, also one that
//! switches policies off; these come from a table, or from a list of options that never loosen
//! safety.

mod table;
#[cfg(test)]
mod tests;

use crate::yaml::nearest;
use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use table::{COMMANDS, MOUNT, OPTIONS, SAFE, WORDS};

/// Replace the library's tips for an error by our own. `words` are those behind the program.
pub fn replace(mut error: Error, words: &[String], root: &mut Command) -> Error {
    use ContextKind::{
        Suggested, SuggestedArg, SuggestedCommand, SuggestedSubcommand, TrailingArg,
    };
    for kind in [Suggested, SuggestedArg, SuggestedCommand, SuggestedSubcommand, TrailingArg] {
        error.remove(kind);
    }
    root.build();
    let tip = match error.kind() {
        ErrorKind::UnknownArgument => {
            let name = text(&error, ContextKind::InvalidArg);
            let typed = Typed::find(&name, words);
            let command = reached(root, typed.before);
            let tip = of_option(&typed, command, root);
            let usage = command.clone().render_usage();
            error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
            tip
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(&error, ContextKind::InvalidSubcommand);
            let end = words.iter().position(|word| *word == name).unwrap_or(words.len());
            of_command(&name, reached(root, &words[..end]))
        }
        ErrorKind::InvalidValue
            if text(&error, ContextKind::InvalidArg).starts_with("--mount ") =>
        {
            Some(MOUNT.to_owned())
        }
        _ => None,
    };
    if let Some(tip) = tip {
        error.insert(Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

fn text(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    }
}

/// The tip for a word that stands where only `PARAMETER=VALUE` can; without one it is not known what
/// was meant.
pub fn of_word(word: &str) -> Option<String> {
    let row = WORDS.iter().find(|(words, _)| words.contains(&word));
    row.map(|(_, tip)| filled(tip, Some(word)))
}

/// An option as it was typed.
struct Typed<'w> {
    /// Its name, with its dashes.
    name: &'w str,
    /// The whole word.
    word: &'w str,
    value: Option<&'w str>,
    /// The words before it.
    before: &'w [String],
}

impl<'w> Typed<'w> {
    /// The first word that the library cannot have understood as anything else.
    fn find(name: &'w str, words: &'w [String]) -> Self {
        let name = name.split_once('=').map_or(name, |(name, _)| name);
        let is_long = name.starts_with("--");
        let is_it = |word: &String| {
            let rest = word.strip_prefix(name);
            rest.is_some_and(|rest| !is_long || rest.is_empty() || rest.starts_with('='))
        };
        let Some(at) = words.iter().position(is_it) else {
            return Self { name, word: name, value: None, before: words };
        };
        let rest = &words[at][name.len()..];
        let next = words.get(at + 1).map(String::as_str).filter(|next| !next.starts_with('-'));
        let attached = Some(rest.strip_prefix('=').unwrap_or(rest)).filter(|_| !rest.is_empty());
        Self { name, word: &words[at], value: attached.or(next), before: &words[..at] }
    }

    /// `=` and the value, where they stand in one word with the option.
    fn attached(&self) -> String {
        let value = self.value.filter(|_| self.word.contains('='));
        value.map(|value| format!("={}", quoted(value))).unwrap_or_default()
    }

    /// The name without dashes, of a long option that may lack one of them.
    fn long(&self) -> Option<&'w str> {
        let name = self.word.trim_start_matches('-');
        let name = name.split_once('=').map_or(name, |(name, _)| name);
        Some(name).filter(|name| name.chars().count() > 1)
    }
}

/// The command that words lead to.
fn reached<'c>(root: &'c Command, words: &[String]) -> &'c Command {
    words.iter().fold(root, |command, word| command.find_subcommand(word).unwrap_or(command))
}

fn of_option(typed: &Typed<'_>, command: &Command, root: &Command) -> Option<String> {
    let longs = |command: &Command| -> Vec<String> {
        let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
        let longs = shown.filter_map(|arg| arg.get_long().map(str::to_owned));
        longs.filter(|long| SAFE.contains(&long.as_str())).collect()
    };
    let here = longs(command);
    let is_short = !typed.name.starts_with("--");
    let lacks_a_dash =
        typed.long().filter(|long| is_short && here.iter().any(|known| known == long));
    if let Some(long) = lacks_a_dash {
        return Some(format!("write `--{long}`, with two dashes"));
    }
    let row = OPTIONS
        .iter()
        .find(|(names, on, _)| names.contains(&typed.name) && on.contains(&command.get_name()));
    if let Some((_, _, tip)) = row {
        return Some(filled(tip, typed.value));
    }
    let long = typed.name.strip_prefix("--")?;
    let elsewhere = |name: &str| {
        let known = root.find_subcommand(name).map(&longs).unwrap_or_default();
        known.iter().any(|known| known == long)
    };
    if command.has_subcommands() {
        let name = ["run", "render", "describe"].into_iter().find(|name| elsewhere(name))?;
        let value = typed.value.filter(|value| command.find_subcommand(value).is_none());
        let value = value.map(|value| format!(" {}", quoted(value))).unwrap_or_default();
        let written = format!("{name} --{long}{value}");
        return Some(format!("options stand behind a command: write `{written}`"));
    }
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    if let Some(meant) = nearest::meant(long, shown.filter_map(clap::Arg::get_long)) {
        // One that may be misspelt and is not safe to name is not taken for anything else either.
        let tip = || format!("did you mean `--{meant}{}`?", typed.attached());
        return SAFE.contains(&meant).then(tip);
    }
    if let Some(name) =
        ["run", "render", "describe", "config"].into_iter().find(|name| elsewhere(name))
    {
        return Some(format!("`{name} --{long}` is an option of another command"));
    }
    let takes_values = command.get_arguments().any(|arg| arg.get_id() == "values");
    let value = typed.value.filter(|value| takes_values && !value.is_empty())?;
    let written = quoted(&format!("{long}={value}"));
    Some(format!("a value of the task's parameter stands without dashes: `{written}`"))
}

fn of_command(name: &str, command: &Command) -> Option<String> {
    let known = command.get_subcommands().filter(|known| !known.is_hide_set());
    let known: Vec<&str> = known.map(Command::get_name).collect();
    if let Some(meant) = nearest::meant(name, known) {
        let path = if command.get_name() == "policy" { "policy " } else { "" };
        return Some(format!("did you mean `{path}{meant}`?"));
    }
    let row = COMMANDS.iter().find(|(names, _)| names.contains(&name));
    row.filter(|_| command.get_name() != "policy").map(|(_, tip)| (*tip).to_owned())
}

/// A tip with the typed value in its place; without a value the name of it stands there.
fn filled(tip: &str, value: Option<&str>) -> String {
    let fill = |(index, part): (usize, &str)| match part.split_once('<') {
        Some((option, name)) if index % 2 == 1 => {
            let name = name.trim_end_matches('>');
            let is_pair = name.contains('=');
            let value = value.filter(|value| !is_pair || value.contains('='));
            let value = match value {
                Some(value) if is_pair => as_text(value),
                value => value.unwrap_or(name).to_owned(),
            };
            quoted(&format!("{option}{value}"))
        }
        _ => part.to_owned(),
    };
    tip.split('`').enumerate().map(fill).collect::<Vec<_>>().join("`")
}

/// `NAME=VALUE` whose value is read as text where it is YAML.
fn as_text(pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let is_word = value.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let starts_well = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let is_keyword = ["y", "yes", "n", "no", "true", "false", "on", "off", "null"]
        .contains(&value.to_lowercase().as_str());
    if is_word && starts_well && !is_keyword {
        return pair.to_owned();
    }
    format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A word as a shell takes it whole.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,…".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
