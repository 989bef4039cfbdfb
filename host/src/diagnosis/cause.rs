//! The causes, by name, in the order of a Job's life. What depends on the cause alone stands in one
//! table.

use serde::Serialize;
use std::time::Duration;

/// How it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outlook {
    /// It may still come right, by itself or by somebody's help: it is waited for.
    Waits,
    /// Kubernetes tries again, as often as the Job allows.
    Retries,
    /// It cannot come right while the Job and the rules of the cluster are as they are.
    Stuck,
}

/// The step that a Pod cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To be created.
    Creation,
    /// To get a node.
    Scheduling,
    /// To have its containers started.
    Start,
    /// To run to its end.
    Run,
}

/// When it is told: the cluster says some things in passing, as long as others are at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// As soon as it is known.
    AtOnce,
    /// When it has lasted for a moment.
    Soon,
    /// When it has lasted: in a busy cluster it is usual for a while.
    Later,
    /// When it has lasted longer than it takes a node to try again.
    AfterRetry,
}

impl Settling {
    /// How long it must last; none if it is told at once.
    pub fn lasting(self) -> Option<Duration> {
        let seconds = match self {
            Self::AtOnce => return None,
            Self::Soon => 2,
            Self::Later => 4,
            // kubelet tries again after 10 to 15 seconds (`backOffPeriod` in its
            // pkg/kubelet/kubelet.go, `workerBackOffPeriodJitterFactor` in its pod_workers.go), and
            // then has the Pod to set up.
            Self::AfterRetry => 30,
        };
        Some(Duration::from_secs(seconds))
    }
}

macro_rules! causes {
    ($($cause:ident $name:literal $outlook:ident $step:ident $settling:ident $meaning:literal;)*) => {
        /// The cause of a Job's not getting on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Cause {
            $(#[doc = $meaning] $cause,)*
        }

        impl Cause {
            /// All causes.
            pub const ALL: &[Self] = &[$(Self::$cause,)*];

            const fn row(self) -> (&'static str, Outlook, Step, Settling, &'static str) {
                match self {
                    $(Self::$cause => {
                        ($name, Outlook::$outlook, Step::$step, causes!(@$settling), $meaning)
                    })*
                }
            }
        }
    };
    (@at_once) => { Settling::AtOnce };
    (@settles) => { Settling::Soon };
    (@lasts) => { Settling::Later };
    (@retried) => { Settling::AfterRetry };
}

