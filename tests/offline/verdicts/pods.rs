//! The Pods of a Job: how each runs, fails, is taken away, or succeeds.

use super::history::{Fault, State, Writer};
use mlcube_k8s::outcome::{ContainerEnd, ContainerFacts, Part, PodFacts, PodLoss, Removal};

/// What is common to the Pods of a history.
#[derive(Debug)]
pub struct Pods {
    /// How many there were.
    count: usize,
    /// The index of those that start now.
    pub index: Option<u32>,
    /// Seconds.
    pub now: i64,
}

impl Default for Pods {
    fn default() -> Self {
        Self { count: 0, index: None, now: 1_000 }
    }
}

/// The fault of a Pod that somebody deleted.
pub fn deleted(pod: &PodFacts) -> Fault {
    (None, Some(PodLoss { pod: pod.name.clone(), removal: Removal::Deletion }))
}

impl Writer<'_> {
    pub fn start(&mut self) -> PodFacts {
        self.pods.count += 1;
        let index = self.pods.index.map(|index| format!("-{index}")).unwrap_or_default();
        let pod = PodFacts {
            name: format!("run{index}-{}", self.pods.count),
            index: self.pods.index,
            created: self.pods.now,
            ..PodFacts::default()
        };
        self.pod(&pod);
        self.pods.now += 1 + self.dice.below(100) as i64;
        pod
    }

    fn pod(&mut self, pod: &PodFacts) {
        self.states.push(State::Pod(pod.clone()));
    }

    fn ended(&mut self, pod: &PodFacts, part: Part, code: i32) -> ContainerFacts {
        let container = format!("{part:?}").to_lowercase();
        let end = ContainerEnd {
            pod: pod.name.clone(),
            container,
            exit_code: code,
            reason: if code == 0 { "Completed".into() } else { "Error".into() },
            message: String::new(),
        };
        ContainerFacts { end, at: self.pods.now, part, is_restarted: false }
    }

    /// A Pod that is deleted from outside: its containers are killed, or answer as they like. One
    /// that has its end may stay, for somebody's finalizer.
    pub fn told_to_end(&mut self, mut pod: PodFacts) -> PodFacts {
        pod.deletion = Some(self.pods.now);
        self.pod(&pod);
        let code = *self.dice.pick(&[143, 137, 0, 1]);
        if self.chance(2) {
            self.pods.now += 1 + self.dice.below(30) as i64;
        }
        let end = self.ended(&pod, Part::Main, code);
        pod.ended.push(end);
        if self.chance(3) {
            let sidecar = self.ended(&pod, Part::Sidecar, 143);
            pod.ended.push(sidecar);
        }
        pod.is_over = true;
        pod.has_succeeded = code == 0;
        self.pod(&pod);
        pod
    }

    /// One try that fails, for one of the reasons that there are.
    pub fn attempt_that_fails(&mut self) -> (PodFacts, Fault) {
        let mut pod = self.start();
        let why = || "why".to_owned();
        let removal = match self.dice.below(10) {
            0 => Some(Removal::Eviction(why())),
            1 => Some(Removal::Preemption(why())),
            2 => Some(Removal::Drain(why())),
            3 => Some(Removal::NodeLoss(why())),
            4 => {
                let pod = self.told_to_end(pod);
                // One that answers with 0 has not failed; the Job goes on with another.
                self.faults.push(deleted(&pod));
                let fault = deleted(&pod);
                return (pod, fault);
            }
            _ => None,
        };
        let fault = match removal {
            Some(removal) => {
                self.kinds.push("taken away");
                pod.removal = Some(removal.clone());
                self.pod(&pod);
                if self.chance(2) {
                    self.pods.now += 1;
                    let end = self.ended(&pod, Part::Main, 137);
                    pod.ended.push(end);
                }
                (None, Some(PodLoss { pod: pod.name.clone(), removal }))
            }
            None => {
                let part = *self.dice.pick(&[Part::Main, Part::Main, Part::Init, Part::Other]);
                let code = *self.dice.pick(&[1, 2, 137, 143, 255]);
                let end = self.ended(&pod, part, code);
                pod.ended.push(end.clone());
                self.pod(&pod);
                if part == Part::Other {
                    let main = self.ended(&pod, Part::Main, 0);
                    pod.ended.push(main);
                }
                (Some(end.end), None)
            }
        };
        if self.chance(3) {
            self.pods.now += 1;
            let sidecar = self.ended(&pod, Part::Sidecar, 143);
            pod.ended.insert(0, sidecar);
        }
        pod.is_over = true;
        self.pod(&pod);
        self.faults.push(fault.clone());
        (pod, fault)
    }

    /// A Pod whose main container ends with this code, and nothing else happens to it.
    pub fn pod_that_ends(&mut self, mut pod: PodFacts, code: i32) -> Fault {
        let end = self.ended(&pod, Part::Main, code);
        pod.ended.push(end.clone());
        pod.is_over = true;
        self.pod(&pod);
        let fault = (Some(end.end), None);
        self.faults.push(fault.clone());
        fault
    }

    /// A Pod that succeeds, and may be deleted afterwards and kept.
    pub fn pod_that_succeeds(&mut self) {
        let mut pod = self.start();
        let main = self.ended(&pod, Part::Main, 0);
        pod.ended.push(main);
        self.pod(&pod);
        pod.is_over = true;
        pod.has_succeeded = true;
        self.pod(&pod);
        if self.chance(5) {
            self.kinds.push("a pod is kept");
            self.pods.now += 1;
            pod.deletion = Some(self.pods.now);
            self.pod(&pod);
        }
    }
}
