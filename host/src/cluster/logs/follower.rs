//! Following the log of one run of a container to its end, over any number of responses: one that
//! breaks off, ends or falls silent is taken up where it ended, as long as the Pod is there. A log
//! is whole when a request that was sent after the run's end gives what was told, and no more.

use super::super::words;
use super::file::File;
use super::pieces::Pieces;
use super::source::{Failure, Opened, Source};
use super::stitch::{APART, Between, Stitcher};
use crate::event::{ContainerRun, Event, Gap, Piece};
use futures::AsyncBufReadExt;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout};

/// A response that is silent for longer is asked for anew: its connection may be dead.
const SILENCE: Duration = Duration::from_secs(30);
/// The same once the run is over: what is left of it is better asked for.
const SILENCE_AFTER_END: Duration = Duration::from_millis(100);
/// How often that time is doubled when what was told does not even come again: a kubelet reads a
/// long file from its beginning.
const DOUBLINGS: u32 = 3;
/// The time within which a server answers.
const RESPONSE: Duration = Duration::from_secs(10);
/// The time after which a part of a line is told without its end.
const PAUSE: Duration = Duration::from_millis(200);
/// The shortest and the longest pause between two requests.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];
/// The time after which an outage is told.
const OUTAGE: Duration = Duration::from_secs(10);
/// The time for which a kubelet may know nothing of a run that is over, and that for which responses
/// may end before they come to what was told.
const UNREADY: Duration = Duration::from_secs(5);
const UNJOINED: Duration = Duration::from_secs(30);
/// A log that ended by itself so shortly before it was gone is taken for whole.
const PARTING: Duration = Duration::from_secs(5);
const REPLACED: &str =
    "the container was restarted, and the kubelet keeps the log of one run before";

/// A run of a container whose log is followed.
pub struct Follower {
    pub source: Source,
    /// Whether the run is over.
    pub over: watch::Receiver<bool>,
    /// Completes when the run before this one has told all.
    pub turn: Option<oneshot::Receiver<()>>,
    pub events: mpsc::Sender<Event>,
    /// When something new was last heard.
    pub heard: Instant,
    pub file: File,
    pub stitcher: Stitcher,
    pub pieces: Pieces,
    /// The response that is read next.
    pub next: Option<Opened>,
}

/// The end of a response.
enum End {
    Clean,
    Silent,
}

impl Follower {
    /// Follow the log to its end.
    pub async fn follow(mut self) {
        if let Err(why) = self.ask_until_whole().await {
            let after = self.stitcher.last();
            let _ = self.gap(after, None, why).await;
        }
        let _ = match self.pieces.all() {
            Some(rest) => self.tell(rest).await,
            None => Ok(()),
        };
    }

    /// Ask until all is told. The error is why some of it is missing.
    async fn ask_until_whole(&mut self) -> Result<(), String> {
        let mut pause = PAUSES[0];
        // Since when nothing comes, whether that was told, and when a response last ended well.
        let (mut failing, mut is_warned, mut ended) = (None, false, None);
        // How often a response was silent before it came to what is new.
        let mut fruitless = 0;
        loop {
            let (is_over, told) = (*self.over.borrow_and_update(), self.stitcher.told());
            let end = self.read(is_over, SILENCE * 2u32.pow(fruitless)).await;
            let is_new = self.stitcher.told() > told;
            fruitless = match end {
                Ok(End::Silent) if !self.stitcher.is_joined() => DOUBLINGS.min(fruitless + 1),
                Err(Failure::Passing(_)) => fruitless,
                _ => 0,
            };
            if is_new || matches!(end, Ok(End::Silent)) {
                (pause, failing, is_warned, ended) = (PAUSES[0], None, false, None);
            }
            let failure = match end {
                Ok(End::Silent) => continue,
                Ok(End::Clean) if !self.stitcher.is_joined() => {
                    Some(Failure::Unready("the kubelet no longer keeps it".into()))
                }
                Ok(End::Clean) if is_over && !is_new => return Ok(()),
                // The status of the Pod follows the end of the log.
                Ok(End::Clean) => {
                    ended = Some(Instant::now());
                    None
                }
                Err(Failure::Unheard) => return Ok(()),
                Err(Failure::Deleted | Failure::Replaced)
                    if ended.is_some_and(|at: Instant| at.elapsed() < PARTING) =>
                {
                    return Ok(());
                }
                Err(Failure::Deleted) => return Err("its Pod was deleted".into()),
                Err(Failure::Replaced) => return Err(REPLACED.into()),
                Err(Failure::Final(why)) if is_over => return Err(why),
                // Rights that were there may come back.
                Err(Failure::Final(why)) => Some(Failure::Passing(why)),
                Err(failure) => Some(failure),
            };
            let lasting = failing.get_or_insert_with(Instant::now).elapsed();
            let unready = if self.stitcher.is_joined() { UNREADY } else { UNJOINED };
            match failure {
                Some(Failure::Unready(why)) if is_over && lasting > unready => return Err(why),
                Some(Failure::Unready(why) | Failure::Passing(why))
                    if lasting > OUTAGE && !is_warned =>
                {
                    is_warned = true;
                    self.warn(&why).await;
                }
                Some(_) => {}
                None => failing = None,
            }
            if !is_new {
                let _ = timeout(pause, self.over.wait_for(|is_now| *is_now != is_over)).await;
                pause = PAUSES[1].min(pause * 2);
            }
        }
    }

