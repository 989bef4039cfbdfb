//! The life of one Job as Kubernetes would lead it, written down as the states of the Job and of each
//! of its Pods, together with the end that it was made for.

use crate::support::dice::Dice;
use mlcube_k8s::outcome::{
    Condition, ContainerEnd, ContainerFacts, JobFacts, Part, PodFacts, PodLoss, Removal,
};

/// The container or the Pod that is to blame.
pub type Fault = (Option<ContainerEnd>, Option<PodLoss>);

/// How a Job ends.
#[derive(Clone, Debug)]
pub enum End {
    Succeeded,
    Failed(Fault),
    Deleted,
    Deadline,
}

/// A state in the life of the Job or of a Pod; none for a Job that is gone.
#[derive(Clone, Debug)]
pub enum State {
    Job(Option<JobFacts>),
    Pod(PodFacts),
}

/// The life of a Job.
#[derive(Debug)]
pub struct History {
    /// The states, in their order.
    pub states: Vec<State>,
    /// How it was meant to end.
    pub end: End,
    /// All that failed by itself on the way.
    pub faults: Vec<Fault>,
    /// Whether the Job is gone at the end.
    pub is_gone: bool,
}

struct Writer<'d> {
    dice: &'d mut Dice,
    states: Vec<State>,
    job: JobFacts,
    pods: usize,
    /// Seconds.
    now: i64,
    faults: Vec<Fault>,
}

impl History {
    pub fn new(dice: &mut Dice) -> Self {
        let mut writer = Writer {
            dice,
            states: Vec::new(),
            job: JobFacts { completions: Some(1), ..JobFacts::default() },
            pods: 0,
            now: 1_000,
            faults: Vec::new(),
        };
        let end = writer.write();
        let is_gone = writer.states.iter().any(|state| matches!(state, State::Job(None)));
        Self { states: writer.states, end, faults: writer.faults, is_gone }
    }
}

