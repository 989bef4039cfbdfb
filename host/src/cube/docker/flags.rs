//! The options of `docker run`: what each becomes on Kubernetes, or what to do instead.

use super::given::Given;
use super::wanted::{self, Taken, Wanted};

/// What stands behind an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A value.
    Value,
    /// Nothing: it is on.
    Nothing,
}

/// What becomes of an option.
enum Becomes {
    /// A part of the Job.
    Part(fn(&mut Wanted, &str) -> Taken),
    /// Nothing: the reason and the remedy.
    Nothing(&'static str),
}

use Becomes::{Nothing, Part};

type Row = (&'static [&'static str], Takes, Becomes);

const CLAIMS: &str = "nothing on this machine is there on the cluster; declare a parameter and \
                      copy the data into the claim, or give secrets with `k8s.env`";
const NETWORK: &str = "a pod has a network of its own, which a NetworkPolicy of the namespace \
                       controls; leave it out";
const SECURITY: &str = "a cube cannot loosen what the cluster allows; ask the platform team for a \
                        policy that sets the security context";
const LIMITS: &str = "limits of processes are the node's; raise them there, or with `ulimit` in \
                      the task's entry point as far as the node lets it";
const CORES: &str = "a pod cannot choose cores; set `k8s.resources.limits.cpu`";
const TERMINAL: &str = "a Job has no terminal; leave it out";
const LABELS: &str = "a policy of the platform team sets labels; leave it out";
const NODE: &str = "the node decides it; leave it out";
const SERVICE: &str = "nobody connects to a Job; leave it out";

