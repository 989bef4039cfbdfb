//! Replaces the logical claims of a cube by the claims that a team really has.

use mlcube_policy::{Description, Policy, Rejection, Verdict, escape, job, settings, storage};

struct PvcRemap;

impl Policy for PvcRemap {
    fn describe() -> Description {
        Description {
            name: "pvc-remap",
            version: env!("CARGO_PKG_VERSION"),
            summary: "Replaces the cube's claims by the team's, with sub-path and read-only.",
            settings_schema: include_str!("../settings.schema.json"),
        }
    }

    fn review() -> Result<Verdict, Rejection> {
        let rules = settings::keys("/claims");
        let rejects = settings::text("/unmatched").as_deref() == Some("reject");
        let volumes = job::volumes().into_iter();
        let volumes: Vec<_> =
            volumes.filter_map(|volume| Some((logical_claim(&volume, &rules)?, volume))).collect();
        if rejects && let Some((claim, _)) = volumes.iter().find(|(it, _)| !rules.contains(it)) {
            return Err(unmatched(claim, &rules));
        }
        let ruled = || volumes.iter().filter(|(claim, _)| rules.contains(claim));
        for (claim, volume) in ruled() {
            narrow(volume, claim)?;
        }
        for (claim, volume) in ruled() {
            let target = target(claim).unwrap_or_default();
            storage::set_volume_claim(volume, &target, &reason(claim))?;
        }
        Ok(Verdict::Admit)
    }
}

/// The claim by which a volume is mapped: the one that it was drafted with, once it is mapped, else
/// the one that it has. None if a policy gave it one of the team's.
fn logical_claim(volume: &str, rules: &[String]) -> Option<String> {
    let claim = job::claim_of(volume)?;
    let drafted = job::drafted_claim_of(volume);
    let is_mapped = |rule: &String| target(rule).as_deref() == Some(&claim);
    if drafted.as_ref() == Some(&claim) || !rules.iter().any(is_mapped) {
        return Some(claim);
    }
    drafted.filter(|drafted| rules.contains(drafted) && is_mapped(drafted))
}

/// Folder and read-only of a volume, as the rule for its claim has them.
fn narrow(volume: &str, claim: &str) -> Result<(), Rejection> {
    let rule = rule(claim);
    if let Some(sub_path) = settings::text(&format!("{rule}/sub-path")) {
        storage::set_volume_sub_path(volume, &sub_path, &reason(claim))?;
    }
    if settings::flag(&format!("{rule}/read-only")) == Some(true) {
        storage::set_volume_read_only(volume, &reason(claim))?;
    }
    Ok(())
}

fn rule(claim: &str) -> String {
    format!("/claims/{}", escape(claim))
}

fn reason(claim: &str) -> String {
    format!("the team's rule for claim `{claim}`")
}

fn target(claim: &str) -> Option<String> {
    settings::text(&format!("{}/claim", rule(claim)))
}

fn unmatched(claim: &str, rules: &[String]) -> Rejection {
    let known = rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
    Rejection::new(format!("no rule covers claim `{claim}`"))
        .remedy(format!("use one of {known}, or ask the platform team for a rule"))
}

mlcube_policy::export!(PvcRemap);