// Columns: the stable name, the outlook, the step, when it is told, and the meaning.
causes! {
    QuotaExceeded "quota-exceeded" Waits Creation at_once "Others use the quota of the namespace.";
    QuotaTooSmall "quota-too-small" Stuck Creation at_once "The Pod asks for more than the quota has in all.";
    ResourcesDemanded "resources-demanded" Stuck Creation at_once "The quota makes requests or limits an obligation.";
    LimitRange "limit-range" Stuck Creation at_once "The Pod is outside a LimitRange of the namespace.";
    PodSecurity "pod-security" Stuck Creation at_once "The namespace's Pod Security level forbids the Pod.";
    ServiceAccountMissing "service-account-missing" Waits Creation settles "The service account does not exist.";
    PriorityClassMissing "priority-class-missing" Waits Creation at_once "The priority class does not exist.";
    RuntimeClassMissing "runtime-class-missing" Waits Creation at_once "The runtime class does not exist.";
    AdmissionDenied "admission-denied" Stuck Creation at_once "An admission policy or webhook denies the Pod.";
    WebhookUnreachable "webhook-unreachable" Waits Creation at_once "An admission webhook does not answer.";
    NamespaceTerminating "namespace-terminating" Stuck Creation at_once "The namespace is being deleted.";
    PodInvalid "pod-invalid" Stuck Creation at_once "Kubernetes does not accept the Pod of the Job.";
    PodRefused "pod-refused" Waits Creation at_once "The Pod cannot be created, for a reason that is not in this table.";
    ManagedElsewhere "managed-elsewhere" Waits Creation lasts "The Job is left to another controller, which has not taken it up.";
    ClaimMissing "claim-missing" Waits Scheduling settles "A claim does not exist.";
    ClaimUnbound "claim-unbound" Waits Scheduling settles "A claim has no volume.";
    StorageClassMissing "storage-class-missing" Waits Scheduling settles "The storage class of a claim does not exist.";
    ClaimWithoutClass "claim-without-class" Waits Scheduling settles "A claim has no storage class, and no volume without one fits.";
    VolumeMisfit "volume-misfit" Waits Scheduling settles "No free volume fits a claim.";
    AccessMode "access-mode" Waits Scheduling settles "The storage of a claim does not have its access mode.";
    ProvisioningFailed "provisioning-failed" Waits Scheduling settles "The volume of a claim cannot be made.";
    ClaimNotProvisioned "claim-not-provisioned" Waits Scheduling lasts "A claim waits for a volume that nobody makes.";
    ProvisionerSilent "provisioner-silent" Waits Scheduling lasts "The provisioner of a claim has not made its volume yet.";
    ClaimTerminating "claim-terminating" Waits Scheduling settles "A claim is being deleted.";
    ClaimLost "claim-lost" Waits Scheduling settles "The volume of a claim is gone.";
    VolumeElsewhere "volume-elsewhere" Waits Scheduling settles "The volume is bound to nodes on which the Pod cannot run.";
    ClaimInUse "claim-in-use" Waits Scheduling settles "Another Pod uses a claim that allows one Pod only.";
    ResourcesNotFree "resources-not-free" Waits Scheduling settles "No node has enough of a resource free.";
    HostPortTaken "host-port-taken" Waits Scheduling settles "Another Pod has the port of the node.";
    TopologySpread "topology-spread" Waits Scheduling settles "The Pods would not be spread as the Job asks.";
    PodAffinity "pod-affinity" Waits Scheduling settles "The affinity to other Pods, or against them, is not met.";
    NodeSelector "node-selector" Waits Scheduling settles "No node has the labels that the Job asks for.";
    NodeTainted "node-tainted" Waits Scheduling settles "Nodes have a taint that the Pod does not tolerate.";
    NodePressure "node-pressure" Waits Scheduling settles "Nodes run short of disk, memory or processes.";
    NodeNotReady "node-not-ready" Waits Scheduling settles "Nodes are not ready.";
    NodeCordoned "node-cordoned" Waits Scheduling settles "Nodes are cordoned: they take no new Pods.";
    NoNodes "no-nodes" Waits Scheduling settles "The cluster has no nodes.";
    SchedulingGated "scheduling-gated" Waits Scheduling settles "A scheduling gate holds the Pod.";
    ResourceClaim "resource-claim" Waits Scheduling lasts "A claim of devices is missing or cannot be met.";
    NotScheduled "not-scheduled" Waits Scheduling lasts "No scheduler takes the Pod.";
    Unschedulable "unschedulable" Waits Scheduling settles "No node takes the Pod, for a reason that is not in this table.";
    NodeRefused "node-refused" Retries Start at_once "The node rejects the Pod.";
    ClusterBehind "cluster-behind" Waits Start retried "A part of the cluster has not heard of another's work yet.";
    SecretMissing "secret-missing" Waits Start settles "A Secret does not exist.";
    ConfigMapMissing "configmap-missing" Waits Start settles "A ConfigMap does not exist.";
    KeyMissing "key-missing" Waits Start settles "A Secret or ConfigMap lacks a key.";
    HostPath "host-path" Waits Start settles "A path of the node is not of the type that the Job asks for.";
    VolumeDriverMissing "volume-driver-missing" Waits Start settles "The node has no driver for a volume.";
    VolumeInUse "volume-in-use" Waits Start settles "Another node uses a volume that one node only can have.";
    VolumeAttach "volume-attach" Waits Start settles "A volume cannot be attached to the node.";
    VolumeMount "volume-mount" Waits Start settles "A volume cannot be mounted.";
    Sandbox "sandbox" Waits Start settles "The node cannot set up the Pod.";
    ImageNameInvalid "image-name-invalid" Stuck Start at_once "The name of the image is invalid.";
    ImageNeverPulled "image-never-pulled" Stuck Start at_once "The image is not on the node, and may not be pulled.";
    ImageMissing "image-missing" Waits Start at_once "The registry does not have the image.";
    ImageUnauthorized "image-unauthorized" Waits Start at_once "The registry does not give the image without other credentials.";
    ImagePlatform "image-platform" Waits Start at_once "The image is not made for the node's platform.";
    RegistryLimit "registry-limit" Waits Start at_once "The registry has had too many requests.";
    RegistryUnreachable "registry-unreachable" Waits Start at_once "The registry cannot be reached.";
    ImageDiskFull "image-disk-full" Waits Start at_once "The node has no room for the image.";
    ImagePull "image-pull" Waits Start at_once "The image cannot be pulled, for a reason that is not in this table.";
    RunsAsRoot "runs-as-root" Stuck Start at_once "The container would run as root, and must not.";
    NoCommand "no-command" Stuck Start at_once "Neither the image nor the Job says what to run.";
    ContainerConfig "container-config" Waits Start at_once "The container cannot be set up.";
    CommandNotFound "command-not-found" Retries Run at_once "The image does not have the program.";
    CommandNotExecutable "command-not-executable" Retries Run at_once "The program may not be executed.";
    WrongArchitecture "wrong-architecture" Retries Run at_once "The program is made for another kind of processor.";
    StartFailed "start-failed" Retries Run at_once "The container cannot be started.";
    InitFailed "init-failed" Retries Start at_once "An init container fails.";
    OutOfMemory "out-of-memory" Retries Run at_once "The container needs more memory than its limit.";
    CrashLoop "crash-loop" Retries Run at_once "The container ends again and again.";
    PostStartHook "post-start-hook" Retries Run at_once "The hook after the start fails.";
    ProbeFailed "probe-failed" Retries Run at_once "A probe fails.";
    StorageExceeded "storage-exceeded" Retries Run at_once "The Pod writes more to the node's disk than its limit.";
    Evicted "evicted" Retries Run at_once "The node ran short of something, and evicted the Pod.";
    Preempted "preempted" Retries Run at_once "A Pod of a higher priority took the place.";
    Drained "drained" Retries Run at_once "The Pod was evicted, as when a node is emptied.";
    PodDeadline "pod-deadline" Retries Run at_once "The Pod ran into its own deadline.";
    NodeLost "node-lost" Retries Run at_once "The node of the Pod does not answer.";
    ContainerKeepsJob "container-keeps-job" Waits Run lasts "The task has ended, and another container runs on.";
    PodKept "pod-kept" Waits Run lasts "A Pod was told to end, and is still there.";
    JobKept "job-kept" Waits Run lasts "The Job is deleted, and a finalizer keeps it.";
}

