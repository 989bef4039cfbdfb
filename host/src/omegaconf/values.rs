//! A value of the tree or one that was made, and the step from it to its children.
//!
//! A value that was made is final; only a value of the tree can still be an interpolation.

use crate::yaml::{Data, Node, Position};
use std::sync::Arc;

/// The way from the root to a value: the index of each child on the way.
pub type Place = Vec<usize>;

/// A value and, if it stands in the tree, its place.
#[derive(Clone, Debug)]
pub enum Spot<'t> {
    /// A value of the tree.
    Place(&'t Node, Place),
    /// A value that was made.
    Made(Node),
}

/// A child with its key (of a list: its index) and where the key was written.
pub type Child<'t> = (Arc<str>, Position, Spot<'t>);

impl<'t> Spot<'t> {
    /// The value itself.
    pub fn node(&self) -> &Node {
        match self {
            Spot::Place(node, _) => node,
            Spot::Made(node) => node,
        }
    }

    /// The child of a container by key or index, not yet followed.
    pub fn child(&self, key: &str) -> Option<Spot<'t>> {
        let index = match &self.node().data {
            Data::Map(map) => map.find(key)?,
            Data::List(_) => key.parse().ok()?,
            _ => return None,
        };
        self.nth(index).map(|(.., child)| child)
    }

    /// All children in order, not yet followed.
    pub fn children(&self) -> Vec<Child<'t>> {
        let count = match &self.node().data {
            Data::Map(map) => map.len(),
            Data::List(items) => items.len(),
            _ => 0,
        };
        (0..count).filter_map(|index| self.nth(index)).collect()
    }

    fn nth(&self, index: usize) -> Option<Child<'t>> {
        match self {
            Spot::Place(node, place) => {
                let (key, at, child) = nth(node, index)?;
                let place = place.iter().copied().chain([index]).collect();
                Some((key, at, Spot::Place(child, place)))
            }
            Spot::Made(node) => {
                nth(node, index).map(|(key, at, child)| (key, at, Spot::Made(child.clone())))
            }
        }
    }
}

/// The value at a place, seen from the root.
pub fn node<'t>(root: &'t Node, place: &[usize]) -> &'t Node {
    place.iter().fold(root, |node, index| nth(node, *index).map_or(node, |(.., child)| child))
}

/// The dotted path of a place.
pub fn path(root: &Node, place: &[usize]) -> String {
    let key = |depth: usize| {
        nth(node(root, &place[..depth]), place[depth]).map(|(key, ..)| key.to_string())
    };
    (0..place.len()).filter_map(key).collect::<Vec<_>>().join(".")
}

fn nth(node: &Node, index: usize) -> Option<(Arc<str>, Position, &Node)> {
    match &node.data {
        Data::Map(map) => {
            map.nth(index).map(|entry| (entry.key.clone(), entry.at.clone(), &entry.value))
        }
        Data::List(items) => {
            items.get(index).map(|item| (index.to_string().into(), item.at.clone(), item))
        }
        _ => None,
    }
}
