//! `quantities`: Kubernetes quantities as amounts.

use crate::k8s::Quantity;
use crate::policy::guest::bindings::quantities::{Host, Ordering};
use crate::policy::guest::evaluation::{Answer, Evaluation};
use std::cmp;

impl Host for Evaluation {
    fn compare(&mut self, left: String, right: String) -> Answer<Ordering> {
        self.compute([left, right], |[left, right]| {
            Ok(match left.cmp(&right) {
                cmp::Ordering::Less => Ordering::Less,
                cmp::Ordering::Equal => Ordering::Equal,
                cmp::Ordering::Greater => Ordering::Greater,
            })
        })
    }

    fn units(&mut self, quantity: String) -> Answer<u64> {
        self.compute([quantity], |[quantity]| Ok(quantity.units()))
    }

    fn add(&mut self, left: String, right: String) -> Answer<String> {
        self.compute([left, right], |[left, right]| {
            let sum = left.plus(&right).map(|sum| sum.to_string());
            sum.ok_or_else(|| format!("`{left}` and `{right}` together are too large"))
        })
    }
}

impl Evaluation {
    /// Read quantities and compute with them, or refuse with the reason.
    fn compute<const N: usize, T>(
        &mut self,
        texts: [String; N],
        with: impl FnOnce([Quantity; N]) -> Result<T, String>,
    ) -> Answer<T> {
        self.charge(texts.iter().map(String::len).sum())?;
        let mut quantities = [Quantity::ZERO; N];
        for (quantity, text) in quantities.iter_mut().zip(&texts) {
            match Quantity::parse(text) {
                Ok(parsed) => *quantity = parsed,
                Err(why) => return self.refuse("quantity", why),
            }
        }
        match with(quantities) {
            Ok(value) => Ok(Ok(value)),
            Err(why) => self.refuse("quantity", why),
        }
    }
}
