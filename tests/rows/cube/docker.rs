//! The arguments of `docker run` that a cube declares: what becomes a part of the Job, and what is
//! said of the others.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::cube::{bind, draft, read};
use crate::verbatim;

/// Lines of a cube, a part of the pod, and what stands there.
type Part = (&'static str, &'static str, Value);

const CONTAINER: &str = "/containers/0";

fn parts() -> Vec<Part> {
    let shared = |size: &str| json!([{"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": size}}]);
    vec![
        ("docker: {image: i, cpu_args: --shm-size=12g}", "/volumes", shared("12Gi")),
        ("docker: {image: i, cpu_args: --shm-size 512M}", "/volumes", shared("512Mi")),
        (
            "docker: {image: i, cpu_args: --shm-size=12g}",
            "/containers/0/volumeMounts",
            json!([{"name": "shared-memory", "mountPath": "/dev/shm"}]),
        ),
        (
            "docker: {image: i, cpu_args: --shm-size=1g}\nk8s: {shmSize: 2Gi}",
            "/volumes",
            shared("2Gi"),
        ),
        ("docker: {image: i}\nk8s: {shmSize: 2Gi}", "/volumes", shared("2Gi")),
        (
            "docker: {image: i, cpu_args: --ipc=host}",
            "/volumes",
            json!([{"name": "shared-memory", "emptyDir": {"medium": "Memory"}}]),
        ),
        ("docker: {image: i, cpu_args: --ipc=host --shm-size=1g}", "/volumes", shared("1Gi")),
        ("docker: {image: i, cpu_args: --ipc=host}", "/hostIPC", Value::Null),
        // The arguments are those of the accelerators that there are.
        ("docker: {image: i, gpu_args: --shm-size=1g}", "/volumes", Value::Null),
        (
            "docker: {image: i, cpu_args: --shm-size=1g, gpu_args: --shm-size=2g}\nplatform: {accelerator_count: 1}",
            "/volumes",
            shared("2Gi"),
        ),
        (
            "docker: {image: i, gpu_args: --gpus=all}\nplatform: {accelerator_count: 2}",
            "/containers/0/resources",
            json!({"limits": {"nvidia.com/gpu": "2"}}),
        ),
        (
            "docker: {image: i, cpu_args: '--gpus device=0,1'}",
            "/containers/0/resources",
            json!({"limits": {"nvidia.com/gpu": "2"}}),
        ),
        (
            "docker: {image: i, cpu_args: --gpus 4}\nk8s: {resources: {limits: {nvidia.com/gpu: 1}}}",
            "/containers/0/resources",
            json!({"limits": {"nvidia.com/gpu": "1"}}),
        ),
        (
            "docker: {image: i, cpu_args: '-e A=1.10 --env B=x=y -eC= --env=D=\"a b\" -e A=on'}",
            "/containers/0/env",
            json!([{"name": "B", "value": "x=y"}, {"name": "C", "value": ""}, {"name": "D", "value": "a b"}, {"name": "A", "value": "on"}]),
        ),
        (
            "docker: {image: i, env_args: {A: 007, B: yes, C: 1e97532}}",
            "/containers/0/env",
            json!([{"name": "A", "value": "007"}, {"name": "B", "value": "yes"}, {"name": "C", "value": "1e97532"}]),
        ),
        (
            "docker: {image: i, env_args: -e A=b, gpu_args: -e A=c}\nplatform: {accelerator_count: 1}",
            "/containers/0/env",
            json!([{"name": "A", "value": "b"}]),
        ),
        (
            "docker: {image: i, env_args: {A: docker, B: docker}}\nk8s: {env: {A: k8s}}",
            "/containers/0/env",
            json!([{"name": "B", "value": "docker"}, {"name": "A", "value": "k8s"}]),
        ),
        (
            "docker: {image: i, cpu_args: [-e, 'A=b c']}",
            "/containers/0/env",
            json!([{"name": "A", "value": "b c"}]),
        ),
        (
            "docker: {image: i, cpu_args: '-e A=${oc.env:V}'}",
            "/containers/0/env",
            json!([{"name": "A", "value": "val"}]),
        ),
        (
            "docker: {image: i, cpu_args: -u 1000:2000}",
            "/securityContext",
            json!({"runAsUser": 1000, "runAsGroup": 2000}),
        ),
        ("docker: {image: i, cpu_args: --user=5}", "/securityContext", json!({"runAsUser": 5})),
        (
            "docker: {image: i, cpu_args: -u 1:2}\nk8s: {runAsUser: 0, runAsGroup: 3, fsGroup: 4}",
            "/securityContext",
            json!({"runAsUser": 0, "runAsGroup": 3, "fsGroup": 4}),
        ),
        (
            "docker: {image: i, cpu_args: --cap-add=cap_sys_ptrace --cap-add IPC_LOCK --cap-drop=ALL --read-only}",
            "/containers/0/securityContext",
            json!({"capabilities": {"add": ["SYS_PTRACE", "IPC_LOCK"], "drop": ["ALL"]}, "readOnlyRootFilesystem": true}),
        ),
        (
            "docker: {image: i, cpu_args: --privileged}",
            "/containers/0/securityContext",
            Value::Null,
        ),
        (
            "docker: {image: i, cpu_args: -w /workspace}",
            "/containers/0/workingDir",
            json!("/workspace"),
        ),
        (
            "docker: {image: i, cpu_args: --entrypoint python3}",
            "/containers/0/command",
            json!(["python3"]),
        ),
        ("docker: {image: i, cpu_args: --entrypoint python3}", "/containers/0/args", json!(["t"])),
        ("docker: {image: i, cpu_args: --hostname=node-1}", "/hostname", json!("node-1")),
        (
            "docker: {image: i, cpu_args: --pull always}",
            "/containers/0/imagePullPolicy",
            json!("Always"),
        ),
        (
            "docker: {image: i, cpu_args: -m8g --cpus=1.5 --memory-reservation=512m}",
            "/containers/0/resources",
            json!({"limits": {"memory": "8Gi", "cpu": "1.5"}, "requests": {"memory": "512Mi"}}),
        ),
        (
            "docker: {image: i, cpu_args: -m 8g}\nk8s: {resources: {limits: {memory: 2Gi}}}",
            "/containers/0/resources",
            json!({"limits": {"memory": "2Gi"}}),
        ),
        // What Kubernetes would expand arrives as it was typed.
        (
            "docker: {image: i, env_args: {A: '$$ $(B) $C $'}}\nk8s: {env: [{name: D, value: '$(A)$$'}]}",
            "/containers/0/env",
            json!([{"name": "A", "value": "$$$ $$(B) $C $"}, {"name": "D", "value": "$$(A)$$$"}]),
        ),
    ]
}

