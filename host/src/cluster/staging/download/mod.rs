//! From a claim to the workspace: what differs is read, checked, and put in its place file by file.
//! A large file that breaks off is gone on with.

mod links;
mod read;

use super::claim::{listed, sums};
use super::fault::Fault;
use super::progress::Progress;
use super::session::Session;
use crate::files::{Collected, digest_of, finish_folder};
use crate::staging::{Digest, Listing, Stat, What};
use crate::text::within;
use links::{Link, link_all};
use read::read_all;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What comes from a claim.
pub struct Outputs {
    /// The claim.
    pub claim: String,
    /// The outputs on it.
    pub outputs: Vec<Output>,
}

/// An output, and where it goes.
pub struct Output {
    /// The parameter.
    pub parameter: String,
    /// The path on the claim; empty for the whole of it.
    pub path: String,
    /// The local file or folder.
    pub local: PathBuf,
}

/// A file that is fetched.
struct Get {
    path: String,
    stat: Stat,
    digest: Digest,
    local: PathBuf,
}

/// One attempt to bring outputs from their claim.
pub async fn fetch(
    session: &mut Session,
    outputs: &Outputs,
    force: bool,
    progress: &mut Progress<'_>,
) -> Result<(), Fault> {
    let mut gets = Vec::new();
    let (mut folders, mut links) = (Vec::new(), Vec::new());
    for output in &outputs.outputs {
        let Listing { entries: there, unusual } = listed(session, ".", &[&output.path]).await?;
        for one in &unusual {
            progress.warn(format!("`{}` {}: it is left out", one.name, one.why));
        }
        if there.is_empty() && unusual.is_empty() {
            progress.warn(format!(
                "output `{}` is not there: nothing lies at `{}` on claim `{}`",
                output.parameter, output.path, outputs.claim
            ));
        }
        let files = there.iter().filter(|entry| matches!(entry.what, What::File(_)));
        let paths: Vec<&str> = files.map(|entry| entry.path.as_str()).collect();
        let mut sums = sums(session, ".", &paths).await?.into_iter();
        for entry in there {
            let local = output.place(&entry.path);
            match entry.what {
                What::File(stat) => {
                    let Some(digest) = sums.next().flatten() else {
                        return Err(Fault::lost(format!("`{}` cannot be read", entry.path)));
                    };
                    gets.push(Get { path: entry.path, stat, digest, local });
                }
                What::Folder { mode, mtime } => folders.push((local, mode, mtime)),
                What::Link { .. } => {
                    let depth = output.below(&entry.path).matches('/').count();
                    links.push(Link { path: entry.path, depth, local });
                }
            }
        }
    }
    let all = gets.len();
    let mut newer = Vec::new();
    let mut wanted = Vec::new();
    for get in gets {
        match get.is_wanted()? {
            Wanted::No => {}
            Wanted::Yes => wanted.push(get),
            Wanted::OverNewer if force => wanted.push(get),
            Wanted::OverNewer => newer.push(get.local),
        }
    }
    if !newer.is_empty() {
        return Err(Fault::Newer(newer));
    }
    let bytes = wanted.iter().map(|get| get.stat.size).sum();
    progress.begin(wanted.len(), bytes, all - wanted.len());
    for (folder, ..) in &folders {
        make_folder(folder)?;
    }
    read_all(session, &wanted, progress).await?;
    link_all(session, &links, progress).await?;
    for (folder, mode, mtime) in folders.iter().rev() {
        finish_folder(folder, *mode, *mtime).map_err(at(folder))?;
    }
    Ok(())
}

/// Whether a file is to be fetched.
enum Wanted {
    No,
    Yes,
    /// Over a local one that was changed later.
    OverNewer,
}

impl Output {
    /// The local place of something below the output.
    fn place(&self, path: &str) -> PathBuf {
        let rest = self.below(path);
        if rest.is_empty() { self.local.clone() } else { self.local.join(rest) }
    }

    fn below<'p>(&self, path: &'p str) -> &'p str {
        within(path, &self.path).unwrap_or(path)
    }
}

impl Get {
    fn is_wanted(&self) -> Result<Wanted, Fault> {
        let found = match fs::symlink_metadata(&self.local) {
            Ok(found) => found,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(Wanted::Yes);
            }
            Err(error) => return Err(at(&self.local)(error)),
        };
        if found.is_dir() {
            return Err(Fault::Elsewhere(self.local.clone(), "is a folder, and the output a file"));
        }
        let is_like = found.is_file() && found.len() == self.stat.size;
        if is_like && digest_of(&self.local, None).is_ok_and(|digest| digest == self.digest) {
            return Ok(Wanted::No);
        }
        let is_newer = found.mtime() > self.stat.mtime;
        Ok(if is_newer { Wanted::OverNewer } else { Wanted::Yes })
    }

    /// The file in which it is collected: of another content there is another.
    fn collect(&self) -> Result<Collected, Fault> {
        make_folder(self.local.parent().unwrap_or(Path::new("/")))?;
        let name = self.local.file_name().unwrap_or_default().to_string_lossy();
        // A name has at most 255 bytes.
        let short = &name[..name.floor_char_boundary(60)];
        let digest = self.digest.to_string();
        let path = self.local.with_file_name(format!(".{short}.{}.part", &digest[..16]));
        Collected::open(path).map_err(at(&self.local))
    }

    /// Put what was collected in its place.
    fn finish(&self, part: Collected) -> Result<(), Fault> {
        let Stat { mode, mtime, .. } = self.stat;
        part.finish(&self.local, mode, mtime).map_err(at(&self.local))
    }
}

/// Make a folder and those above it.
fn make_folder(folder: &Path) -> Result<(), Fault> {
    fs::create_dir_all(folder).map_err(at(folder))
}

fn at(path: &Path) -> impl Fn(io::Error) -> Fault {
    let path = path.to_owned();
    move |error| Fault::Unwritten(path.clone(), error)
}
