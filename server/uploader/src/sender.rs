//! The work itself: what waits is sent, one after the other, and goes where its answer sends it.
//!
//! The order is what makes it safe. Content is on the disk before anybody is told yes. An answer is in the registry before its
//! file is moved. The key of a request follows from its content and the registry alone. So whatever moment the machine stops
//! at, the next start repeats the same request, and the server answers it as it did before.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    backoff::Backoff,
    clock::{Clock, german_day},
    digest::Sha256,
    folder::{self, Folder, Look},
    journal::{Journal, Line, Source},
    notice,
    oauth::NotNow,
    random::Random,
    registry::{Code, Entry, Outcome, Registry},
    session::Session,
    spool::Spool,
    upload::{self, Content, LARGEST, Refused, Verdict},
};

/// Between two looks whether we are still let in.
const BETWEEN_KNOCKS: Duration = Duration::from_secs(3600);
/// Who is not let in looks again after so long. The server is asked more seldom still: `session.rs`.
const WHEN_SHUT_OUT: Duration = Duration::from_secs(300);

/// What one round through everything has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Round {
    /// Something was not taken.
    pub(crate) refused: bool,
    /// Something is left that can be sent later.
    pub(crate) left: bool,
    /// Nothing can be sent now.
    pub(crate) blocked: Option<Blocked>,
}

/// Why nothing can be sent, and how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// Whether a person has to do something.
    pub(crate) shut_out: bool,
    /// So long.
    pub(crate) wait: Duration,
}

/// What does the work.
pub(crate) struct Sender {
    /// The folders.
    pub(crate) folders: Vec<Folder>,
    /// The messages.
    pub(crate) spool: Arc<Spool>,
    /// Where messages lie that were not taken.
    pub(crate) refused: PathBuf,
    /// The answers.
    pub(crate) registry: Arc<Mutex<Registry>>,
    /// The log.
    pub(crate) journal: Arc<Journal>,
    /// The server.
    pub(crate) session: Session,
    /// The clocks.
    pub(crate) clock: Clock,
    /// The randomness.
    pub(crate) random: Random,
    /// For how many days findings are held back.
    pub(crate) hold_days: Option<u8>,
    /// The way to the server.
    pub(crate) backoff: Backoff,
    /// What the server failed with, and until when it is left alone.
    pub(crate) held: HashMap<PathBuf, (Backoff, Duration)>,
    /// The first wait after a failure.
    pub(crate) first_wait: Duration,
    /// When we were let in last without having sent anything, by the running clock.
    pub(crate) knocked: Option<Duration>,
    /// Folders that cannot be read at the moment: told once, until they can.
    pub(crate) away: HashSet<usize>,
}

/// Where a content comes from, and so where it goes.
#[derive(Debug, Clone, Copy)]
enum Origin<'a> {
    Folder(usize),
    Spool(&'a str),
}

impl Origin<'_> {
    const fn source(self) -> Source {
        match self {
            Self::Folder(_) => Source::Folder,
            Self::Spool(_) => Source::Spool,
        }
    }
}

impl Sender {
    /// Looks whether we are still let in, once an hour.
    pub(crate) fn knock(&mut self) -> Option<Blocked> {
        let running = self.clock.running();
        if self.knocked.is_some_and(|last| running.saturating_sub(last) < BETWEEN_KNOCKS) {
            return None;
        }
        match self.session.knock() {
            Ok(()) => {
                self.knocked = Some(running);
                None
            }
            Err(why) => Some(self.block(why, None, None)),
        }
    }

