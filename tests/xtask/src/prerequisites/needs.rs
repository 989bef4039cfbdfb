//! What the machine must have, and the package that brings each on Debian and on Ubuntu.

/// One thing that must be there.
pub struct Need {
    /// What it is, in words.
    pub what: &'static str,
    /// How its presence is seen.
    pub presence: Presence,
    /// The package that brings it.
    pub package: &'static str,
}

/// How the presence of a thing is seen.
pub enum Presence {
    /// A program in PATH.
    Program(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A program that ends well with these arguments.
    Success(&'static str, &'static [&'static str]),
}

/// For building Kubernetes, besides Go.
pub const BUILD: [Need; 3] = [
    need("a C compiler", Presence::Program("cc"), "gcc"),
    need("pkg-config", Presence::Program("pkg-config"), "pkg-config"),
    need("the headers of libseccomp", Presence::Library("libseccomp"), "libseccomp-dev"),
];

/// For a cluster, and for the images it starts with.
pub const CLUSTER: [Need; 6] = [
    need("a C compiler", Presence::Program("cc"), "gcc"),
    need("the C library for static programs", Presence::Success("sh", LIBC), "libc6-dev"),
    need("`ip`", Presence::Program("ip"), "iproute2"),
    need("`unshare` and `setsid`", Presence::Program("unshare"), "util-linux"),
    need("`mount`", Presence::Program("mount"), "mount"),
    need("a static busybox", Presence::Success("sh", BUSYBOX), "busybox-static"),
];

const LIBC: &[&str] = &["-c", "test -e \"$(cc -print-file-name=libc.a)\""];
const BUSYBOX: &[&str] = &["-c", "test -e /bin/busybox && ! ldd /bin/busybox"];

/// For the reference that the tests compare with.
pub const REFERENCE: [Need; 1] =
    [need("Python's virtual environments", Presence::Success("python3", VENV), "python3-venv")];

const VENV: &[&str] = &["-c", "import venv, ensurepip"];

/// For counting instructions.
pub const INSTRUCTIONS: [Need; 1] = [need("valgrind", Presence::Program("valgrind"), "valgrind")];

/// For the policies in other languages.
pub const LANGUAGES: [Need; 3] = [
    need("pip", PIP, "python3-pip"),
    need("Node.js", Presence::Program("node"), "nodejs"),
    need("`npm`", Presence::Program("npm"), "npm"),
];

/// For the image of the demo.
pub const DEMO: [Need; 3] = [
    need("pip", PIP, "python3-pip"),
    need("`tar`", Presence::Program("tar"), "tar"),
    need("`gzip`", Presence::Program("gzip"), "gzip"),
];

const PIP: Presence = Presence::Success("python3", &["-m", "pip", "--version"]);

const fn need(what: &'static str, presence: Presence, package: &'static str) -> Need {
    Need { what, presence, package }
}
