//! From a configuration to the application: the root key, the database and what it is for, the hasher, the clock.

use std::{
    fs, io,
    num::NonZeroUsize,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use nahraum_app::{App, Clock, Inspection, Moment, Parts, PushSettings, Refusal, Settings};
use nahraum_domain::ids::RequestId;
use nahraum_secrets::{
    Hasher, HasherSettings, HasherStartError, OsRandom, Random, RootError, RootSecret, Strength, random_bytes,
};
use nahraum_store::{
    DatabaseError, Store, StoreError, System,
    installation::{self, Kind, Mark},
};

use crate::{
    cli::{Exit, PasswordError},
    clock::{self, SystemClock, TestClockRefused},
    config::{Config, ConfigError},
    databases,
    demo::SeedError,
    healthcheck::Unhealthy,
    inspection::{Inspector, MadeHere},
    mail::MailSetupError,
    people::People,
    push::PushSetupError,
    tls::TlsError,
};

/// The largest document (SR-I01), in bytes.
const MAX_UPLOAD: u64 = 25 * 1024 * 1024;

/// The variable that names the file of the test clock.
const TEST_CLOCK: &str = "NAHRAUM_TEST_CLOCK_FILE";

/// Whether secrets are hashed with next to no work. Like the clock, it marks a new database as a test's own, and a database
/// with real findings is not opened with it.
const QUICK_HASHES: &str = "NAHRAUM_TEST_QUICK_HASHES";

/// What a command failed with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database, before it was clear what it is for.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A stored value.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The root key.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The hashing pool.
    #[error(transparent)]
    Hasher(#[from] HasherStartError),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The mail relay.
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    /// The way to push services.
    #[error(transparent)]
    Push(#[from] PushSetupError),
    /// The test clock.
    #[error(transparent)]
    Clock(#[from] TestClockRefused),
    /// The running server.
    #[error(transparent)]
    Unhealthy(#[from] Unhealthy),
    /// The demo's people.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// A password that was to be read.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// It is not safe to go on. The sentence says why and what to do.
    #[error("{0}")]
    Refused(String),
    /// It did not work. The sentence says why.
    #[error("{0}")]
    Failed(String),
    /// The operating system.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: String,
        /// What the operating system said.
        #[source]
        cause: io::Error,
    },
}

impl Trouble {
    /// How the program ends.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Database(DatabaseError::SchemaNewer { .. }) => Exit::NewerSchema,
            Self::Config(_)
            | Self::Database(DatabaseError::Refused(_))
            | Self::Root(RootError::TooOpen { .. } | RootError::NotAFile { .. } | RootError::Malformed { .. })
            | Self::Tls(_)
            | Self::Clock(_)
            | Self::Refused(_) => Exit::Refused,
            Self::Database(_)
            | Self::Store(_)
            | Self::Root(RootError::Io { .. })
            | Self::Hasher(_)
            | Self::Mail(_)
            | Self::Push(_)
            | Self::Unhealthy(_)
            | Self::Seed(_)
            | Self::Password(_)
            | Self::Failed(_)
            | Self::Io { .. } => Exit::Failed,
        }
    }

    /// For `map_err`: what was tried when the operating system refused.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { what: what.into(), cause }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(if matches!(refusal, Refusal::Overloaded { .. }) {
            String::from("the database is busy or cannot be reached; try again")
        } else if refusal == Refusal::StorageFull {
            String::from("the disk is full")
        } else {
            format!("the database refused ({refusal:?}); the log tells more")
        })
    }
}

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To show the demo.
    Demo,
    /// To serve real people.
    Serve,
    /// To add practices and staff: in any database.
    Operate,
}

impl Purpose {
    fn accepts(self, kind: Kind) -> bool {
        match (self, kind) {
            (Self::Operate, _) | (Self::Demo, Kind::Demo) | (Self::Serve, Kind::Production | Kind::Test) => true,
            (Self::Demo, Kind::Production | Kind::Test) | (Self::Serve, Kind::Demo) => false,
        }
    }