/// Lines of a cube, and the kinds of GPU that its Job would ask for.
const KINDS: [(&str, [&str; 2]); 6] = [
    (
        "docker: {image: i}\nplatform: {accelerator_count: 1}\nk8s: {gpuResource: amd.com/gpu, resources: {limits: {nvidia.com/gpu: 2}}}",
        ["amd.com/gpu", "nvidia.com/gpu"],
    ),
    (
        "docker: {image: i, cpu_args: --gpus 2}\nk8s: {resources: {limits: {amd.com/gpu: 2}}}",
        ["amd.com/gpu", "nvidia.com/gpu"],
    ),
    (
        "docker: {image: i}\nk8s: {resources: {limits: {nvidia.com/gpu: 1, gpu.intel.com/i915: 1}}}",
        ["gpu.intel.com/i915", "nvidia.com/gpu"],
    ),
    (
        "docker: {image: i}\nplatform: {accelerator_count: 1}\nk8s: {resources: {requests: {nvidia.com/mig-1g.5gb: 1}}}",
        ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb"],
    ),
    // None of a kind are not asked for, and these are one kind.
    (
        "docker: {image: i}\nplatform: {accelerator_count: 1}\nk8s: {resources: {limits: {amd.com/gpu: 0, example.org/fpga: 1}}}",
        ["", ""],
    ),
    (
        "docker: {image: i}\nplatform: {accelerator_count: 1}\nk8s: {gpuResource: amd.com/gpu, resources: {limits: {amd.com/gpu: 2}}}",
        ["", ""],
    ),
];

fn check_kinds((lines, [one, other]): (&str, [&str; 2])) {
    let cube = read(&format!("name: c\ntasks: {{t: }}\n{lines}\n"), &[]).expect("a cube");
    let task = bind(&cube, &["--task=t"]).expect("a task").remove(0);
    match draft(&cube, &task) {
        Ok(_) => assert_eq!(one, "", "{lines}"),
        Err(error) => {
            let expected = format!("the task asks for two kinds of GPU, `{one}` and `{other}`");
            assert_eq!(error.to_string(), expected);
            assert!(error.hint().is_some_and(|hint| hint.contains("`k8s.gpuResource`")));
        }
    }
}

