//! What resolving may cost: levels, steps and bytes, counted over a whole configuration.
//!
//! Invariant: a budget only shrinks, so resolving ends whatever the configuration says.

use super::limits::{INTERPOLATED_BYTES, RESOLUTION_DEPTH, RESOLUTION_STEPS, RESOLVED_BYTES};
use crate::yaml::{ConfigError, Fault, NODE_WEIGHT, Node, Position};

#[derive(Default)]
pub(crate) struct Budget {
    depth: usize,
    steps: usize,
    bytes: usize,
}

impl Budget {
    /// One level deeper; [`Budget::leave`] comes back.
    pub(crate) fn enter(&mut self, at: &Position) -> Result<(), ConfigError> {
        self.steps += 1;
        if self.steps > RESOLUTION_STEPS {
            return Err(exceeded(at, format!("resolving the configuration takes more than {RESOLUTION_STEPS} steps")));
        }
        if self.depth >= RESOLUTION_DEPTH {
            return Err(exceeded(at, format!("interpolations lead through more than {RESOLUTION_DEPTH} levels")));
        }
        self.depth += 1;
        Ok(())
    }

    pub(crate) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(crate) fn node(&mut self, node: &Node, at: &Position) -> Result<(), ConfigError> {
        self.bytes(NODE_WEIGHT + node.as_text().map_or(0, str::len), at)
    }

    pub(crate) fn bytes(&mut self, bytes: usize, at: &Position) -> Result<(), ConfigError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > RESOLVED_BYTES {
            return Err(exceeded(at, format!("interpolations produce more than {RESOLVED_BYTES} bytes")));
        }
        Ok(())
    }

    /// A text that is about to be parsed.
    pub(crate) fn text(&mut self, text: &str, at: &Position) -> Result<(), ConfigError> {
        if text.len() > INTERPOLATED_BYTES {
            return Err(exceeded(at, format!("a text with interpolations has more than {INTERPOLATED_BYTES} bytes")));
        }
        self.bytes(text.len(), at)
    }
}

fn exceeded(at: &Position, message: String) -> ConfigError {
    ConfigError::new(Fault::Limit, message).at(at)
}
