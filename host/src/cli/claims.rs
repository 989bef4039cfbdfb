//! What becomes of claims that the Jobs name and the namespace does not have.

use clap::{Args, ValueEnum};

/// Whether missing claims are created, and what they are like.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Claims")]
pub struct ClaimArgs {
    /// Create the claims that the Jobs name and the namespace does not have; they stay when the
    /// run is over
    #[arg(long)]
    pub create_claims: bool,
    /// The storage class of created claims, instead of the cluster's default; an empty one leaves
    /// them to volumes that were made by hand
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Option<String>,
    /// The size of each created claim, such as `500Mi` or `1Ti`; else `20Gi`
    #[arg(long, value_name = "QUANTITY")]
    pub size: Option<String>,
    /// Who may mount created claims at a time: one node (`RWO`, also `ReadWriteOnce`: the default),
    /// many (`RWX`, `ReadWriteMany`), or one Pod (`RWOP`, `ReadWriteOncePod`)
    #[arg(long, value_name = "MODE", ignore_case = true, hide_possible_values = true)]
    pub access_mode: Option<AccessModeArg>,
}

/// Who may mount a claim at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AccessModeArg {
    /// One node.
    #[value(name = "RWO", alias = "ReadWriteOnce")]
    OneNode,
    /// Many nodes.
    #[value(name = "RWX", alias = "ReadWriteMany")]
    ManyNodes,
    /// One Pod.
    #[value(name = "RWOP", alias = "ReadWriteOncePod")]
    OnePod,
}