    /// Tell what is new in one response.
    async fn read(&mut self, is_over: bool, mut silence: Duration) -> Result<End, Failure> {
        let Opened { mut stream, previous } = match self.next.take() {
            Some(opened) => opened,
            None => self.open(!is_over).await?,
        };
        self.stitcher.begin();
        let (mut is_followed, mut heard) = (!is_over, Instant::now());
        loop {
            let wait = if self.pieces.is_empty() { silence } else { PAUSE };
            let read = tokio::select! {
                biased;
                read = timeout(wait, stream.fill_buf()) => read,
                Ok(()) = self.over.changed(), if is_followed => {
                    is_followed = false;
                    if self.stitcher.is_joined() {
                        silence = SILENCE_AFTER_END;
                    }
                    continue;
                }
            };
            let bytes = match read {
                Err(_) => {
                    if let Some(part) = self.pieces.part() {
                        self.tell(part).await?;
                    }
                    if heard.elapsed() < silence {
                        continue;
                    }
                    match self.open(is_followed).await {
                        Ok(next) => self.next = Some(next),
                        // A run that has been replaced has its log here and nowhere else.
                        Err(_) if silence < PARTING => {
                            (silence, heard) = (PARTING, Instant::now());
                            continue;
                        }
                        Err(_) => {}
                    }
                    return Ok(End::Silent);
                }
                Ok(Err(error)) => return Err(Failure::Passing(words::why(&error))),
                Ok(Ok(bytes)) => bytes,
            };
            let (count, told, mut rest) = (bytes.len(), self.stitcher.told(), bytes);
            while let Some(between) = self.stitcher.push(&mut rest, self.pieces.room()) {
                if between.is_lost || self.is_lost(&between, previous).await {
                    let why = "the kubelet no longer keeps it".into();
                    self.gap(Some(between.after), Some(between.before), why).await?;
                }
                self.heard = Instant::now();
            }
            stream.consume_unpin(count);
            heard = Instant::now();
            if self.stitcher.told() > told {
                self.heard = heard;
            }
            if count == 0 {
                return match self.stitcher.message() {
                    Some(message) => Err(Failure::Unready(message)),
                    None => Ok(End::Clean),
                };
            }
            while let Some(lines) = self.pieces.lines() {
                self.tell(lines).await?;
            }
        }
    }

    /// Ask for what is not told yet.
    async fn open(&mut self, follow: bool) -> Result<Opened, Failure> {
        let opened = timeout(RESPONSE, self.source.open(self.stitcher.since(), follow)).await;
        opened.map_err(|_| Failure::Passing("no response".into()))?
    }

    /// Whether lines are missing where two came at once and are apart in time: they are not in one
    /// file.
    async fn is_lost(&mut self, between: &Between, previous: bool) -> bool {
        let apart = between.before.duration_since(between.after).unsigned_abs();
        if apart < self.heard.elapsed() + APART.unsigned_abs()
            || self.file.holds(between) == Some(true)
        {
            return false;
        }
        let look = File::look(&self.source, previous);
        self.file = timeout(RESPONSE, look).await.unwrap_or_default();
        self.file.holds(between) == Some(false)
    }

    async fn tell(&mut self, piece: Piece) -> Result<(), Failure> {
        self.send(Event::Log { run: Arc::clone(&self.source.run), piece }).await
    }

    /// Tell that something is missing after what was told.
    async fn gap(
        &mut self,
        after: Option<Timestamp>,
        before: Option<Timestamp>,
        why: String,
    ) -> Result<(), Failure> {
        if let Some(rest) = self.pieces.all() {
            self.tell(rest).await?;
        }
        let lasting = after.zip(before).map(|(after, before)| before.duration_since(after));
        let gap = Gap {
            after: after.map(|time| time.to_string()),
            before: before.map(|time| time.to_string()),
            lasting: lasting.map(|lasting| lasting.unsigned_abs()),
            why,
        };
        self.send(Event::LogGap { run: Arc::clone(&self.source.run), gap }).await
    }

    async fn warn(&mut self, why: &str) {
        let ContainerRun { pod, container, .. } = &*self.source.run;
        let what = format!(
            "the log of container `{container}` of Pod `{pod}` cannot be read, \
             which is tried again: {why}"
        );
        let _ = self.send(Event::Warning(what)).await;
    }

    /// Send an event when it is this run's turn.
    async fn send(&mut self, event: Event) -> Result<(), Failure> {
        if let Some(turn) = self.turn.take() {
            let _ = turn.await;
        }
        self.events.send(event).await.map_err(|_| Failure::Unheard)
    }
}
