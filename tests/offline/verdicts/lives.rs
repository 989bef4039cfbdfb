//! Lives of Jobs beside the usual: policies, indexes, deletion, other controllers, and Jobs that do
//! not come to an end.

use super::history::{End, Fault, Writer};
use super::pods::deleted;

impl Writer<'_> {
    pub fn fail_by_policy(&mut self) -> End {
        self.kinds.push("pod failure policy");
        self.begin();
        let pod = self.start();
        let message = format!(
            "Container main for pod default/{} failed with exit code 42 matching FailJob rule at index 0",
            pod.name
        );
        let fault = self.pod_that_ends(pod, 42);
        self.fail("PodFailurePolicy", &message);
        End::Failed(fault)
    }

    /// Of two Pods that run one fails, and the other is deleted for it.
    pub fn fail_beside_another(&mut self) -> End {
        self.begin();
        self.job.completions = Some(2);
        self.tell();
        let other = self.start();
        let pod = self.start();
        let fault = self.pod_that_ends(pod, 3);
        // Blamed only where the first was not seen.
        self.faults.push(deleted(&other));
        self.told_to_end(other);
        self.fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        End::Failed(fault)
    }

    pub fn exceed_the_deadline(&mut self) -> End {
        self.begin();
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
    pub fn deleted_at_once(&mut self) -> End {
        self.begin();
        let pod = self.start();
        self.gone();
        self.told_to_end(pod);
        End::Deleted
    }

    /// The Job stays until its Pods have ended, or longer: somebody's finalizer lingers.
    pub fn deleted_slowly(&mut self) -> End {
        self.begin();
        let pod = self.start();
        self.job.is_deleting = true;
        self.tell();
        self.told_to_end(pod);
        if self.chance(2) {
            self.gone();
        } else {
            self.kinds.push("kept by a finalizer");
        }
        End::Deleted
    }

    /// Some indexes fail for good; what others made good is not to blame. Gives the last failure of
    /// an index that failed for good.
    fn indexes(&mut self, is_failing: bool) -> Option<Fault> {
        let count = 2 + self.dice.below(3) as u32;
        self.job.completions = Some(count);
        self.tell();
        let lost = self.dice.below(count as usize) as u32;
        let mut last = None;
        for index in 0..count {
            self.pods.index = Some(index);
            for _ in 0..self.dice.below(3) {
                self.attempt_that_fails();
                self.pods.now += 10;
            }
            if is_failing && (index == lost || self.chance(4)) {
                last = Some(self.attempt_that_fails().1);
                self.pods.now += 10;
            } else {
                self.pod_that_succeeds();
            }
        }
        last
    }

    pub fn fail_by_index(&mut self) -> End {
        self.kinds.push("backoff per index");
        let fault = self.indexes(true).expect("one index fails");
        self.fail("FailedIndexes", "Job has failed indexes");
        End::Failed(fault)
    }

    /// The indexes that still run are ended for it.
    pub fn too_many_indexes_fail(&mut self) -> End {
        self.kinds.push("too many indexes");
        self.job.completions = Some(5);
        self.tell();
        self.pods.index = Some(0);
        let other = self.start();
        self.pods.index = Some(1);
        self.pod_that_succeeds();
        self.pods.index = Some(2);
        let pod = self.start();
        let fault = self.pod_that_ends(pod, 9);
        self.faults.push(deleted(&other));
        self.told_to_end(other);
        self.fail(
            "MaxFailedIndexesExceeded",
            "Job has exceeded the specified maximal number of failed indexes",
        );
        End::Failed(fault)
    }

    pub fn succeed_by_index(&mut self) -> End {
        self.kinds.push("indexes that succeed");
        self.indexes(false);
        self.condition("SuccessCriteriaMet", "CompletionsReached", "");
        self.complete("CompletionsReached")
    }

    /// One index decides for all: the others are ended, whatever they answer.
    pub fn succeed_by_policy(&mut self) -> End {
        self.kinds.push("success policy");
        self.job.completions = Some(3);
        self.tell();
        self.pods.index = Some(1);
        let other = self.start();
        self.pods.index = Some(2);
        self.attempt_that_fails();
        self.pods.index = Some(0);
        self.pod_that_succeeds();
        self.condition("SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index 0");
        self.told_to_end(other);
        if self.chance(6) {
            self.gone();
            return End::Succeeded;
        }
        self.complete("SuccessPolicy")
    }

    /// `managedBy`: its Pods run in another cluster, and only its status is seen.
    pub fn led_by_another(&mut self) -> End {
        self.kinds.push("managed by another");
        self.tell();
        if self.chance(2) {
            self.job.suspended = true;
            self.condition("Suspended", "JobSuspended", "Job suspended");
            self.job.suspended = false;
            self.job.conditions.clear();
            self.tell();
        }
        match self.dice.below(3) {
            0 => {
                self.fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
                End::Failed((None, None))
            }
            1 => {
                self.condition("Failed", "DeadlineExceeded", "Job was active too long");
                End::Deadline
            }
            _ => self.complete("CompletionsReached"),
        }
    }

    /// `managedBy` names a controller that is not there.
    pub fn led_by_nobody(&mut self) -> End {
        self.kinds.push("managed by nobody");
        self.tell();
        End::Open
    }

    /// A Pod that no node takes, or whose image is not to be had; a queue that does not move.
    pub fn never_started(&mut self) -> End {
        self.kinds.push("never started");
        self.begin();
        if self.chance(2) {
            self.start();
        } else {
            self.job.suspended = true;
            self.condition("Suspended", "JobSuspended", "Job suspended");
        }
        End::Open
    }

    /// A Pod that stays `Terminating`: its node does not answer. The Job waits for it, though it is
    /// deleted, or what becomes of it is decided.
    pub fn never_let_go(&mut self) -> End {
        self.kinds.push("a pod stays");
        self.begin();
        let mut pod = self.start();
        match self.dice.below(3) {
            0 => {
                self.job.is_deleting = true;
                self.tell();
            }
            1 => self.condition("FailureTarget", "DeadlineExceeded", "Job was active too long"),
            _ => {}
        }
        pod.deletion = Some(self.pods.now);
        self.states.push(super::history::State::Pod(pod));
        End::Open
    }
}