    /// Goes once through all that waits.
    pub(crate) fn round(&mut self) -> Round {
        let mut round = Round::default();
        match self.session.renew() {
            Ok(true) => self.journal.note(Line::new(Source::Own, "key-renewed")),
            Ok(false) => {}
            Err(_) => self.journal.note(Line::new(Source::Own, "key-not-renewed")),
        }
        let spool = Arc::clone(&self.spool);
        match spool.waiting() {
            Ok(ids) => {
                for id in &ids {
                    self.step(Origin::Spool(id), &spool.path(id), &mut round);
                }
            }
            Err(_) => self.unreadable(usize::MAX, &mut round),
        }
        for number in 0..self.folders.len() {
            let running = self.clock.running();
            match self.folders.get_mut(number).map(|folder| folder.ready(running)) {
                Some(Ok(files)) => {
                    self.away.remove(&number);
                    for file in files {
                        self.step(Origin::Folder(number), &file, &mut round);
                    }
                }
                Some(Err(_)) => self.unreadable(number, &mut round),
                None => {}
            }
        }
        round
    }

    fn unreadable(&mut self, number: usize, round: &mut Round) {
        if self.away.insert(number) {
            self.journal.note(Line::new(Source::Folder, "folder-unreadable"));
        }
        round.left = true;
    }

    /// One content, unless nothing can be sent or this one has to wait.
    fn step(&mut self, origin: Origin<'_>, path: &Path, round: &mut Round) {
        let waits = self.held.get(path).is_some_and(|(_, until)| self.clock.running() < *until);
        if round.blocked.is_some() || waits {
            round.left = true;
            return;
        }
        let claimed = match origin {
            Origin::Folder(number) => self.folders.get_mut(number).map(|folder| folder.claim(path)),
            Origin::Spool(_) => Some(Ok(path.to_owned())),
        };
        let Some(Ok(path)) = claimed else {
            // somebody still holds it open, or took it away
            round.left = true;
            return;
        };
        if self.one(origin, &path, round).is_err() {
            self.journal.note(Line::new(origin.source(), "disk-trouble"));
            self.hold(&path, None);
            round.left = true;
        }
    }

    fn one(&mut self, origin: Origin<'_>, path: &Path, round: &mut Round) -> io::Result<()> {
        let look = Look::at(path)?;
        if look.size > LARGEST {
            return self.too_large(origin, path, look, round);
        }
        let bytes = fs::read(path)?;
        if Look::at(path)? != look {
            return self.put_back(origin, path, round);
        }
        let hash = Sha256::of(&bytes);
        let known = self.registry().known(&hash);
        if known.taken {
            return self.doubled(origin, path, hash);
        }
        let content = Content { bytes: &bytes, hash: &hash, known, hold_days: self.hold_days };
        let (status, verdict) = upload::send(&mut self.session, &content);
        match verdict {
            Verdict::Taken(outcome) => {
                self.answered(path);
                self.keep(origin, hash, outcome, None, status)?;
                self.done(origin, path, look, round)
            }
            Verdict::Refused(refused) => {
                self.answered(path);
                self.keep(origin, hash, Outcome::Refused, Some(refused.code.clone()), status)?;
                round.refused = true;
                self.aside(origin, path, &refused)
            }
            Verdict::Failed(asked) => {
                self.hold(path, asked);
                self.note(origin, "server-failed", Some(&hash), status, None);
                round.left = true;
                Ok(())
            }
            Verdict::NotNow(why) => {
                round.left = true;
                round.blocked = Some(self.block(why, Some(&hash), status));
                Ok(())
            }
        }
    }

    /// The way is good, and this content has its answer.
    fn answered(&mut self, path: &Path) {
        self.backoff.reset();
        self.held.remove(path);
    }

    fn hold(&mut self, path: &Path, asked: Option<Duration>) {
        self.backoff.reset();
        let first = self.first_wait;
        let (backoff, until) =
            self.held.entry(path.to_owned()).or_insert_with(|| (Backoff::new(first), Duration::ZERO));
        *until = self.clock.running().saturating_add(backoff.next(asked, self.random.spread()));
    }

