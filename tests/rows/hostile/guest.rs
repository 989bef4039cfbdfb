//! Policies by hand: `guest.wat` with the words in braces replaced, and the contract added as
//! `wit-bindgen` would.

use wasmparser::{Parser, Payload};

use crate::support::policy;

/// The place of `reject` among the cases of a verdict.
pub const REJECT: u8 = 2;
/// Where the answer of `validate-settings` lies.
pub const ANSWER: u32 = 64;
/// Where the verdict lies.
pub const VERDICT: u32 = 128;
/// Where the description lies.
pub const DESCRIPTION: u32 = 192;
/// Where the host puts its answers.
pub const RETURNED: u32 = 512;
/// Where a case keeps its own data.
pub const OWN: u32 = 4096;

/// What the host lets a policy call: the name here, its interface and name there, how many numbers
/// it takes and gives.
const CALLS: [(&str, &str, &str, usize, usize); 27] = [
    ("log", "log", "write", 3, 0),
    ("job-name", "job", "name", 1, 0),
    ("job-containers", "job", "containers", 1, 0),
    ("job-read", "job", "read", 3, 0),
    ("job-tolerates", "job", "tolerates", 2, 1),
    ("task-cube", "task", "cube", 1, 0),
    ("task-accelerators", "task", "accelerators", 0, 1),
    ("settings-read", "settings", "read", 3, 0),
    ("settings-number", "settings", "number", 3, 0),
    ("settings-keys", "settings", "keys", 3, 0),
    ("set-label", "metadata", "set-label", 7, 0),
    ("set-annotation", "metadata", "set-annotation", 7, 0),
    ("tolerate", "scheduling", "tolerate", 10, 0),
    ("affinity", "scheduling", "require-node-affinity", 8, 0),
    ("set-extended", "resources", "set-extended", 8, 0),
    ("patch", "patch", "apply", 5, 0),
    ("set-read-only", "storage", "set-read-only", 5, 0),
    ("job-image", "job", "image", 3, 0),
    ("job-claims", "job", "claims", 1, 0),
    ("job-node-affinity", "job", "node-affinity", 1, 0),
    ("job-failure-rules", "job", "failure-rules", 1, 0),
    ("set-sub-path", "storage", "set-sub-path", 7, 0),
    ("remap-claim", "storage", "remap-claim", 7, 0),
    ("set-command", "containers", "set-command", 7, 0),
    ("remove-env", "containers", "remove-env", 7, 0),
    ("drop-capability", "containers", "drop-capability", 7, 0),
    ("add-capability", "containers", "add-capability", 7, 0),
];

/// The parts of a policy.
#[derive(Clone)]
pub struct Guest {
    parts: Vec<(&'static str, String)>,
    texts: [Vec<u8>; 4],
    data: Vec<(u32, Vec<u8>)>,
}

impl Guest {
    /// One that admits every Job.
    pub fn new() -> Self {
        let part = |name, text: &str| (name, text.to_owned());
        let parts = vec![
            part("imports", ""),
            part("memory", "20"),
            part("items", ""),
            part("describe", &format!("(i32.const {DESCRIPTION})")),
            part("validate", &format!("(i32.const {ANSWER})")),
            part("review", &format!("(i32.const {VERDICT})")),
            part("post", ""),
            part(
                "realloc",
                "(global.set $free (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                 (global.get $free)
                 (global.set $free (i32.add (global.get $free) (local.get $size)))",
            ),
        ];
        let texts = ["hostile", "0.1.0", "Means harm.", "{}"].map(|text| text.as_bytes().to_vec());
        Self { parts, texts, data: Vec::new() }
    }

    /// With another part: `review`, `describe`, `items`…
    pub fn with(mut self, part: &str, text: impl Into<String>) -> Self {
        let (_, known) =
            self.parts.iter_mut().find(|(name, _)| *name == part).expect("a part of the template");
        *known = text.into();
        self
    }

    /// With a body of `review` that leaves nothing behind, before it admits the Job.
    pub fn doing(self, body: &str) -> Self {
        self.with("review", format!("{body} (i32.const {VERDICT})"))
    }

