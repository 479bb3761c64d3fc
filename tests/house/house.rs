//! The house under test: one engine, its shared server, and the people who use it.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    people::Practice,
    pg_cluster::Cluster,
    server::{Postgres, Server, Setup},
};

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// One engine with a server that most tests share; those that kill, move time or read mail have their own.
pub(crate) struct House {
    pub(crate) engine: Engine,
    cluster: Option<Arc<Cluster>>,
    template: OnceLock<Arc<Server>>,
    shared: OnceLock<Arc<Server>>,
    practice: OnceLock<Practice>,
}

impl House {
    pub(crate) fn new(engine: Engine, cluster: Option<Arc<Cluster>>) -> Self {
        Self { engine, cluster, template: OnceLock::new(), shared: OnceLock::new(), practice: OnceLock::new() }
    }

    /// The shared server.
    pub(crate) fn server(&self) -> &Arc<Server> {
        let fingerprint = ["AB"; 32].join(":");
        let more = format!(
            "[push]\nenabled = true\ncontact = \"https://example.org\"\n\
             [about]\nimprint_url = \"https://example.org/impressum\"\nsupport_url = \"tel:+4940123456\"\n\
             security_contacts = [\"mailto:sicherheit@example.org\", \"https://example.org/melden\"]\n\
             security_expires = \"2099-06-30\"\n\
             [apps]\nandroid = [\"org.example.app={fingerprint}\"]\nios = [\"ABCDE12345.org.example.app\"]\n\
             android_min_version = \"2.0\"\nandroid_latest_version = \"2.3\"\nandroid_min_os = \"12\"\n\
             android_store_url = \"https://shop.example.org/nahraum\"\nios_min_version = \"3.0\"\n\
             ios_latest_version = \"3.0\"\nios_min_version_from = \"2099-01-01\"\n"
        );
        self.shared.get_or_init(|| self.own_server(Setup { more, ..Setup::default() }))
    }

    /// A practice on the shared server. Its lists hold what other tests do, too.
    pub(crate) fn practice(&self) -> Practice {
        self.practice.get_or_init(|| self.own_practice()).clone()
    }

    /// A practice of the test's own on the shared server.
    pub(crate) fn own_practice(&self) -> Practice {
        Practice::add(self.server())
    }

    /// A server of the test's own.
    pub(crate) fn own_server(&self, setup: Setup) -> Arc<Server> {
        let template = self.template();
        let Some(postgres) = template.postgres() else {
            return Server::start(Setup { template: Some(Arc::clone(template)), ..setup });
        };
        let cluster = Arc::clone(&postgres.cluster);
        let (main, keys) = (cluster.copy_database(&postgres.main), cluster.copy_database(&postgres.keys));
        Server::start(Setup { postgres: Some(Postgres { cluster, main, keys }), ..setup })
    }

    /// Databases with every migration, done once: on PostgreSQL they are most of what a first start takes.
    fn template(&self) -> &Arc<Server> {
        self.template.get_or_init(|| {
            let postgres = match self.engine {
                Engine::Sqlite => None,
                Engine::Postgres => {
                    let cluster = Arc::clone(self.cluster.as_ref().expect("a cluster"));
                    let (main, keys) = (cluster.create_database(), cluster.create_database());
                    Some(Postgres { cluster, main, keys })
                }
            };
            Server::migrated(Setup { postgres, ..Setup::default() })
        })
    }

    /// The shared server, if any test has used it.
    pub(crate) fn shared(&self) -> Option<&Arc<Server>> {
        self.shared.get()
    }
}

/// Waits for what comes by itself a moment later.
pub(crate) fn eventually(what: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(15);
    while !what() {
        assert!(Instant::now() < patience, "it does not come");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A number that no other test has.
pub(crate) fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