    fn block(&mut self, why: NotNow, hash: Option<&Sha256>, status: Option<u16>) -> Blocked {
        let (event, asked) = match why {
            NotNow::Later(asked) => ("not-now", asked),
            NotNow::ShutOut => ("not-let-in", Some(WHEN_SHUT_OUT)),
            NotNow::Machine => ("machine-trouble", None),
        };
        let wait = self.backoff.next(asked, self.random.spread());
        self.journal.note(Line { hash, status, ..Line::new(Source::Own, event) });
        Blocked { shut_out: why == NotNow::ShutOut, wait }
    }

    /// Keeps the answer. If the disk does not take it, the content stays where it is and is sent again, as the same request.
    fn keep(
        &self,
        origin: Origin<'_>,
        hash: Sha256,
        outcome: Outcome,
        code: Option<Code>,
        status: Option<u16>,
    ) -> io::Result<()> {
        let id = match origin {
            Origin::Spool(id) => Some(id.to_owned()),
            Origin::Folder(_) => None,
        };
        let entry = Entry { at: self.clock.now(), hash, outcome, code, id };
        self.registry().keep(&entry)?;
        self.note(origin, outcome.word(), Some(&hash), status, entry.code.as_ref());
        Ok(())
    }

    /// Exactly this was sent before: it is filed away, and the server is not asked.
    fn doubled(&self, origin: Origin<'_>, path: &Path, hash: Sha256) -> io::Result<()> {
        match origin {
            Origin::Spool(id) => {
                // a start after a stop between answer and move finds its own entry here
                if self.registry().of_id(id).is_none() {
                    self.keep(origin, hash, Outcome::Known, None, None)?;
                }
                fs::remove_file(path)
            }
            Origin::Folder(_) => {
                self.note(origin, "doubled", Some(&hash), None, None);
                self.file_away(origin, path)
            }
        }
    }

    fn done(&self, origin: Origin<'_>, path: &Path, look: Look, round: &mut Round) -> io::Result<()> {
        match origin {
            Origin::Spool(_) => fs::remove_file(path),
            Origin::Folder(_) if Look::at(path)? != look => self.put_back(origin, path, round),
            Origin::Folder(_) => self.file_away(origin, path),
        }
    }

    fn file_away(&self, origin: Origin<'_>, path: &Path) -> io::Result<()> {
        let day = german_day(self.clock.now());
        self.folder(origin).map_or(Ok(()), |folder| folder.archive(path, day))
    }

    fn put_back(&self, origin: Origin<'_>, path: &Path, round: &mut Round) -> io::Result<()> {
        self.note(origin, "changed-meanwhile", None, None, None);
        round.left = true;
        self.folder(origin).map_or(Ok(()), |folder| folder.put_back(path))
    }

    fn aside(&self, origin: Origin<'_>, path: &Path, refused: &Refused) -> io::Result<()> {
        let why = notice::text(refused, self.clock.now());
        match self.folder(origin) {
            Some(folder) => folder.refuse(path, &why),
            None => folder::put_aside(&self.refused, path, &why),
        }
    }

    /// Too large to be read here. Its hash is that of its size: nobody asks for it.
    fn too_large(&self, origin: Origin<'_>, path: &Path, look: Look, round: &mut Round) -> io::Result<()> {
        let refused = Refused { code: Code::new("too-large"), title: None, request: None, reports: None };
        let hash = Sha256::of(&look.size.to_be_bytes());
        self.keep(origin, hash, Outcome::Refused, Some(refused.code.clone()), None)?;
        round.refused = true;
        self.aside(origin, path, &refused)
    }

    fn folder(&self, origin: Origin<'_>) -> Option<&Folder> {
        match origin {
            Origin::Folder(number) => self.folders.get(number),
            Origin::Spool(_) => None,
        }
    }

    fn registry(&self) -> std::sync::MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(
        &self,
        origin: Origin<'_>,
        event: &'static str,
        hash: Option<&Sha256>,
        status: Option<u16>,
        code: Option<&Code>,
    ) {
        self.journal.note(Line { hash, status, code, ..Line::new(origin.source(), event) });
    }
}
