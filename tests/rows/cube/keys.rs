//! Misspelt keys: what is said of a key that nothing reads, and of which nothing is said.

use libtest_mimic::Trial;

use crate::support::cube::read;
use crate::verbatim;

const CUBE: &str = "name: c\ntasks: {train: {parameters: {inputs: {data: a}}}}\n";

/// More lines of a cube, the arguments, and the warnings.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const ROWS: [Row; 33] = [
    (
        "dokcer: {image: i}",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `dokcer`, which is ignored; did you mean `docker`?",
        ],
    ),
    (
        "Docker: {image: i}",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `Docker`, which is ignored; did you mean `docker`?",
        ],
    ),
    (
        "plattform: {}",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `plattform`, which is ignored; did you mean `platform`?",
        ],
    ),
    (
        "kubernets: {pvc: x}",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `kubernets`, which is ignored; did you mean `kubernetes`?",
        ],
    ),
    (
        "k8: {pvc: x}",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `k8`, which is ignored; did you mean `k8s`?",
        ],
    ),
    (
        "image: i",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `image`, which is ignored; did you mean `docker.image`?",
        ],
    ),
    (
        "pvc: x",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `pvc`, which is ignored; did you mean `k8s.pvc`?",
        ],
    ),
    (
        "accelerator_count: 2",
        &[],
        &[
            "`mlcube.yaml:3:1`: the cube has an unknown key `accelerator_count`, which is ignored; did you mean `platform.accelerator_count`?",
        ],
    ),
    (
        "docker: {imge: i}",
        &[],
        &[
            "`mlcube.yaml:3:10`: `docker` has an unknown key `imge`, which is ignored; did you mean `image`?",
        ],
    ),
    (
        "docker: {image: i, gpu_arg: x}",
        &[],
        &[
            "`mlcube.yaml:3:20`: `docker` has an unknown key `gpu_arg`, which is ignored; did you mean `gpu_args`?",
        ],
    ),
    (
        "platform: {acelerator_count: 1}",
        &[],
        &[
            "`mlcube.yaml:3:12`: `platform` has an unknown key `acelerator_count`, which is ignored; did you mean `accelerator_count`?",
        ],
    ),
    // Keys of the cube's own.
    ("tag: v1", &[], &[]),
    ("dokcer: {image: i}\ndocker: {image: '${dokcer.image}'}", &[], &[]),
    ("image: i\ndocker: {image: '${image}:1'}", &[], &[]),
    ("docker: {image: 'x:${.version_}', version_: 1}", &[], &[]),
    ("docker: {image: '${oc.select:dockr.image,i}'}\ndockr: {image: j}", &[], &[]),
    ("docker: {note: of mine}", &[], &[]),
    ("platform: {owner: me}", &[], &[]),
    (
        "",
        &["-P docker.imge=i"],
        &[
            "`-P docker.imge`: `docker` has an unknown key `imge`, which is ignored; did you mean `image`?",
        ],
    ),
    (
        "",
        &["-P dokcer.image=i"],
        &[
            "`-P dokcer.image`: the cube has an unknown key `dokcer`, which is ignored; did you mean `docker`?",
        ],
    ),
    (
        "",
        &["-P image=i"],
        &[
            "`-P image`: the cube has an unknown key `image`, which is ignored; did you mean `docker.image`?",
        ],
    ),
    (
        "",
        &["-P namespace=n"],
        &[
            "`-P namespace`: the cube has an unknown key `namespace`, which is ignored; did you mean `k8s.namespace`?",
        ],
    ),
    (
        "",
        &["-P accelerator_count=1"],
        &[
            "`-P accelerator_count`: the cube has an unknown key `accelerator_count`, which is ignored; did you mean `platform.accelerator_count`?",
        ],
    ),
    (
        "",
        &["-P data=x"],
        &[
            "`-P data`: the cube has an unknown key `data`, which is ignored; give a value to the parameter without `-P`: `data=x`",
        ],
    ),
    (
        "",
        &["-P data=007"],
        &[
            "`-P data`: the cube has an unknown key `data`, which is ignored; give a value to the parameter without `-P`: `data=007`",
        ],
    ),
    (
        "",
        &["-P train=x"],
        &[
            "`-P train`: the cube has an unknown key `train`, which is ignored; choose a task with `--task train`",
        ],
    ),
    (
        "",
        &["-P frob.nicate=1"],
        &["`-P frob.nicate`: the cube has an unknown key `frob`, which is ignored"],
    ),
    ("docker: {image: 'x:${rev}'}", &["-P rev=2"], &[]),
    ("tag: v1", &["-P tag=v2"], &[]),
    (
        "",
        &["-P tasks.trian.parameters.inputs.data=b"],
        &[
            "`-P tasks.trian.parameters.inputs.data`: this makes a new task `trian`; did you mean `train`?",
        ],
    ),
    (
        "",
        &["-P tasks.train.parameters.inputs.dta=b"],
        &[
            "`-P tasks.train.parameters.inputs.dta`: this makes a new parameter `dta`; did you mean `data`?",
        ],
    ),
    (
        "",
        &["--system=platfroms: {k8s: {pvc: a}}"],
        &[
            "`settings.yaml:1:1`: the system settings have an unknown key `platfroms`, which is ignored; did you mean `platforms`?",
        ],
    ),
    ("", &["--system=storage: {}\nnotes: of mine"], &[]),
];

pub fn all() -> Vec<Trial> {
    let spelled = |(lines, arguments, _): &Row| format!("{lines} {}", arguments.join(" "));
    verbatim("cube/keys", ROWS, spelled, check)
}

fn check((lines, arguments, wanted): Row) {
    let cube = read(&format!("{CUBE}{lines}\n"), arguments);
    let cube = cube.unwrap_or_else(|error| panic!("{lines} is read: {error}"));
    assert_eq!(cube.warnings, wanted);
}
