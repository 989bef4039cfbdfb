//! The Pods of a Job: their changes are told, the logs of their containers followed, and their facts
//! handed to the judge.

use super::{Observer, history};
use crate::cluster::facts::{self, Seen, Stage};
use crate::event::{ContainerRun, Event};
use crate::outcome::{Observation, PodFacts};
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher;
use std::sync::Arc;

impl<F: FnMut(Event)> Observer<'_, F> {
    /// The facts of a change to a Pod.
    pub(super) fn pod_event(&mut self, event: watcher::Event<Pod>) -> Vec<Observation> {
        match event {
            watcher::Event::Apply(pod) | watcher::Event::InitApply(pod) => {
                vec![Observation::Pod(self.pod(&pod))]
            }
            watcher::Event::Delete(pod) => {
                let facts = self.pod(&pod);
                let name = facts.name.clone();
                self.end_pod(&name);
                self.present.remove(&name);
                self.trouble_ends(&name);
                vec![Observation::Pod(facts), Observation::PodGone(name)]
            }
            watcher::Event::Init => {
                self.present.list_again();
                Vec::new()
            }
            watcher::Event::InitDone => {
                self.has_listed = true;
                let gone = self.present.not_listed();
                gone.iter().for_each(|name| self.trouble_ends(name));
                gone.iter().for_each(|name| self.end_pod(name));
                gone.into_iter().map(Observation::PodGone).collect()
            }
        }
    }

    /// Emit the changes of a Pod, follow the log of each run of its containers as soon as it has
    /// one, and give the facts for the judge.
    pub(super) fn pod(&mut self, pod: &Pod) -> PodFacts {
        let name = pod.metadata.name.clone().unwrap_or_default();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        if let Some(node) = node.filter(|node| self.reported.nodes.get(&name) != Some(node)) {
            self.reported.nodes.insert(name.clone(), node.clone());
            (self.emit)(Event::PodScheduled { pod: name.clone(), node });
        }
        for Seen { container, restart, stage, .. } in facts::runs(pod) {
            let may_restart = facts::may_restart(pod, &container);
            let run = self.followers.run(pod, container, restart);
            self.run(run, stage, may_restart);
        }
        self.present.insert(name);
        history::of_pod(&mut self.history, pod);
        self.trouble_of_pod(pod);
        facts::pod(pod)
    }

    /// A Pod is gone.
    pub(super) fn end_pod(&mut self, name: &str) {
        let told = self.followers.end_pod(name);
        self.emit_all(told);
    }

    fn run(&mut self, run: Arc<ContainerRun>, stage: Stage, may_restart: bool) {
        let before = self.reported.runs.insert(Arc::clone(&run), stage.clone());
        if before.as_ref() == Some(&stage) {
            return;
        }
        if before.is_none() {
            (self.emit)(Event::ContainerStarted(Arc::clone(&run)));
            self.followers.follow(&run, may_restart);
        }
        if let Stage::Ended(end) = stage {
            let told = self.followers.end(&run, end.exit_code);
            (self.emit)(Event::ContainerEnded(end));
            self.emit_all(told);
        }
    }
}
