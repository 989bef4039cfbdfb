//! The meaning of `--create-claims` and what goes with it.

use crate::cli::{AccessModeArg, ClaimArgs};
use crate::error::Error;
use crate::job::{AccessMode, MissingClaims, NewClaims};
use crate::k8s::{Quantity, dns_subdomain};

/// The size of a claim for which none is given.
const SIZE: &str = "20Gi";
/// The least size: no volume is smaller, and less means a forgotten unit.
const LEAST: &str = "1Mi";

/// What becomes of missing claims; `creating` is the command that would create them.
pub fn read(args: &ClaimArgs, creating: Option<String>) -> Result<MissingClaims, Error> {
    let ClaimArgs { create_claims, storage_class, size, access_mode } = args;
    if !create_claims {
        let given = [
            ("--storage-class", storage_class.is_some()),
            ("--size", size.is_some()),
            ("--access-mode", access_mode.is_some()),
        ];
        return match given.iter().find(|(_, is_given)| *is_given) {
            Some((flag, _)) => Err(Error::Usage {
                what: format!("`{flag}` is for claims that are created, and none are"),
                hint: "add `--create-claims`, which creates those that do not exist".into(),
            }),
            None => Ok(MissingClaims::Refused { creating }),
        };
    }
    let storage_class = storage_class.as_deref().map(str::trim).map(class).transpose()?;
    let size = self::size(size.as_deref().unwrap_or(SIZE).trim())?;
    let access_mode = access_mode.map_or(AccessMode::OneNode, AccessMode::from);
    Ok(MissingClaims::Created(NewClaims { storage_class, size, access_mode }))
}

fn class(name: &str) -> Result<String, Error> {
    if !name.is_empty() {
        dns_subdomain(name).map_err(|why| Error::Usage {
            what: format!("invalid value `{name}` for `--storage-class`: {why}"),
            hint: "`kubectl get storageclasses` lists the classes of a cluster".into(),
        })?;
    }
    Ok(name.to_owned())
}

fn size(text: &str) -> Result<Quantity, Error> {
    let refuse = |why: String| Error::Usage {
        what: format!("invalid value `{text}` for `--size`: {why}"),
        hint: format!("give a size with its unit, such as `--size {SIZE}`"),
    };
    let size = Quantity::parse(text).map_err(&refuse)?;
    let least = Quantity::parse(LEAST).expect("it is a quantity");
    if size < least {
        return Err(refuse(format!("it is less than `{LEAST}`, the least that a claim can have")));
    }
    Ok(size)
}

impl From<AccessModeArg> for AccessMode {
    fn from(mode: AccessModeArg) -> Self {
        match mode {
            AccessModeArg::OneNode => Self::OneNode,
            AccessModeArg::ManyNodes => Self::ManyNodes,
            AccessModeArg::OnePod => Self::OnePod,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit() {
        let rows = [
            ("20Gi", "20Gi"),
            ("1.5Ti", "1536Gi"),
            ("5e9", "5e9"),
            ("100M", "100M"),
            ("1Mi", "1Mi"),
            ("20", ""),
            ("0", ""),
            ("20m", ""),
            ("-1Gi", ""),
            ("20GB", ""),
            ("", ""),
            ("99Ei", ""),
        ];
        for (text, expected) in rows {
            let read = size(text).ok().map(|size| size.to_string());
            assert_eq!(read.as_deref(), Some(expected).filter(|text| !text.is_empty()), "{text}");
        }
    }

    #[test]
    fn a_class_is_a_name_or_none() {
        for (text, is_read) in [("", true), ("fast.ssd-1", true), ("Fast", false), ("a b", false)] {
            assert_eq!(class(text).is_ok(), is_read, "{text}");
        }
    }

    #[test]
    fn nothing_is_asked_of_claims_that_are_not_created() {
        let size = ClaimArgs { size: Some("1Gi".into()), ..ClaimArgs::default() };
        let class = ClaimArgs { storage_class: Some(String::new()), ..ClaimArgs::default() };
        let mode = ClaimArgs { access_mode: Some(AccessModeArg::OnePod), ..ClaimArgs::default() };
        for (args, flag) in
            [(size, "`--size`"), (class, "`--storage-class`"), (mode, "`--access-mode`")]
        {
            let error = read(&args, None).expect_err(flag).to_string();
            assert!(error.contains(flag), "{error}");
        }
        let none = read(&ClaimArgs::default(), Some("c".into())).expect("nothing is asked");
        assert_eq!(none, MissingClaims::Refused { creating: Some("c".into()) });
    }
}
