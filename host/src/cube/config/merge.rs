//! The merge of two values.

use crate::yaml::{Data, Node};

/// Put `over` onto `base`: mappings merge, everything else replaces. `???` says that a value must
/// be given, so it replaces nothing.
pub fn merge(base: &mut Node, over: Node) {
    if over.is_missing() {
        return;
    }
    match (&mut base.data, over) {
        (Data::Map(map), Node { data: Data::Map(over), .. }) => {
            for entry in over.into_entries() {
                match map.get_mut(&entry.key) {
                    Some(value) => merge(value, entry.value),
                    None => map.insert(entry),
                }
            }
        }
        (_, over) => *base = over,
    }
}
