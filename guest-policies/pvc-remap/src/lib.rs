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
        let claims = job::claims();
        if settings::text("/unmatched").as_deref() == Some("reject")
            && let Some(claim) = claims.iter().find(|claim| !rules.contains(claim))
        {
            return Err(unmatched(claim, &rules));
        }
        let volumes =
            job::volumes().into_iter().filter_map(|volume| Some((job::claim_of(&volume)?, volume)));
        let volumes: Vec<_> = volumes.filter(|(claim, _)| rules.contains(claim)).collect();
        // Folders and read-only first, while every claim still has the name that the rules know;
        // then the names.
        for claim in claims.iter().filter(|claim| rules.contains(claim)) {
            let rule = rule(claim);
            if let Some(sub_path) = settings::text(&format!("{rule}/sub-path")) {
                storage::set_sub_path(claim, &sub_path, &reason(claim))?;
            }
            if settings::flag(&format!("{rule}/read-only")) == Some(true) {
                storage::set_read_only(claim, &reason(claim))?;
            }
        }
        for (claim, volume) in &volumes {
            let target = settings::text(&format!("{}/claim", rule(claim))).unwrap_or_default();
            storage::set_volume_claim(volume, &target, &reason(claim))?;
        }
        Ok(Verdict::Admit)
    }
}

fn rule(claim: &str) -> String {
    format!("/claims/{}", escape(claim))
}

fn reason(claim: &str) -> String {
    format!("the team's rule for claim `{claim}`")
}

fn unmatched(claim: &str, rules: &[String]) -> Rejection {
    let known = rules.iter().map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
    Rejection::new(format!("no rule covers claim `{claim}`"))
        .remedy(format!("use one of {known}, or ask the platform team for a rule"))
}

mlcube_policy::export!(PvcRemap);