impl Cause {
    /// The name, which does not change.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// How it may go on.
    pub fn outlook(self) -> Outlook {
        self.row().1
    }

    /// The step that the Pod cannot take.
    pub fn step(self) -> Step {
        self.row().2
    }

    /// When it is told.
    pub fn settling(self) -> Settling {
        self.row().3
    }

    /// Whether another cause says the same more exactly.
    pub fn is_vaguer_than(self, other: Self) -> bool {
        match self {
            Self::ImagePull => matches!(
                other,
                Self::ImageMissing
                    | Self::ImageUnauthorized
                    | Self::ImagePlatform
                    | Self::RegistryLimit
                    | Self::RegistryUnreachable
                    | Self::ImageDiskFull
            ),
            Self::ClaimUnbound | Self::ClaimNotProvisioned => {
                matches!(other, Self::ProvisionerSilent | Self::ClaimLost) || other.is_of_binding()
            }
            Self::ProvisionerSilent => other.is_of_binding(),
            // Another fact may say why it does not pass.
            Self::ClusterBehind => other.step() != Step::Run && other != self,
            Self::NotScheduled => other.step() == Step::Scheduling && other != self,
            _ => false,
        }
    }

    /// Whether it says why a claim cannot have a volume.
    fn is_of_binding(self) -> bool {
        matches!(
            self,
            Self::StorageClassMissing
                | Self::ClaimWithoutClass
                | Self::VolumeMisfit
                | Self::AccessMode
                | Self::ProvisioningFailed
        )
    }

    /// The cause in a sentence, for whatever Job.
    pub fn meaning(self) -> &'static str {
        self.row().4
    }
}
