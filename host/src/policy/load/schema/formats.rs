//! The formats of text that are checked: Kubernetes' own. Those of JSON Schema are annotations.

use crate::k8s::{self, Quantity};

/// A format of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A Kubernetes quantity: `500m`, `16Gi`.
    Quantity,
    /// The key of a label, annotation or taint.
    LabelKey,
    /// The value of a label.
    LabelValue,
    /// A DNS label.
    DnsLabel,
    /// A reference to an image.
    Image,
}

impl Format {
    /// The format of this name, where it is one that is checked.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "quantity" => Self::Quantity,
            "label-key" => Self::LabelKey,
            "label-value" => Self::LabelValue,
            "dns-label" => Self::DnsLabel,
            "image" => Self::Image,
            _ => return None,
        })
    }

    /// Check a text. The error is a sentence.
    pub fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::Quantity => Quantity::parse(text).map(|_| ()),
            Self::LabelKey => k8s::key(text),
            Self::LabelValue => k8s::label_value(text),
            Self::DnsLabel => k8s::dns_label(text),
            Self::Image => k8s::image(text),
        }
    }
}