/// Arguments, and what is said of them.
type Told = (&'static str, &'static [&'static str]);

const TOLD: [Told; 27] = [
    ("--shm-size=1g -e A=b -u 1 --cap-drop ALL -w /w --gpus 1", &[]),
    ("--gpus=all", &[]),
    ("--rm=false", &[]),
    (
        "--ulimit memlock=-1 --rm",
        &[
            "`--ulimit=memlock=-1` has no counterpart: limits of processes are the node's;",
            "`--rm` has no counterpart: a finished Job stays, until `k8s.ttlSecondsAfterFinished`",
        ],
    ),
    ("--network=host", &["`--network=host` has no counterpart: a pod has a network of its own"]),
    ("--net host", &["`--net=host` has no counterpart: a pod has a network of its own"]),
    (
        "-v ~/.ssh:/root/.ssh",
        &[
            "`-v ~/.ssh:/root/.ssh` has no counterpart: nothing on this machine is there on the cluster",
        ],
    ),
    ("--mount type=bind,src=/a,dst=/b", &["declare a parameter and copy the data into the claim"]),
    (
        "-it",
        &[
            "`-i` has no counterpart: a Job has no terminal",
            "`-t` has no counterpart: a Job has no terminal",
        ],
    ),
    ("-itv/a:/b", &["`-i` has", "`-t` has", "`-v /a:/b` has"]),
    ("--name x", &["`--name=x` has no counterpart: each Job gets a name of its own"]),
    (
        "--runtime=nvidia",
        &["`--runtime=nvidia` has no counterpart: GPUs come with `platform.accelerator_count`"],
    ),
    (
        "--privileged",
        &["`--privileged` has no counterpart: a cube cannot loosen what the cluster allows"],
    ),
    ("--ipc=host", &["`--ipc=host` gives the task a shared memory of its own"]),
    (
        "--ipc container:x",
        &[
            "`--ipc=container:x` is not taken over: a pod shares memory with its own containers only",
        ],
    ),
    (
        "--cap-add SYS_ADMIN",
        &[
            "`--cap-add=SYS_ADMIN` gives the container the capability `SYS_ADMIN`, which a cluster or a policy may refuse",
        ],
    ),
    (
        "-e TOKEN",
        &[
            "`-e TOKEN` is not taken over: its value lies on this machine, and everybody who may read the Job would see it; set `k8s.env: {TOKEN: {valueFrom: {secretKeyRef: {name: …, key: …}}}}`",
        ],
    ),
    (
        "-e A=$HOME",
        &["`-e A=$HOME` is not taken over: a shell on this machine would put its value in"],
    ),
    (
        "-u $(id -u):$(id -g)",
        &[
            "`-u $(id -u):$(id -g)` is not taken over: Kubernetes takes the numbers of a user and a group; set `k8s.runAsUser`",
        ],
    ),
    ("--user nobody", &["`--user=nobody` is not taken over"]),
    ("--gpus some", &["`--gpus=some` is not taken over: Kubernetes counts GPUs"]),
    (
        "--shm-size=much",
        &[
            "`--shm-size=much` is not taken over: it is not an amount of memory; set `k8s.shmSize: 1Gi`",
        ],
    ),
    (
        "--entrypoint ''",
        &[
            "`--entrypoint` is not taken over: Kubernetes cannot clear the image's own; give the task an `entrypoint`",
        ],
    ),
    (
        "--pull=maybe",
        &["`--pull=maybe` is not taken over: expected one of `always`, `missing`, `never`"],
    ),
    (
        "--shmsize=1g",
        &["`--shmsize=1g` has no counterpart: no option of `docker run` is called so"],
    ),
    ("--frob nicate -e A=b", &["`--frob=nicate` has no counterpart"]),
    ("alpine", &["`alpine` has no counterpart: expected an option of `docker run`"]),
];

pub fn all() -> Vec<Trial> {
    let spelled = |(lines, part, _): &Part| format!("{} of {lines}", part.trim_start_matches('/'));
    let parts = verbatim("cube/docker/parts", parts(), spelled, check_part);
    let told = verbatim("cube/docker/told", TOLD, |row| row.0, check_told);
    let kinds = verbatim("cube/docker/kinds", KINDS, |row| row.0, check_kinds);
    [parts, told, kinds].into_iter().flatten().collect()
}

fn check_part((lines, part, wanted): Part) {
    let cube = read(&format!("name: c\ntasks: {{t: }}\n{lines}\n"), &[]);
    let cube = cube.unwrap_or_else(|error| panic!("{lines} is read: {error}"));
    let task = bind(&cube, &["--task=t"]).expect("the task is bound").remove(0);
    let job = draft(&cube, &task).unwrap_or_else(|error| panic!("{lines} is drafted: {error}"));
    let pod = job.json().pointer("/spec/template/spec").expect("a Job has a pod");
    assert!(pod.pointer(CONTAINER).is_some(), "a pod has a container");
    assert_eq!(pod.pointer(part).unwrap_or(&Value::Null), &wanted);
}

fn check_told((arguments, wanted): Told) {
    let arguments = Value::from(arguments);
    let text = format!("name: c\ntasks: {{}}\ndocker: {{image: i, cpu_args: {arguments}}}\n");
    let cube = read(&text, &[]).expect("the row is a cube");
    let (_, found) = cube.accelerators(None).expect("the arguments are read");
    let found = &found.warnings;
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.contains(wanted), "{found}");
        assert!(found.starts_with("`mlcube.yaml:3:30`: `docker.cpu_args`: `"), "{found}");
    }
}
