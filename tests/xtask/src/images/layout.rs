//! An image as an OCI layout in a tar file: one layer, its configuration, its manifest, its index.
//! The same folder gives the same bytes: names are sorted, times and owners are zero.

use super::tree;
use crate::cache::hex;
use crate::error::{Doing, Result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::env;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

/// What a container of the image starts with.
#[derive(Debug, Default)]
pub struct Settings {
    /// What a container calls it.
    pub reference: &'static str,
    /// The command that is always run.
    pub entrypoint: &'static [&'static str],
    /// Its arguments unless others are given.
    pub command: &'static [&'static str],
    /// Besides PATH.
    pub environment: &'static [&'static str],
}

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const OCI: &str = "application/vnd.oci.image";
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// Write the image of the folder `root` to `file`, using `work` for the layer.
pub fn write(root: &Path, settings: &Settings, work: &Path, file: &Path) -> Result<()> {
    let layer = work.join("layer.tar");
    let (digest, size) = write_layer(root, &layer)?;
    let config = config(settings, &digest).to_string();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": format!("{OCI}.manifest.v1+json"),
        "config": blob("config.v1+json", &sha256(config.as_bytes()), config.len() as u64),
        "layers": [blob("layer.v1.tar", &digest, size)],
    })
    .to_string();
    let index = index(settings.reference, &manifest).to_string();

    let mut tar = tar::Builder::new(create(file)?);
    let result = (|| {
        append(&mut tar, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        append(&mut tar, "index.json", index.as_bytes())?;
        for text in [&config, &manifest] {
            append(&mut tar, &path_of(&sha256(text.as_bytes())), text.as_bytes())?;
        }
        let mut header = tree::header(tar::EntryType::Regular, 0o644, size);
        let layer = BufReader::new(File::open(&layer)?);
        tar.append_data(&mut header, path_of(&digest), layer)?;
        tar.into_inner()?.flush()
    })();
    result.doing(|| format!("write the image `{}`", settings.reference))
}

fn write_layer(root: &Path, file: &Path) -> Result<(String, u64)> {
    let deed = || format!("pack `{}`", root.display());
    let mut tar = tar::Builder::new(Hashing { inner: create(file)?, hash: Sha256::new(), size: 0 });
    tree::append(&mut tar, root).doing(deed)?;
    let mut writer = tar.into_inner().doing(deed)?;
    writer.flush().doing(deed)?;
    Ok((format!("sha256:{}", hex(&writer.hash.finalize())), writer.size))
}

fn config(settings: &Settings, layer: &str) -> Value {
    let environment = [&[PATH], settings.environment].concat();
    let mut run = json!({"Env": environment});
    for (key, words) in [("Entrypoint", settings.entrypoint), ("Cmd", settings.command)] {
        if !words.is_empty() {
            run[key] = json!(words);
        }
    }
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": EPOCH,
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": [layer]},
        "history": [{"created": EPOCH, "created_by": "cargo xtask"}],
    })
}

fn index(reference: &str, manifest: &str) -> Value {
    let mut entry = blob("manifest.v1+json", &sha256(manifest.as_bytes()), manifest.len() as u64);
    entry["platform"] = json!({"architecture": architecture(), "os": "linux"});
    let tag = reference.rsplit_once(':').map_or("latest", |(_, tag)| tag);
    entry["annotations"] = json!({
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": tag,
    });
    json!({"schemaVersion": 2, "mediaType": format!("{OCI}.index.v1+json"), "manifests": [entry]})
}

fn blob(kind: &str, digest: &str, size: u64) -> Value {
    json!({"mediaType": format!("{OCI}.{kind}"), "digest": digest, "size": size})
}

fn architecture() -> &'static str {
    match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

fn path_of(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tree::header(tar::EntryType::Regular, 0o644, bytes.len() as u64);
    tar.append_data(&mut header, name, bytes)
}

fn create(path: &Path) -> Result<BufWriter<fs::File>> {
    File::create(path).map(BufWriter::new).doing(|| format!("create `{}`", path.display()))
}

/// Counts and hashes what passes.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use super::*;

    /// Every blob is named by its own digest, and the index leads to the layer.
    #[test]
    fn the_digests_are_those_of_the_blobs() {
        let work = env::temp_dir().join(format!("mlcube-layout-{}", std::process::id()));
        let root = work.join("root");
        fs::create_dir_all(root.join("bin")).expect("the folder is ours");
        fs::write(root.join("bin/sh"), "#!").expect("the folder is ours");
        let settings = Settings {
            reference: "localhost/a:1",
            entrypoint: &["/bin/sh"],
            ..Settings::default()
        };
        let mut images = Vec::new();
        for name in ["one.tar", "two.tar"] {
            write(&root, &settings, &work, &work.join(name)).expect("the image is written");
            images.push(fs::read(work.join(name)).expect("the image is there"));
        }
        assert_eq!(images[0], images[1]);

        let files = unpack(&images[0]);
        let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("it is JSON");
        let digest_of = |value: &Value| value["digest"].as_str().expect("a digest").to_owned();
        let index = parse(&files["index.json"]);
        let manifest = parse(&files[&path_of(&digest_of(&index["manifests"][0]))]);
        let config = parse(&files[&path_of(&digest_of(&manifest["config"]))]);
        let layer = digest_of(&manifest["layers"][0]);
        assert_eq!(config["rootfs"]["diff_ids"][0], layer);
        assert_eq!(config["config"]["Entrypoint"][0], "/bin/sh");
        assert_eq!(unpack(&files[&path_of(&layer)])["bin/sh"], b"#!");
        let named = files.keys().filter(|path| path.starts_with("blobs/"));
        named.for_each(|path| assert_eq!(*path, path_of(&sha256(&files[path]))));
        fs::remove_dir_all(work).expect("the folder is ours");
    }

    fn unpack(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(bytes);
        let entries = archive.entries().expect("it is a tar file");
        let read = |mut entry: tar::Entry<'_, &[u8]>| {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("it is whole");
            (entry.path().expect("it has a name").to_string_lossy().into_owned(), content)
        };
        entries.map(|entry| read(entry.expect("it is whole"))).collect()
    }
}
