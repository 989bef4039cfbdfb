//! YAML text into a tree of nodes with positions; aliases and merge keys are gone afterwards.
//!
//! A document that was read is no deeper and no heavier than the limits say, aliases expanded.

use super::error::{ConfigError, Fault, Position};
use super::limits;
use super::mapping::OpenMap;
use super::node::{Data, Node};
use super::tags::{is_plain_tag, tagged, unknown_tag};
use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The source of a text, for the positions of the nodes that are read from it.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file: positions have lines and columns.
    File(Arc<str>),
    /// An argument: it is its own position.
    Argument(Arc<str>),
}

impl Origin {
    /// A file, called as the user should see it in messages.
    pub fn file(path: &Path) -> Self {
        Self::File(path.display().to_string().into())
    }

    fn position(&self, mark: &Marker) -> Position {
        match self {
            Origin::File(name) => Position::new(name, mark.line(), mark.col() + 1),
            Origin::Argument(name) => Position::whole(name.clone()),
        }
    }

    /// The source as a whole.
    pub fn whole(&self) -> Position {
        match self {
            Origin::File(name) | Origin::Argument(name) => Position::whole(name.clone()),
        }
    }
}

/// The meaning of plain (unquoted, untagged) scalars.
pub type Scalars = fn(&str) -> Data;

/// Read one document; an empty text is null.
pub fn read(text: &str, origin: &Origin, scalars: Scalars) -> Result<Node, ConfigError> {
    read_beside(text, origin, scalars, &mut 0)
}

/// Read one of several documents whose weight counts together.
pub fn read_beside(
    text: &str,
    origin: &Origin,
    scalars: Scalars,
    weight: &mut usize,
) -> Result<Node, ConfigError> {
    if text.len() > limits::FILE_BYTES {
        let message =
            format!("the text has {} bytes; at most {} are read", text.len(), limits::FILE_BYTES);
        return Err(ConfigError::new(Fault::Limit, message).at(&origin.whole()));
    }
    let mut options = granit_parser::options! { block_scalar_eof_without_line_feed: true };
    options.set_emit_comments(false);
    let anchors = HashMap::new();
    let mut reader = Reader {
        origin,
        scalars,
        open: Vec::new(),
        anchors,
        weight: *weight,
        kept: 0,
        root: None,
        documents: 0,
        is_written: true,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| reader.syntax(&error))?;
        reader.is_written = span.start.index() < span.end.index();
        reader.take(event, origin.position(&span.start))?;
    }
    *weight = reader.weight + reader.kept;
    Ok(reader.root.unwrap_or_else(|| Node::null(&origin.whole())))
}

struct Reader<'o> {
    origin: &'o Origin,
    scalars: Scalars,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    weight: usize,
    /// Weight of the copies that wait for their aliases.
    kept: usize,
    root: Option<Node>,
    documents: usize,
    /// Whether there is any text behind the present event.
    is_written: bool,
}

/// A list or mapping whose end was not reached yet.
struct Open {
    body: Body,
    at: Position,
    anchor: usize,
    weight_before: usize,
    /// Levels inside, to keep the depth bound when this is aliased.
    height: usize,
}

enum Body {
    List(Vec<Node>),
    Map(OpenMap),
}

