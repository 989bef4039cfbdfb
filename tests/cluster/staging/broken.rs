//! Data that goes to a claim whatever breaks on the way.

use std::fs;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::DeleteParams;
use serde_json::Value;

use super::furnish;
use crate::support::cluster::{NAMESPACE, until};
use crate::support::cutter::Cutter;
use crate::support::desk::{Desk, bytes, tree};

/// The most bytes that are sent twice when something breaks.
const TWICE: u64 = 16 << 20;

/// What there was to send when it began, and what of it had arrived each time that was told.
fn arrivals(events: &str) -> (u64, Vec<u64>) {
    let events = events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let (mut all, mut done) = (0, Vec::new());
    for event in events {
        match event["event"].as_str() {
            Some("transfer") => all = event["bytes"].as_u64().expect("bytes"),
            Some("transfer-progress") => done.extend(event["doneBytes"].as_u64()),
            _ => {}
        }
    }
    (all, done)
}

/// Whatever breaks, the next attempt goes on with what is there, and nothing is lost or damaged.
/// `MLCUBE_CUTS` breaks more often than the suite does.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn what_breaks_off_is_gone_on_with() {
    let cuts = std::env::var("MLCUBE_CUTS").ok().and_then(|n| n.parse().ok()).unwrap_or(9);
    let desk = Desk::new().await;
    furnish(&desk.data());
    let large = desk.data().join("large");
    let cutter = Cutter::new();
    let kubeconfig = cutter.kubeconfig(&desk.cube).display().to_string();
    let pods: Api<Pod> = Api::namespaced(desk.client.clone(), NAMESPACE);
    let mut done = 0;
    for round in 0u64.. {
        if done >= cuts {
            break;
        }
        // Another content each time, so that there is something to send.
        fs::write(&large, bytes(120 << 20, round + 1)).expect("a file");
        let mut running = desk.start(&["stage", "-o", "json", "--kubeconfig", &kubeconfig]);
        let mut left = u64::MAX - TWICE;
        for step in 0..3 {
            if done >= cuts || running.wait_a_while(Duration::from_millis(900 + 370 * round % 1700))
            {
                break;
            }
            done += 1;
            match (round + step) % 3 {
                0 => {
                    cutter.cut();
                }
                1 => {
                    for pod in desk.helpers().await {
                        let now = DeleteParams::default().grace_period(0);
                        let _ = pods.delete(&pod.metadata.name.expect("a name"), &now).await;
                    }
                }
                _ => {
                    running.signal("KILL");
                    let (all, done) = arrivals(&running.wait().stdout);
                    if all > 0 {
                        left = all - done.last().copied().unwrap_or(0);
                    }
                    running = desk.start(&["stage", "-o", "json", "--kubeconfig", &kubeconfig]);
                }
            }
        }
        let ended = running.wait();
        assert_eq!(ended.code, Some(0), "round {round}: {ended:#?}");
        let (all, done) = arrivals(&ended.stdout);
        assert!(all <= left + TWICE, "round {round}: {left} were left, and {all} are sent");
        let lost = done.windows(2).map(|two| two[0].saturating_sub(two[1])).max().unwrap_or(0);
        assert!(lost <= TWICE, "round {round}: {lost} bytes are sent again: {done:?}");
    }
    desk.there_and_back();
    assert_eq!(tree(&desk.data()), tree(&desk.back().join("copy")));
    desk.remove().await;
}

/// A client that is killed leaves a Pod that ends by itself, and is removed.
#[tokio::test]
#[ignore = "needs a cluster: cargo xtask test"]
async fn the_pod_that_carries_never_stays() {
    let desk = Desk::new().await;
    fs::write(desk.data().join("large"), bytes(200 << 20, 5)).expect("a file");
    let mut running = desk.start(&["stage"]);
    running.until_told("staging ");
    assert_eq!(desk.helpers().await.len(), 1);
    running.signal("KILL");
    running.wait();
    until("it is gone", async || desk.helpers().await.is_empty().then_some(())).await;
    // A signal that can be heeded removes it at once.
    let mut running = desk.start(&["stage"]);
    running.until_told("staging ");
    running.signal("INT");
    running.wait().check("interrupted", 130, "", &["stopped   by SIGINT"]);
    until("it is gone", async || desk.helpers().await.is_empty().then_some(())).await;
    desk.remove().await;
}
