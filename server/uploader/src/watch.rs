//! `watch`: wires everything once, and goes round until it is ended.

use std::{
    collections::{HashMap, HashSet},
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use crate::{
    access::{Access, NoAccess},
    address::{Address, BadAddress},
    backoff::Backoff,
    cli::Watch,
    clock::Clock,
    door::Door,
    durable,
    folder::{Folder, REFUSED},
    journal::{Journal, Line, Source},
    mllp::Listener,
    places::Places,
    random::Random,
    registry::Registry,
    sender::{Blocked, Round, Sender},
    session::Session,
    spool::Spool,
    wire::{NoCertificate, Wire},
};

/// `--once` waits so long for files that somebody is still writing, beyond the time that they have to stay the same.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a run of `--once` has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything was sent.
    Done,
    /// Something is left.
    Left,
    /// Everything was answered, and something was not taken.
    Refused,
    /// We may not come in.
    ShutOut,
}

/// Why watching does not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoWatch {
    /// There is nothing to watch.
    #[error("Bitte mindestens einen Ordner, --mllp oder --http angeben.")]
    Nothing,
    /// Another one runs.
    #[error("Dieses Programm läuft mit diesem Datenordner schon.")]
    Running,
    /// A socket that others could reach.
    #[error("{0} ist von anderen Rechnern aus erreichbar. Erlaubt sind 127.0.0.1 und [::1]; bei --mllp hilft --lan.")]
    Reachable(SocketAddr),
    /// The port is taken.
    #[error("An {0} kann nicht gelauscht werden: {1}")]
    Socket(SocketAddr, io::Error),
    /// No access.
    #[error(transparent)]
    Access(#[from] NoAccess),
    /// The address that was kept.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The certificates that were kept.
    #[error(transparent)]
    Certificate(#[from] NoCertificate),
    /// The disk's.
    #[error("Der Datenordner ist nicht benutzbar: {0}")]
    Disk(#[from] io::Error),
}

/// Watches until the process is ended; with `--once` until there is nothing left to do.
///
/// # Errors
/// [`NoWatch`].
pub(crate) fn watch(wish: &Watch, places: &Places, clock: Clock, random: &Random) -> Result<Ending, NoWatch> {
    if wish.folders.is_empty() && wish.mllp.is_none() && wish.http.is_none() && !wish.once {
        return Err(NoWatch::Nothing);
    }
    let _lock = places.lock()?.ok_or(NoWatch::Running)?;
    let journal = Arc::new(Journal::open(&places.journal(), clock)?);
    let access = Access::load(&places.access())?;
    let wire = Wire::new(Address::parse(&access.server)?, access.trusted.as_deref())?;
    let session = Session::new(wire, access, &places.access(), clock, random.clone())?;
    let registry = Registry::open(&places.registry())?;
    if registry.damaged() > 0 {
        journal.note(Line::new(Source::Own, "registry-damaged"));
    }
    let (wake, woken) = mpsc::channel();
    let spool = Arc::new(Spool::open(&places.spool(), registry.ids(), random.clone(), wake)?);
    let registry = Arc::new(Mutex::new(registry));
    listen(wish, &spool, &registry, &journal, clock)?;
    let sender = Sender {
        folders: wish.folders.iter().map(|root| Folder::new(root.clone(), wish.stable_for)).collect(),
        spool,
        refused: places.root().join(REFUSED),
        registry,
        journal: Arc::clone(&journal),
        session,
        clock,
        random: random.clone(),
        hold_days: wish.hold_days,
        backoff: Backoff::new(wish.first_wait),
        held: HashMap::new(),
        first_wait: wish.first_wait,
        away: HashSet::new(),
        knocked: None,
    };
    journal.note(Line::new(Source::Own, "started"));
    let ending = go_round(sender, wish, &places.connection(), &woken, clock);
    journal.note(Line::new(Source::Own, "ended"));
    Ok(ending)
}

fn listen(
    wish: &Watch,
    spool: &Arc<Spool>,
    registry: &Arc<Mutex<Registry>>,
    journal: &Arc<Journal>,
    clock: Clock,
) -> Result<(), NoWatch> {
    if let Some(address) = wish.mllp {
        let socket = bound(address, wish.lan)?;
        let listener = Listener::new(Arc::clone(spool), Arc::clone(journal), clock);
        thread::spawn(move || listener.serve(&socket));
    }
    if let Some(address) = wish.http {
        let socket = bound(address, false)?;
        let address = socket.local_addr()?;
        let (spool, registry, journal) = (Arc::clone(spool), Arc::clone(registry), Arc::clone(journal));
        let door = Door { address, spool, registry, journal, clock };
        thread::spawn(move || door.serve(&socket));
    }
    Ok(())
}

fn bound(address: SocketAddr, lan: bool) -> Result<TcpListener, NoWatch> {
    if !lan && !address.ip().is_loopback() {
        return Err(NoWatch::Reachable(address));
    }
    TcpListener::bind(address).map_err(|error| NoWatch::Socket(address, error))
}

fn go_round(mut sender: Sender, wish: &Watch, connection: &Path, woken: &mpsc::Receiver<()>, clock: Clock) -> Ending {
    let mut refused = false;
    let mut told = None;
    let until = clock.running() + wish.stable_for.saturating_mul(12) + PATIENCE;
    loop {
        // who ends at once has to be let in only if there is something to send
        let shut = if wish.once { None } else { sender.knock() };
        let round = match shut {
            Some(blocked) => Round { blocked: Some(blocked), ..Round::default() },
            None => sender.round(),
        };
        refused |= round.refused;
        if told != Some(round.blocked.is_some()) {
            told = Some(round.blocked.is_some());
            tell(connection, round.blocked, clock);
        }
        let unfinished = sender.folders.iter().any(Folder::has_unfinished) && clock.running() < until;
        if wish.once && (round.blocked.is_some() || !unfinished) {
            return ending(round, refused);
        }
        let wait = round.blocked.map_or(wish.poll, |blocked| blocked.wait);
        pause(wait, round.blocked.is_some(), woken, clock);
    }
}

/// Waits. A new message ends the wait, unless nothing can be sent anyway.
fn pause(wait: Duration, blocked: bool, woken: &mpsc::Receiver<()>, clock: Clock) {
    let until = clock.running().saturating_add(wait);
    loop {
        let left = until.saturating_sub(clock.running());
        match woken.recv_timeout(left) {
            Ok(()) if !blocked => {
                // what else has come in the meantime goes out with it
                while woken.try_recv().is_ok() {}
                return;
            }
            Ok(()) => {}
            Err(_) => return,
        }
    }
}

fn ending(round: Round, refused: bool) -> Ending {
    match round.blocked {
        Some(Blocked { shut_out: true, .. }) => Ending::ShutOut,
        Some(_) => Ending::Left,
        None if round.left => Ending::Left,
        None if refused => Ending::Refused,
        None => Ending::Done,
    }
}

/// Writes down for `status` how the connection is, and since when.
fn tell(path: &Path, blocked: Option<Blocked>, clock: Clock) {
    let word = match blocked {
        None => "good",
        Some(Blocked { shut_out: true, .. }) => "shut-out",
        Some(_) => "down",
    };
    // only for people to look at
    let _told = durable::write(path, format!("{word} {}", clock.now()).as_bytes()).is_ok();
}

/// The folder that is used when nobody names one.
pub(crate) fn usual_data_folder() -> Option<PathBuf> {
    std::env::home_dir().map(|home| home.join(".nahraum-uploader"))
}