    /// What a new database becomes. Only a test brings its own clock, or passwords alone, to the very first start; with that
    /// it can never become one for real findings.
    const fn of_a_new_database(self, is_test: bool) -> Kind {
        match self {
            Self::Demo => Kind::Demo,
            Self::Serve | Self::Operate if is_test => Kind::Test,
            Self::Serve | Self::Operate => Kind::Production,
        }
    }

    fn refusal(self, place: &Path) -> String {
        let folder = place.display();
        match self {
            Self::Demo => format!(
                "{folder} does not hold a demo, and the demo never touches real findings; name another folder with \
                 --data-dir"
            ),
            Self::Serve | Self::Operate => format!(
                "the database in {folder} holds a demo, whose passwords everyone knows; real findings need a database \
                 of their own: set storage.data_dir or database.url"
            ),
        }
    }
}

/// Everything that is put together once for the process.
pub(crate) struct House {
    /// The application.
    pub(crate) app: App,
    /// What it stands on.
    pub(crate) ground: Ground,
    kind: Kind,
}

/// Everything under the application but the clock and the inspection.
pub(crate) struct Ground {
    /// The hasher, for the passwords that the command line sets.
    pub(crate) hasher: Arc<Hasher>,
    /// The store, for what the installation knows about itself.
    pub(crate) store: Store,
    random: Arc<dyn Random>,
    root: RootSecret,
    people: People,
    settings: Settings,
}

impl House {
    /// Opens the database, brings it up to date, makes sure that it is one for this purpose, and puts the application
    /// on top. The first time it also makes the data folder (0700) and the root key.
    ///
    /// # Errors
    /// Why it is better not to start.
    pub(crate) fn open(config: &Config, environment: &[(String, String)], purpose: Purpose) -> Result<Self, Trouble> {
        let random: Arc<dyn Random> = Arc::new(OsRandom);
        let spool_dir = config.storage.data_dir.join("spool");
        private_folder(&spool_dir)?;
        let key_file = &config.secrets.root_key_file;
        let is_new_key = !key_file.exists();
        let root = RootSecret::load_or_create(key_file, &*random)?;
        let new_key_store = databases::MadeAtThisStart::watch(config);
        let store = databases::open(config, root.keys(), &random)?;
        store.migrate()?;
        let test_clock = test_clock(environment);
        let strength = strength(environment);
        let is_test = test_clock.is_some() || strength == Strength::Quick || config.sign_in.password_alone;
        let mark = identify(&store, &*random, purpose.of_a_new_database(is_test))?;
        if !mark.root_key_fits {
            return Err(wrong_key(key_file, is_new_key));
        }
        if !mark.key_store_fits {
            drop(store);
            return Err(new_key_store.refuse());
        }
        if !purpose.accepts(mark.kind) {
            return Err(Trouble::Refused(purpose.refusal(&config.storage.data_dir)));
        }
        let clock = clock::choose(test_clock, mark.kind != Kind::Production)?;
        if strength == Strength::Quick && mark.kind == Kind::Production {
            return Err(Trouble::Refused(format!(
                "{QUICK_HASHES} is for tests; remove the variable to start with real findings"
            )));
        }
        let hasher = start_hasher(config, &root, &random, strength)?;
        let app_name = config.mail.as_ref().map_or_else(|| String::from("Nahraum"), |mail| mail.app_name.clone());
        let people = People::new(config, mark.kind, &app_name)?;
        let settings = Settings {
            demo: mark.kind == Kind::Demo,
            public_url: config.server.public_url.as_str().to_owned(),
            mtls_url: config.mtls.as_ref().map(|mtls| mtls.public_url.as_str().to_owned()),
            app_name,
            instance: instance(config.server.public_url.host()),
            confirm_letter: config.activation.confirm_letter,
            bearer: config.sign_in.bearer,
            password_alone: people.password_alone,
            redirect_uris: config.sign_in.redirect_uris.clone(),
            max_upload_bytes: MAX_UPLOAD,
            spool_dir,
            push: config.push.as_ref().map(|push| PushSettings {
                contact: push.contact.clone(),
                private_networks: push.private_networks.clone(),
            }),
            about: config.about.clone(),
        };
        let inspection = Arc::new(Inspector::new(&config.uploads)?);
        let ground = Ground { hasher, store, random, root, people, settings };
        Ok(Self { app: ground.app(clock, inspection), ground, kind: mark.kind })
    }