impl Writer<'_> {
    fn write(&mut self) -> End {
        self.tell();
        if self.chance(5) {
            self.suspend();
        }
        for _ in 0..self.dice.below(3) {
            self.attempt_that_fails();
            self.now += 10 + self.dice.below(300) as i64;
            if self.chance(8) {
                self.suspend();
            }
        }
        match self.dice.below(10) {
            0..3 => self.succeed(),
            3..5 => {
                let (_, fault) = self.attempt_that_fails();
                self.fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
                End::Failed(fault)
            }
            5 => self.fail_by_policy(),
            6 => self.fail_beside_another(),
            7 => self.exceed_the_deadline(),
            8 => self.deleted_at_once(),
            _ => self.deleted_slowly(),
        }
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.dice.below(one_in) == 0
    }

    fn tell(&mut self) {
        self.states.push(State::Job(Some(self.job.clone())));
    }

    fn condition(&mut self, kind: &str, reason: &str, message: &str) {
        self.job.conditions.push(Condition {
            kind: kind.into(),
            is_true: true,
            reason: reason.into(),
            message: message.into(),
        });
        if self.chance(2) {
            // Kubernetes promises no order.
            self.job.conditions.reverse();
        }
        self.tell();
    }

    /// Suspended by a queue or by hand: the Job's controller deletes the Pod that runs.
    fn suspend(&mut self) {
        let pod = self.chance(2).then(|| self.start());
        self.job.suspended = true;
        self.condition("Suspended", "JobSuspended", "Job suspended");
        if let Some(pod) = pod {
            let pod = self.told_to_end(pod);
            // Blamed only where all that came later was not seen.
            let loss = PodLoss { pod: pod.name, removal: Removal::Deletion };
            self.faults.push((None, Some(loss)));
        }
        self.job.suspended = false;
        self.job.conditions.retain(|condition| condition.kind != "Suspended");
        self.tell();
        self.now += 60;
    }

    fn start(&mut self) -> PodFacts {
        self.pods += 1;
        let pod = PodFacts {
            name: format!("run-{}", self.pods),
            created: self.now,
            ..PodFacts::default()
        };
        self.states.push(State::Pod(pod.clone()));
        self.now += 1 + self.dice.below(100) as i64;
        pod
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
        ContainerFacts { end, at: self.now, part, is_restarted: false }
    }

    /// A Pod that is deleted from outside: its containers are killed, or answer as they like.
    fn told_to_end(&mut self, mut pod: PodFacts) -> PodFacts {
        pod.deletion = Some(self.now);
        self.states.push(State::Pod(pod.clone()));
        let code = *self.dice.pick(&[143, 137, 0, 1]);
        if self.chance(2) {
            self.now += 1 + self.dice.below(30) as i64;
        }
        let end = self.ended(&pod, Part::Main, code);
        pod.ended.push(end);
        if self.chance(3) {
            let sidecar = self.ended(&pod, Part::Sidecar, 143);
            pod.ended.push(sidecar);
        }
        pod.is_over = true;
        pod.has_succeeded = code == 0;
        self.states.push(State::Pod(pod.clone()));
        pod
    }

    /// One try that fails, for one of the reasons that there are.
    fn attempt_that_fails(&mut self) -> (PodFacts, Fault) {
        let mut pod = self.start();
        let why = || "why".to_owned();
        let removal = match self.dice.below(10) {
            0 => Some(Removal::Eviction(why())),
            1 => Some(Removal::Preemption(why())),
            2 => Some(Removal::Drain(why())),
            3 => Some(Removal::NodeLoss(why())),
            4 => {
                let pod = self.told_to_end(pod);
                let loss = PodLoss { pod: pod.name.clone(), removal: Removal::Deletion };
                // One that answers with 0 has not failed; the Job goes on with another.
                self.faults.push((None, Some(loss.clone())));
                return (pod, (None, Some(loss)));
            }
            _ => None,
        };
        let fault = match removal {
            Some(removal) => {
                pod.removal = Some(removal.clone());
                self.states.push(State::Pod(pod.clone()));
                if self.chance(2) {
                    self.now += 1;
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
                self.states.push(State::Pod(pod.clone()));
                if part == Part::Other {
                    let main = self.ended(&pod, Part::Main, 0);
                    pod.ended.push(main);
                }
                (Some(end.end), None)
            }
        };
        if self.chance(3) {
            self.now += 1;
            let sidecar = self.ended(&pod, Part::Sidecar, 143);
            pod.ended.insert(0, sidecar);
        }
        pod.is_over = true;
        self.states.push(State::Pod(pod.clone()));
        self.faults.push(fault.clone());
        (pod, fault)
    }

    fn succeed(&mut self) -> End {
        let mut pod = self.start();
        let main = self.ended(&pod, Part::Main, 0);
        pod.ended.push(main);
        self.states.push(State::Pod(pod.clone()));
        pod.is_over = true;
        pod.has_succeeded = true;
        self.states.push(State::Pod(pod));
        if self.chance(2) {
            self.condition("SuccessCriteriaMet", "CompletionsReached", "");
        }
        if self.chance(6) {
            // Deleted in between.
            self.states.push(State::Job(None));
            return End::Succeeded;
        }
        self.condition("Complete", "CompletionsReached", "");
        self.removed();
        End::Succeeded
    }

    fn fail(&mut self, reason: &str, message: &str) {
        if self.chance(2) {
            self.condition("FailureTarget", reason, message);
            if self.chance(6) {
                self.states.push(State::Job(None));
                return;
            }
        }
        self.condition("Failed", reason, message);
        self.removed();
    }

    /// By `ttlSecondsAfterFinished`, by somebody who cleans up, or not at all.
    fn removed(&mut self) {
        if self.chance(2) {
            self.states.push(State::Job(None));
        }
    }

    fn fail_by_policy(&mut self) -> End {
        let mut pod = self.start();
        let end = self.ended(&pod, Part::Main, 42);
        pod.ended.push(end.clone());
        pod.is_over = true;
        let message = format!(
            "Container main for pod default/{} failed with exit code 42 matching FailJob rule at index 0",
            pod.name
        );
        self.states.push(State::Pod(pod));
        self.faults.push((Some(end.end.clone()), None));
        self.fail("PodFailurePolicy", &message);
        End::Failed((Some(end.end), None))
    }

    /// Of two Pods that run one fails, and the other is deleted for it.
    fn fail_beside_another(&mut self) -> End {
        self.job.completions = Some(2);
        self.tell();
        let other = self.start();
        let mut pod = self.start();
        let end = self.ended(&pod, Part::Main, 3);
        pod.ended.push(end.clone());
        pod.is_over = true;
        self.states.push(State::Pod(pod));
        let fault = (Some(end.end), None);
        self.faults.push(fault.clone());
        let loss = PodLoss { pod: other.name.clone(), removal: Removal::Deletion };
        // Blamed only where the first was not seen.
        self.faults.push((None, Some(loss)));
        self.told_to_end(other);
        self.fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        End::Failed(fault)
    }

    fn exceed_the_deadline(&mut self) -> End {
        let pod = self.start();
        if self.chance(2) {
            self.condition("FailureTarget", "DeadlineExceeded", "Job was active too long");
        }
        self.told_to_end(pod);
        self.condition("Failed", "DeadlineExceeded", "Job was active too long");
        self.removed();
        End::Deadline
    }

    /// The Job vanishes, and its Pods are collected afterwards; or another takes its name.
    fn deleted_at_once(&mut self) -> End {
        let pod = self.start();
        self.states.push(State::Job(None));
        self.told_to_end(pod);
        End::Deleted
    }

    /// The Job stays until its Pods have ended, or longer: somebody's finalizer lingers.
    fn deleted_slowly(&mut self) -> End {
        let pod = self.start();
        self.job.is_deleting = true;
        self.tell();
        self.told_to_end(pod);
        if self.chance(2) {
            self.states.push(State::Job(None));
        }
        End::Deleted
    }
}
