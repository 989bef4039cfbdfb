//! The life of one Job as Kubernetes would lead it, written down as the states of the Job and of each
//! of its Pods, together with the end that it was made for.

use super::pods::Pods;
use crate::support::dice::Dice;
use mlcube_k8s::outcome::{Condition, ContainerEnd, JobFacts, PodFacts, PodLoss};

/// The container or the Pod that is to blame.
pub type Fault = (Option<ContainerEnd>, Option<PodLoss>);

/// How a Job ends.
#[derive(Clone, Debug)]
pub enum End {
    Succeeded,
    Failed(Fault),
    Deleted,
    Deadline,
    /// By itself it does not.
    Open,
}

/// A state in the life of the Job or of a Pod.
#[derive(Clone, Debug)]
pub enum State {
    Job(JobFacts),
    /// The Job is gone.
    Gone,
    /// Another Job has its name.
    Another,
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
    /// What happened in it, by name.
    pub kinds: Vec<&'static str>,
}

/// Writes a history.
pub struct Writer<'d> {
    pub dice: &'d mut Dice,
    pub states: Vec<State>,
    pub job: JobFacts,
    pub pods: Pods,
    pub faults: Vec<Fault>,
    pub kinds: Vec<&'static str>,
}

impl History {
    pub fn new(dice: &mut Dice) -> Self {
        let mut writer = Writer {
            dice,
            states: Vec::new(),
            job: JobFacts { completions: Some(1), ..JobFacts::default() },
            pods: Pods::default(),
            faults: Vec::new(),
            kinds: Vec::new(),
        };
        let end = writer.write();
        let Writer { states, faults, kinds, .. } = writer;
        Self { states, end, faults, kinds }
    }

    /// Whether the Job itself ever told what becomes of it.
    pub fn is_decided(&self) -> bool {
        let tells = |job: &JobFacts| job.conditions.iter().any(|one| one.kind != "Suspended");
        self.states.iter().any(|state| matches!(state, State::Job(job) if tells(job)))
    }

    /// The names of the Pods that succeeded, and were not told to end.
    pub fn successes(&self) -> impl Iterator<Item = &str> {
        self.states.iter().filter_map(|state| match state {
            State::Pod(pod) if pod.has_succeeded && pod.deletion.is_none() => {
                Some(pod.name.as_str())
            }
            _ => None,
        })
    }

    /// Whether the Job is gone at the end, or would be if nobody kept it.
    pub fn is_gone(&self) -> bool {
        self.states.iter().any(|state| match state {
            State::Gone => true,
            State::Job(job) => job.is_deleting,
            State::Another | State::Pod(_) => false,
        })
    }
}

impl Writer<'_> {
    fn write(&mut self) -> End {
        match self.dice.below(20) {
            0..3 => self.succeed(),
            3..5 => self.give_up(),
            5 => self.fail_by_policy(),
            6 => self.fail_beside_another(),
            7 => self.exceed_the_deadline(),
            8 => self.deleted_at_once(),
            9..11 => self.deleted_slowly(),
            11..13 => self.fail_by_index(),
            13 => self.too_many_indexes_fail(),
            14 => self.succeed_by_index(),
            15 => self.succeed_by_policy(),
            16 => self.led_by_another(),
            17 => self.led_by_nobody(),
            18 => self.never_started(),
            _ => self.never_let_go(),
        }
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.dice.below(one_in) == 0
    }

    pub fn tell(&mut self) {
        self.states.push(State::Job(self.job.clone()));
    }

    pub fn condition(&mut self, kind: &str, reason: &str, message: &str) {
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

    /// From the creation to the last try: queues, and tries that fail.
    pub fn begin(&mut self) {
        self.tell();
        if self.chance(5) {
            self.suspend();
        }
        for _ in 0..self.dice.below(3) {
            self.attempt_that_fails();
            self.pods.now += 10 + self.dice.below(300) as i64;
            if self.chance(8) {
                self.suspend();
            }
        }
    }

    /// Suspended by a queue or by hand: the Job's controller deletes the Pod that runs.
    fn suspend(&mut self) {
        self.kinds.push("suspended");
        let pod = self.chance(2).then(|| self.start());
        self.job.suspended = true;
        self.condition("Suspended", "JobSuspended", "Job suspended");
        if let Some(pod) = pod {
            let pod = self.told_to_end(pod);
            // Blamed only where all that came later was not seen.
            self.faults.push(super::pods::deleted(&pod));
        }
        self.job.suspended = false;
        self.job.conditions.retain(|condition| condition.kind != "Suspended");
        self.tell();
        self.pods.now += 60;
    }

    fn succeed(&mut self) -> End {
        self.begin();
        self.pod_that_succeeds();
        if self.chance(2) {
            self.condition("SuccessCriteriaMet", "CompletionsReached", "");
        }
        if self.chance(6) {
            // Deleted in between.
            self.gone();
            return End::Succeeded;
        }
        self.complete("CompletionsReached")
    }

    pub fn complete(&mut self, reason: &str) -> End {
        self.condition("Complete", reason, "");
        self.removed();
        End::Succeeded
    }

    fn give_up(&mut self) -> End {
        self.begin();
        let (_, fault) = self.attempt_that_fails();
        self.fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        End::Failed(fault)
    }

    pub fn fail(&mut self, reason: &str, message: &str) {
        if self.chance(2) {
            self.condition("FailureTarget", reason, message);
            if self.chance(6) {
                self.gone();
                return;
            }
        }
        self.condition("Failed", reason, message);
        self.removed();
    }

    pub fn gone(&mut self) {
        self.states.push(State::Gone);
        if self.chance(4) {
            self.kinds.push("another has its name");
            self.states.push(State::Another);
        }
    }

    /// By `ttlSecondsAfterFinished`, by somebody who cleans up, or not at all; and it may be kept.
    pub fn removed(&mut self) {
        if self.chance(2) {
            return;
        }
        self.kinds.push("removed when it was over");
        if self.chance(3) {
            self.job.is_deleting = true;
            self.tell();
            if self.chance(2) {
                self.kinds.push("kept by a finalizer");
                return;
            }
        }
        self.gone();
    }
}