/// Each option under all its names.
const ROWS: &[Row] = &[
    (&["-e", "--env"], Takes::Value, Part(wanted::env)),
    (&["--shm-size"], Takes::Value, Part(wanted::shared_memory)),
    (&["--ipc"], Takes::Value, Part(wanted::ipc)),
    (&["-u", "--user"], Takes::Value, Part(wanted::user)),
    (&["--cap-add"], Takes::Value, Part(wanted::add_capability)),
    (&["--cap-drop"], Takes::Value, Part(wanted::drop_capability)),
    (&["--read-only"], Takes::Nothing, Part(wanted::read_only)),
    (&["-w", "--workdir"], Takes::Value, Part(wanted::working_dir)),
    (&["--entrypoint"], Takes::Value, Part(wanted::entrypoint)),
    (&["-h", "--hostname"], Takes::Value, Part(wanted::hostname)),
    (&["--pull"], Takes::Value, Part(wanted::pull)),
    (&["-m", "--memory"], Takes::Value, Part(wanted::memory)),
    (&["--memory-reservation"], Takes::Value, Part(wanted::memory_request)),
    (&["--cpus"], Takes::Value, Part(wanted::cpus)),
    (&["--gpus"], Takes::Value, Part(wanted::gpus)),
    (
        &["--runtime"],
        Takes::Value,
        Nothing("GPUs come with `platform.accelerator_count`; leave it out"),
    ),
    (&["--ulimit"], Takes::Value, Nothing(LIMITS)),
    (&["--pids-limit"], Takes::Value, Nothing(LIMITS)),
    (&["--network", "--net"], Takes::Value, Nothing(NETWORK)),
    (&["--network-alias", "--link", "--ip", "--ip6", "--dns"], Takes::Value, Nothing(NETWORK)),
    (
        &["--dns-search", "--dns-option", "--mac-address", "--add-host"],
        Takes::Value,
        Nothing(NETWORK),
    ),
    (&["-v", "--volume", "--mount", "--volumes-from"], Takes::Value, Nothing(CLAIMS)),
    (&["--volume-driver"], Takes::Value, Nothing(CLAIMS)),
    (&["--tmpfs"], Takes::Value, Nothing("a policy of the platform team adds scratch volumes")),
    (&["--env-file"], Takes::Value, Nothing("the file lies on this machine; set `k8s.env`")),
    (&["--privileged"], Takes::Nothing, Nothing(SECURITY)),
    (&["--security-opt", "--device", "--device-cgroup-rule"], Takes::Value, Nothing(SECURITY)),
    (&["--pid", "--uts", "--userns", "--cgroupns"], Takes::Value, Nothing(SECURITY)),
    (&["--cgroup-parent", "--sysctl"], Takes::Value, Nothing(SECURITY)),
    (
        &["--group-add"],
        Takes::Value,
        Nothing("set `k8s.fsGroup` for the group that owns the claim's files"),
    ),
    (&["--cpuset-cpus", "--cpuset-mems", "-c", "--cpu-shares"], Takes::Value, Nothing(CORES)),
    (&["--cpu-period", "--cpu-quota", "--cpu-rt-period"], Takes::Value, Nothing(CORES)),
    (&["--cpu-rt-runtime"], Takes::Value, Nothing(CORES)),
    (
        &["--memory-swap", "--memory-swappiness", "--kernel-memory"],
        Takes::Value,
        Nothing("a pod has no swap of its own; set `k8s.resources.limits.memory`"),
    ),
    (&["--oom-kill-disable"], Takes::Nothing, Nothing(NODE)),
    (&["--oom-score-adj", "--blkio-weight", "--storage-opt"], Takes::Value, Nothing(NODE)),
    (&["--device-read-bps", "--device-write-bps"], Takes::Value, Nothing(NODE)),
    (&["--device-read-iops", "--device-write-iops"], Takes::Value, Nothing(NODE)),
    (&["--log-driver", "--log-opt", "--isolation"], Takes::Value, Nothing(NODE)),
    (&["--init"], Takes::Nothing, Nothing("put an init into the image; leave it out")),
    (&["-i", "--interactive", "-t", "--tty"], Takes::Nothing, Nothing(TERMINAL)),
    (&["-a", "--attach", "--detach-keys"], Takes::Value, Nothing(TERMINAL)),
    (&["-d", "--detach", "--sig-proxy"], Takes::Nothing, Nothing("`run` waits for the Job")),
    (
        &["--rm"],
        Takes::Nothing,
        Nothing("a finished Job stays, until `k8s.ttlSecondsAfterFinished` removes it"),
    ),
    (&["--name"], Takes::Value, Nothing("each Job gets a name of its own; leave it out")),
    (
        &["--restart"],
        Takes::Value,
        Nothing("set `k8s.backoffLimit` for how often a failed pod is tried again"),
    ),
    (&["-l", "--label", "--label-file", "--annotation"], Takes::Value, Nothing(LABELS)),
    (
        &["--platform"],
        Takes::Value,
        Nothing("choose the node with `k8s.nodeSelector: {kubernetes.io/arch: amd64}`"),
    ),
    (&["-p", "--publish", "--expose"], Takes::Value, Nothing(SERVICE)),
    (&["-P", "--publish-all"], Takes::Nothing, Nothing(SERVICE)),
    (
        &["--stop-signal", "--stop-timeout"],
        Takes::Value,
        Nothing("a policy of the platform team sets how long a pod may take to stop"),
    ),
    (&["--no-healthcheck"], Takes::Nothing, Nothing("a Job has no health check; leave it out")),
    (
        &["--health-cmd", "--health-interval", "--health-retries", "--health-timeout"],
        Takes::Value,
        Nothing("a Job has no health check; leave it out"),
    ),
    (
        &["--health-start-period", "--health-start-interval"],
        Takes::Value,
        Nothing("a Job has no health check; leave it out"),
    ),
    (&["--cidfile"], Takes::Value, Nothing("a Job has a name instead; leave it out")),
    (
        &["-q", "--quiet", "--disable-content-trust", "--use-api-socket"],
        Takes::Nothing,
        Nothing("it is docker's own; leave it out"),
    ),
];

/// Whether an option takes a value; none for one that nobody knows.
pub fn takes(flag: &str) -> Option<Takes> {
    row(flag).map(|(_, takes, _)| *takes)
}

/// Take an option over, or warn that it has no counterpart.
pub fn apply(given: &Given<'_>, wanted: &mut Wanted) {
    let Given { label, at, flag, value } = given;
    let nothing = |remedy: &str| format!("`{at}`: {label}: {given} has no counterpart: {remedy}");
    let warning = match row(flag) {
        Some((.., Part(part))) => match part(wanted, value) {
            Ok(note) => note.map(|note| format!("`{at}`: {label}: {given} {note}")),
            Err(remedy) => Some(format!("`{at}`: {label}: {given} is not taken over: {remedy}")),
        },
        // An option that is switched off asks for nothing.
        Some((_, Takes::Nothing, Nothing(_))) if *value == "false" => None,
        Some((.., Nothing(remedy))) => Some(nothing(remedy)),
        None if flag.starts_with('-') => {
            Some(nothing("no option of `docker run` is called so; correct it or leave it out"))
        }
        None => Some(nothing("expected an option of `docker run`; leave it out")),
    };
    wanted.warnings.extend(warning);
}

fn row(flag: &str) -> Option<&'static Row> {
    ROWS.iter().find(|(names, ..)| names.contains(&flag))
}
