//! A budget for resolving: levels, steps and bytes, counted over a whole configuration. A budget
//! only shrinks, so resolving ends whatever the configuration says.

use super::limits::{INTERPOLATED_BYTES, RESOLUTION_DEPTH, RESOLUTION_STEPS, RESOLVED_BYTES};
use crate::yaml::{ConfigError, Fault, NODE_WEIGHT, Node, Position};

/// The levels, steps and bytes that were used so far.
#[derive(Default)]
pub struct Budget {
    depth: usize,
    steps: usize,
    bytes: usize,
}

impl Budget {
    /// Go one level deeper; [`Budget::leave`] comes back.
    pub fn enter(&mut self, at: &Position) -> Result<(), ConfigError> {
        self.steps += 1;
        if self.steps > RESOLUTION_STEPS {
            return Err(exceeded(
                at,
                format!("resolving the configuration takes more than {RESOLUTION_STEPS} steps"),
            ));
        }
        if self.depth >= RESOLUTION_DEPTH {
            return Err(exceeded(
                at,
                format!("interpolations lead through more than {RESOLUTION_DEPTH} levels"),
            ));
        }
        self.depth += 1;
        Ok(())
    }

    /// Come back from the level that was entered last.
    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Count a node that becomes part of a value.
    pub fn node(&mut self, node: &Node, at: &Position) -> Result<(), ConfigError> {
        self.bytes(NODE_WEIGHT + node.as_text().map_or(0, str::len), at)
    }

    /// Count bytes of text that is built.
    pub fn bytes(&mut self, bytes: usize, at: &Position) -> Result<(), ConfigError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > RESOLVED_BYTES {
            return Err(exceeded(
                at,
                format!("interpolations produce more than {RESOLVED_BYTES} bytes"),
            ));
        }
        Ok(())
    }

    /// Count a text that is about to be parsed.
    pub fn text(&mut self, text: &str, at: &Position) -> Result<(), ConfigError> {
        if text.len() > INTERPOLATED_BYTES {
            return Err(exceeded(
                at,
                format!("a text with interpolations has more than {INTERPOLATED_BYTES} bytes"),
            ));
        }
        self.bytes(text.len(), at)
    }
}

fn exceeded(at: &Position, message: String) -> ConfigError {
    ConfigError::new(Fault::Limit, message).at(at)
}
