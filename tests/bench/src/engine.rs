//! The databases a measurement runs on.

use std::{fs, path::Path};

use crate::{Engines, pg_cluster::Cluster, say};

/// One engine. PostgreSQL comes with its throw-away server.
pub(crate) enum Engine {
    Sqlite,
    Postgres(Cluster),
}

impl Engine {
    /// The engines that were asked for, as far as they are there.
    pub(crate) fn all(wanted: Engines) -> Vec<Self> {
        let sqlite = (wanted != Engines::Postgres).then_some(Self::Sqlite);
        let postgres = if wanted == Engines::Sqlite { None } else { Cluster::start() };
        if wanted != Engines::Sqlite && postgres.is_none() {
            say("no PostgreSQL that can be started: left out");
        }
        sqlite.into_iter().chain(postgres.map(Self::Postgres)).collect()
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The URL of an empty database.
    pub(crate) fn new_database(&self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("nahraum.db").display()),
            Self::Postgres(cluster) => cluster.create_database(),
        }
    }

    /// The configuration of the key store: on PostgreSQL a database beside the main one, else the file it is by itself.
    pub(crate) fn key_store(&self) -> String {
        match self {
            Self::Sqlite => String::new(),
            Self::Postgres(cluster) => format!("[keys]\ndatabase_url = \"{}\"\n", cluster.create_database()),
        }
    }

    /// The process of the database server, if there is one and it is ours.
    pub(crate) fn server_pid(&self) -> Option<u32> {
        match self {
            Self::Sqlite => None,
            Self::Postgres(cluster) => {
                let file = fs::read_to_string(cluster.socket_folder()?.join("data/postmaster.pid")).ok()?;
                file.lines().next()?.trim().parse().ok()
            }
        }
    }
}