    /// Whether the database is for real findings.
    pub(crate) fn is_for_real(&self) -> bool {
        self.kind == Kind::Production
    }

    /// The same application by another clock, for making the demo's past from documents of its own.
    pub(crate) fn app_by(&self, clock: Arc<dyn Clock>) -> App {
        self.ground.app(clock, Arc::new(MadeHere))
    }

    /// A moment by the operating system's clock, for units of work of the installation itself.
    pub(crate) fn moment(&self) -> Moment {
        moment(&*self.ground.random)
    }
}

impl Ground {
    fn app(&self, clock: Arc<dyn Clock>, inspection: Arc<dyn Inspection>) -> App {
        let keys = || self.root.keys();
        App::new(Parts {
            store: self.store.clone(),
            hasher: Arc::clone(&self.hasher),
            clock,
            random: Arc::clone(&self.random),
            inspection,
            cursors: keys().cursors,
            nonces: keys().nonces,
            practice_ca: keys().practice_ca,
            push: keys().push,
            passkeys: self.people.passkeys.clone(),
            breached: self.people.breached.clone(),
            settings: self.settings.clone(),
        })
    }
}

fn moment(random: &dyn Random) -> Moment {
    let now = SystemClock.now();
    Moment { now, request: RequestId::new(now, random_bytes(random)) }
}

fn start_hasher(
    config: &Config,
    root: &RootSecret,
    random: &Arc<dyn Random>,
    strength: Strength,
) -> Result<Arc<Hasher>, Trouble> {
    let workers = NonZeroUsize::new(config.secrets.hashing_workers).unwrap_or(NonZeroUsize::MIN);
    let settings = HasherSettings { workers, strength, ..HasherSettings::default() };
    Ok(Arc::new(Hasher::start(root.keys().pepper, Arc::clone(random), settings)?))
}

/// Marks a new database; reads the mark of any other.
fn identify(store: &Store, random: &dyn Random, kind: Kind) -> Result<Mark, StoreError> {
    let system = System::because("an installation marks its own database before anything else is in it");
    store.write_blocking(moment(random), |tx| {
        if let Some(mark) = installation::mark(tx)? {
            return Ok(mark);
        }
        installation::set_mark(tx, &system, kind)?;
        Ok::<_, StoreError>(Mark { kind, root_key_fits: true, key_store_fits: true })
    })
}

/// A key that was made a moment ago must not stay where the right one is missed.
fn wrong_key(file: &Path, is_new: bool) -> Trouble {
    let name = file.display();
    if is_new {
        let _stays = fs::remove_file(file).is_err();
        return Trouble::Refused(format!(
            "the root key {name} is missing, and the database was made with it; restore it from your safe copy"
        ));
    }
    Trouble::Refused(format!(
        "the root key {name} is not the one that the database was made with; restore the right one from your safe copy"
    ))
}

/// Makes a folder that only this user can look into, and those above it.
///
/// # Errors
/// When the operating system refuses.
pub(crate) fn private_folder(path: &Path) -> Result<(), Trouble> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(Trouble::io(format!("the folder {} cannot be made", path.display())))
}

fn strength(environment: &[(String, String)]) -> Strength {
    let quick = environment.iter().any(|(name, value)| name == QUICK_HASHES && !value.is_empty());
    if quick { Strength::Quick } else { Strength::Real }
}

fn test_clock(environment: &[(String, String)]) -> Option<PathBuf> {
    let given = environment.iter().find(|(name, value)| name == TEST_CLOCK && !value.is_empty());
    given.map(|(_, file)| PathBuf::from(file))
}

/// The short word for this installation in activation codes: the first label of its host name, 1 to 16 of `a` to `z`
/// and `0` to `9`. An address without a name has the name of the program.
fn instance(host: &str) -> String {
    let label = host.split('.').next().unwrap_or_default();
    let word: String = label.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    if host.parse::<std::net::IpAddr>().is_ok() || word.is_empty() { String::from("nahraum") } else { word }
}

#[cfg(test)]
mod tests;