struct Anchored {
    node: Node,
    weight: usize,
    height: usize,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), ConfigError> {
        match event {
            Event::DocumentStart(..) => self.count_document(&at),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), at)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.start(Body::List(Vec::new()), anchor, tag.as_deref(), "seq", at)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.start(Body::Map(OpenMap::default()), anchor, tag.as_deref(), "map", at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, &at),
            _ => Ok(()),
        }
    }

    fn count_document(&mut self, at: &Position) -> Result<(), ConfigError> {
        self.documents += 1;
        if self.documents > 1 {
            let error =
                ConfigError::new(Fault::Syntax, "a second YAML document begins here").at(at);
            return Err(
                error.with_hint("keep one document in the file, without `---` between its parts")
            );
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<(), ConfigError> {
        let plain = style == ScalarStyle::Plain;
        let data = match tag.filter(|tag| !is_plain_tag(tag)) {
            // Nothing at all comes as `~`.
            None if plain => (self.scalars)(if self.is_written { text } else { "" }),
            None => Data::Text(text.to_owned()),
            Some(tag) => tagged(text, tag, &at)?,
        };
        // A plain scalar is a key as written, so that `on:` stays `on`.
        let is_key =
            matches!(self.open.last(), Some(Open { body: Body::Map(map), .. }) if map.wants_key());
        // Nothing at all comes as `~`, which is no name either.
        let named = is_key && plain && tag.is_none() && text != "~";
        let data = if named { Data::Text(text.to_owned()) } else { data };
        let merge = is_key && plain && text == "<<";
        let weight = limits::NODE_WEIGHT + text.len();
        self.weigh(weight, &at)?;
        self.put(Node { data, at }, anchor, weight, 0, merge)
    }

    fn start(
        &mut self,
        body: Body,
        anchor: usize,
        tag: Option<&Tag>,
        natural: &str,
        at: Position,
    ) -> Result<(), ConfigError> {
        if let Some(tag) =
            tag.filter(|tag| !is_plain_tag(tag) && tag.core_suffix() != Some(natural))
        {
            return Err(unknown_tag(tag, &at));
        }
        if self.open.len() >= limits::DEPTH {
            return Err(too_deep(&at));
        }
        let weight_before = self.weight;
        self.weigh(limits::NODE_WEIGHT, &at)?;
        self.open.push(Open { body, at, anchor, weight_before, height: 0 });
        Ok(())
    }

    fn end(&mut self) -> Result<(), ConfigError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let data = match open.body {
            Body::List(items) => Data::List(items),
            Body::Map(map) => Data::Map(map.close()?),
        };
        let weight = self.weight - open.weight_before;
        self.put(Node { data, at: open.at }, open.anchor, weight, open.height + 1, false)
    }

    fn alias(&mut self, anchor: usize, at: &Position) -> Result<(), ConfigError> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            let message = "this alias refers to a value that contains it";
            return Err(ConfigError::new(Fault::Syntax, message).at(at));
        };
        let weight = anchored.weight;
        let height = anchored.height;
        if self.open.len() + height > limits::DEPTH {
            return Err(too_deep(at));
        }
        self.weigh(weight, at)?;
        // Weighed before it is copied: an alias that is too heavy costs nothing.
        let node = self.anchors.get(&anchor).map(|anchored| anchored.node.clone());
        node.map_or(Ok(()), |node| self.put(node, 0, weight, height, false))
    }

    fn put(
        &mut self,
        node: Node,
        anchor: usize,
        weight: usize,
        height: usize,
        merge: bool,
    ) -> Result<(), ConfigError> {
        if anchor != 0 {
            self.kept = self.kept.saturating_add(weight);
            self.weigh(0, &node.at)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), weight, height });
        }
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        open.height = open.height.max(height);
        match &mut open.body {
            Body::List(items) => items.push(node),
            Body::Map(map) => map.put(node, merge)?,
        }
        Ok(())
    }

    fn weigh(&mut self, weight: usize, at: &Position) -> Result<(), ConfigError> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight.saturating_add(self.kept) > limits::DOCUMENT_WEIGHT {
            return Err(too_heavy(at));
        }
        Ok(())
    }

    fn syntax(&self, error: &granit_parser::ScanError) -> ConfigError {
        let message = format!("this is not YAML: {}", error.info());
        ConfigError::new(Fault::Syntax, message).at(&self.origin.position(error.marker()))
    }
}

fn too_heavy(at: &Position) -> ConfigError {
    let message = "the document grows too large here, with its aliases expanded";
    ConfigError::new(Fault::Limit, message).at(at)
}

fn too_deep(at: &Position) -> ConfigError {
    let message = format!("lists and mappings are nested deeper than {} levels", limits::DEPTH);
    ConfigError::new(Fault::Limit, message).at(at)
}
