//! What people type, from the habit of other programs, and what to type instead. A tip never loosens
//! safety, and what stands in backticks can be typed as it is. `<NAME>` stands for the value that
//! was typed.

/// Options that were typed, the commands on which, and the tip.
pub type Row = (&'static [&'static str], &'static [&'static str], &'static str);

const RUN: &[&str] = &["run"];
const RENDER: &[&str] = &["render"];
const JOBS: &[&str] = &["run", "render"];
const CUBES: &[&str] = &["run", "render", "describe", "config", "configure", "inspect"];
const OTHER_CUBES: &[&str] = &["render", "describe", "config", "configure", "inspect"];
const SHOWS: &[&str] = &["run", "render", "describe", "config", "inspect"];

/// The options that a tip may name for a misspelt one. None of them audits, grants,
/// raises a limit or changes a setting of a policy.
pub const SAFE: [&str; 30] = [
    "mlcube",
    "platform",
    "workspace",
    "task",
    "mount",
    "gpus",
    "memory",
    "cpu",
    "policy",
    "locked",
    "record",
    "no-cache",
    "namespace",
    "context",
    "kubeconfig",
    "dry-run",
    "timeout",
    "detach",
    "rm",
    "on-interrupt",
    "logs",
    "prefix",
    "timestamps",
    "propagate",
    "explain",
    "generate-name",
    "output",
    "resolve",
    "quiet",
    "verbose",
];

/// Options that other programs have.
pub const OPTIONS: [Row; 47] = [
    (
        &["--wait", "--watch", "-w", "--follow", "--attach", "--stream", "--no-detach"],
        RUN,
        "leave it out: `run` streams the logs and waits for the end",
    ),
    (
        &["--background", "--no-wait", "--async"],
        RUN,
        "write `--detach`, which submits the Job and returns",
    ),
    (
        &["--wait", "--watch", "-w", "--follow", "--detach", "-d", "--timeout"],
        RENDER,
        "leave it out: `render` only prints the Job, and `run` submits it",
    ),
    (
        &["--tail", "--since", "--previous", "--lines"],
        RUN,
        "leave it out: `run` streams every line, and `kubectl logs --tail=10 job/NAME` shows the last ones",
    ),
    (&["-t", "--tasks", "--task-name", "--task_name", "--job"], JOBS, "write `--task=<TASK>`"),
    (&["-f"], RUN, "write `--mlcube=<PATH>` for a cube; the logs are followed without an option"),
    (&["-f"], OTHER_CUBES, "write `--mlcube=<PATH>`"),
    (
        &["--file", "--filename", "--cube", "--path", "--mlcube-file", "--mlcube_file"],
        CUBES,
        "write `--mlcube=<PATH>`",
    ),
    (&["--env", "-e", "--env-var", "--environment"], JOBS, "write `-Pk8s.env.<NAME=VALUE>`"),
    (
        &["--env-file", "--envfile"],
        JOBS,
        "name the variables in the cube's section `k8s: {env: …}`, or one by one with `-Pk8s.env.NAME=VALUE`",
    ),
    (&["--image", "-i", "--docker-image"], CUBES, "write `-Pdocker.image=<IMAGE>`"),
    (
        &["--image-pull-policy", "--pull"],
        JOBS,
        "write `-Pk8s.imagePullPolicy=Always`, or `IfNotPresent`, or `Never`",
    ),
    (
        &["--pvc", "--claim", "--volume-claim", "--persistent-volume-claim"],
        CUBES,
        "write `-Pk8s.pvc=<CLAIM>`",
    ),
    (
        &["--create-claim", "--create-pvc", "--create-pvcs", "--create-volumes"],
        RUN,
        "write `--create-claims`",
    ),
    (
        &["--volume", "--volumes", "--mounts", "--bind", "--data-dir", "--input-dir"],
        JOBS,
        "data lies on the cluster's claims: name one by `-Pk8s.pvc=CLAIM`, and give paths on it as `PARAMETER=PATH`",
    ),
    (
        &["--output-dir", "--out", "--out-dir", "--output-path", "--outdir"],
        JOBS,
        "outputs lie on the claim: give the path there to the task's parameter, as `PARAMETER=PATH`",
    ),
    (
        &["--gpu", "-g", "--num-gpus", "--accelerators", "--gpu-count"],
        JOBS,
        "write `--gpus=<NUMBER>`",
    ),
    (&["--cpus", "--num-cpus"], JOBS, "write `--cpu=<NUMBER>`"),
    (&["--mem", "-m"], JOBS, "write `--memory=<AMOUNT>`"),
    (
        &["--limits", "--requests", "--resources"],
        JOBS,
        "write `--memory=AMOUNT`, `--cpu=NUMBER` or `--gpus=NUMBER`, or set `k8s: {resources: …}` in the cube",
    ),
    (
        &["--name", "--job-name", "--generateName"],
        RUN,
        "leave it out: the Job is named after the cube, with an end of its own for each run",
    ),
    (
        &["--name", "--job-name"],
        RENDER,
        "leave it out: the Job is named after the cube and what is in it, or by the cluster with `--generate-name`",
    ),
    (
        &["--yes", "-y", "--assume-yes", "--no-confirm", "--non-interactive"],
        JOBS,
        "leave it out: nothing is asked",
    ),
    (
        &["--overwrite", "--replace"],
        JOBS,
        "leave it out: every run is a Job of its own, and none is replaced",
    ),
    (&["--interactive", "-it", "--tty", "--stdin"], JOBS, "leave it out: a Job has no terminal"),
    (
        &["--cleanup", "--delete"],
        RUN,
        "write `--rm`, which removes the Job once its task has succeeded",
    ),
    (
        &["--rm", "--cleanup", "--delete"],
        RENDER,
        "write `-Pk8s.ttlSecondsAfterFinished=600`, which removes the Job ten minutes after its end",
    ),
    (&["--ttl"], JOBS, "write `-Pk8s.ttlSecondsAfterFinished=<SECONDS>`"),
    (
        &["--retries", "--backoff-limit", "--backoffLimit", "--restart"],
        JOBS,
        "write `-Pk8s.backoffLimit=NUMBER` for how often a failed pod is tried again",
    ),
    (
        &["--deadline", "--active-deadline-seconds", "--max-time"],
        JOBS,
        "write `-Pk8s.activeDeadlineSeconds=NUMBER`, after which the cluster stops the Job",
    ),
    (
        &["--service-account", "--serviceaccount", "--sa"],
        JOBS,
        "write `-Pk8s.serviceAccountName=<NAME>`",
    ),
    (
        &["--selector", "-l", "--node-selector", "--label", "--labels"],
        JOBS,
        "one cube is run, so nothing is selected; a node's label is asked for by `-Pk8s.nodeSelector.KEY=VALUE`",
    ),
    (&["--all-namespaces", "-A"], JOBS, "a Job is in one namespace: write `--namespace=default`"),
    (&["--container", "-c"], JOBS, "leave it out: the Job has one container"),
    (&["--kube-context", "--kube_context", "--cluster"], RUN, "write `--context=<CONTEXT>`"),
    (&["--kube-config", "--kube_config"], RUN, "write `--kubeconfig=<FILE>`"),
    (&["--runner", "--network-mode"], CUBES, "leave it out: this runner runs cubes on Kubernetes"),
    (
        &["--config", "--config-file", "--system-settings", "--settings-file"],
        CUBES,
        "the system settings are the file that the variable `MLCUBE_SYSTEM_SETTINGS` names; one value is set by `-PKEY=VALUE`",
    ),
    (
        &["--param", "--params", "--parameter", "--arg", "--args", "--values", "--value"],
        JOBS,
        "values of parameters stand without an option: write `PARAMETER=VALUE`",
    ),
    (&["--json"], SHOWS, "write `--output=json`"),
    (&["--yaml"], RENDER, "leave it out: the manifest is YAML"),
    (&["--format"], SHOWS, "write `--output=json`"),
    (&["--debug", "--log-level", "--loglevel"], CUBES, "write `--verbose`"),
    (&["--silent", "-s"], CUBES, "write `--quiet`"),
    (
        &["--dryrun", "--check", "--validate"],
        RUN,
        "write `--dry-run=server`, or `--dry-run=client` without a cluster",
    ),
    (
        &["--dry-run", "--dryrun", "--check", "--validate"],
        RENDER,
        "leave it out: `render` only prints; `run --dry-run=server` lets the API server check the Job",
    ),
    (
        &["--no-policies", "--no-policy", "--skip-policies", "--without-policies", "--allow-all"],
        JOBS,
        "docs/policies.md says which policies review a Job",
    ),
];