    /// With a body of `review` that is done again and again.
    pub fn again(self, body: &str) -> Self {
        self.doing(&format!("(loop $again {body} (br $again)) (unreachable)"))
    }

    /// With another text in the description: 0 is the name, 1 the version, 2 the summary, 3 the
    /// schema.
    pub fn describing(mut self, field: usize, text: impl AsRef<[u8]>) -> Self {
        self.texts[field] = text.as_ref().to_vec();
        self
    }

    /// With bytes at a place in memory.
    pub fn data(mut self, place: u32, bytes: impl AsRef<[u8]>) -> Self {
        self.data.push((place, bytes.as_ref().to_vec()));
        self
    }

    /// With numbers at a place in memory.
    pub fn words(self, place: u32, words: &[u32]) -> Self {
        self.data(place, words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>())
    }

    /// With a verdict that rejects: where the reason lies and how long it is.
    pub fn rejecting(self, at: u32, length: u32) -> Self {
        self.words(VERDICT, &[u32::from(REJECT), at, length, 0])
    }

    /// The core module with its contract.
    pub fn module(&self) -> Vec<u8> {
        with_contract(&self.plain())
    }

    /// The component that a tool makes of it.
    pub fn component(&self) -> Vec<u8> {
        let encoder = wit_component::ComponentEncoder::default();
        encoder
            .module(&self.module())
            .and_then(|mut encoder| encoder.encode())
            .expect("a component")
    }

    /// The core module alone.
    pub fn plain(&self) -> Vec<u8> {
        let mut text = include_str!("../../guests/guest.wat").to_owned();
        let data = self.all_data();
        text = text.replace("{calls}", &self.calls());
        for (name, part) in self.parts.iter().chain([&("data", data)]) {
            text = text.replace(&format!("{{{name}}}"), part);
        }
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Imports of what the parts call.
    fn calls(&self) -> String {
        let is_called = |name: &str| {
            self.parts.iter().any(|(_, part)| {
                part.contains(&format!("(call ${name} "))
                    || part.contains(&format!("(call ${name})"))
            })
        };
        let import = |(name, interface, function, takes, gives): &(
            &str,
            &str,
            &str,
            usize,
            usize,
        )| {
            let (takes, gives) = ("i32 ".repeat(*takes), "i32 ".repeat(*gives));
            format!(
                "(import \"mlcube:policy/{interface}@0.1.0\" \"{function}\" (func ${name} (param {takes}) (result {gives})))\n"
            )
        };
        CALLS.iter().filter(|(name, ..)| is_called(name)).map(import).collect()
    }

    fn all_data(&self) -> String {
        // The texts of the description lie behind everything else in the first page.
        let (mut place, mut words, mut data) = (32_768, Vec::new(), self.data.clone());
        for text in &self.texts {
            words.extend([place, u32::try_from(text.len()).expect("a length")]);
            data.push((place, text.clone()));
            place += u32::try_from(text.len()).expect("a length");
        }
        data.push((DESCRIPTION, words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect()));
        let escaped =
            |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
        data.iter()
            .map(|(place, bytes)| format!("(data (i32.const {place}) \"{}\")\n", escaped(bytes)))
            .collect()
    }
}

/// A core module with the contract that the built hostile policy carries.
pub fn with_contract(module: &[u8]) -> Vec<u8> {
    let policy = policy::bytes("hostile");
    let mut module = module.to_vec();
    for payload in Parser::new(0).parse_all(&policy) {
        if let Payload::CustomSection(section) = payload.expect("the policy is sound")
            && section.name().starts_with("component-type")
        {
            module.extend(custom_section(section.name(), section.data()));
        }
    }
    module
}

/// A custom section.
pub fn custom_section(name: &str, data: &[u8]) -> Vec<u8> {
    let content = [leb(name.len()), name.as_bytes().to_vec(), data.to_vec()].concat();
    section(0, &content)
}

/// A section of a module or component.
pub fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [vec![id], leb(content.len()), content.to_vec()].concat()
}

/// A number as WebAssembly writes it.
pub fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        match number {
            0 => {
                bytes.push(low);
                return bytes;
            }
            _ => bytes.push(low | 0x80),
        }
    }
}
