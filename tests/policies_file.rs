//! A policies file with a mistake in it: the place, what stands there, what is needed, and a hint. Each row is a file and what
//! is told of it.

mod support;

#[test]
fn a_mistake_in_the_list_is_named() {
    let folder = support::workspace().join("target/tests/policies-file");
    std::fs::create_dir_all(&folder).expect("a folder for the file");
    let render = |text: &str, module: &str| {
        let file = folder.join("policies.yaml");
        let text = text.replace("POLICY", &support::policy(module).display().to_string());
        std::fs::write(&file, text).expect("the policies file is written");
        let mut command = support::program();
        let output = command.args(["render", "--mlcube", "tests/cases/documented", "--policies"]).arg(&file).output();
        let output = output.expect("the program starts");
        let told = String::from_utf8_lossy(&output.stderr).replace(&folder.display().to_string(), "TEAM");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned(), told)
    };
    let rows = [
        ("", "`TEAM/policies.yaml`: the policies file: expected a mapping, found nothing\nhint: docs/policies.md"),
        ("- module: p.wasm", "`TEAM/policies.yaml:1:1`: the policies file: expected a mapping, found a list"),
        ("limits: {}", "`TEAM/policies.yaml:1:1`: the policies file has no `policies`\nhint: docs/policies.md"),
        (
            "policies: []\nlimit: {}",
            "policies.yaml:2:1`: the policies file has no key `limit`\nhint: did you mean `limits`?",
        ),
        ("policies: {p: p.wasm}", "policies.yaml:1:11`: `policies`: expected a list, found a mapping"),
        ("policies:\n- p.wasm", "policies.yaml:2:3`: a policy: expected a mapping, found `p.wasm`"),
        ("policies:\n- name: p", "policies.yaml:2:3`: a policy has no `module`"),
        ("policies:\n- modul: p.wasm", "policies.yaml:2:3`: a policy has no key `modul`\nhint: did you mean `module`?"),
        (
            "policies:\n- module: 5",
            "policies.yaml:2:11`: `module`: expected text, found the integer `5`\nhint: put quotes around it",
        ),
        (
            "policies:\n- module: p.wasm\n  mode: adit",
            "policies.yaml:3:9`: `mode`: expected one of `enforce`, `audit`, found `adit`",
        ),
        ("policies:\n- module: p.wasm", "TEAM/p.wasm`: No such file"),
        ("policies:\n- {module: POLICY, grant: storage}", "`grant`: expected a list, found `storage`"),
        ("policies:\n- {module: POLICY, deny: [1]}", "a word of `deny`: expected text, found the integer `1`"),
        ("policies:\n- {module: POLICY, name: Big}", "has no usable name"),
        ("policies:\n- module: a\n- module: b\n  module: c", "duplicate key `module`"),
        ("policies: [", "this is not YAML"),
        ("policies: []\n---\npolicies: []", "a second YAML document begins here"),
        ("policies: []\nlimits:\n  fuel: [1]", "policies.yaml:3:3`: `limits`: `[1]` is no value for the limit `fuel`"),
    ];
    for (text, expected) in rows {
        let (code, out, told) = render(text, "caller");
        assert_eq!((code, out.as_str()), (Some(2), ""), "{text}: {told}");
        assert!(told.contains(expected) && told.contains("hint: "), "{text}: {told}");
    }
    let nulls = "policies:\n- {module: POLICY, name: , settings: , grant: , deny: , mode: }\nlimits:\n";
    assert_eq!(render(nulls, "gpu-resources").0, Some(0), "what is empty is as good as nothing");
}