/// Commands that other programs have.
pub const COMMANDS: [(&[&str], &str); 14] = [
    (&["start", "exec", "execute", "submit", "apply", "create", "launch"], "write `run`"),
    (&["template", "manifest", "dry-run", "generate", "print"], "write `render`"),
    (&["tasks", "info", "show"], "write `describe`"),
    (&["ls", "ps", "jobs", "runs"], "write `list`"),
    (&["log"], "write `logs`"),
    (&["follow", "watch", "wait", "resume"], "write `attach`"),
    (&["stop", "kill", "abort"], "write `cancel`"),
    (&["remove", "rm"], "write `delete`"),
    (&["get"], "write `status`"),
    (
        &["validate", "check", "lint", "verify"],
        "write `run --dry-run=server`, or `render` without a cluster",
    ),
    (
        &["lock", "precompile", "replay", "policies"],
        "write `policy lock`, `policy precompile x.wasm` or `policy replay x.json`",
    ),
    (&["version"], "write `--version`"),
    (&["manual", "docs"], "write `man`, or `--help`"),
    (&["completions", "autocomplete"], "write `completion bash`"),
];

/// Words that stand where only `PARAMETER=VALUE` can.
pub const WORDS: [(&[&str], &str); 4] = [
    (&["client", "server"], "an optional value stands behind `=`: write `--dry-run=<WHERE>`"),
    (&["ro", "rw"], "write `--mount=<MODE>`"),
    (&["help"], "write `--help`"),
    (&["json"], "write `--output=json`"),
];

/// The tip where a mount is not `ro` or `rw`.
pub const MOUNT: &str = "data lies on the cluster's claims: `-Pk8s.pvc=CLAIM` names one, and `--mount=ro` decides how inputs are mounted";
