//! `[secrets]`: the root key, and how much work password hashing may take.

use std::path::PathBuf;

use super::{key::Key, settings::Settings};

/// The file with the root key. Keep a copy away from the backups of the database: without it nothing can be read.
const ROOT_KEY_FILE: Key = Key::text("secrets.root_key_file", "the path of a file").or("<data_dir>/root.key");
/// Threads that hash passwords and PINs; each holds its own memory of some 20 MiB.
const HASHING_WORKERS: Key = Key::number("secrets.hashing_workers", "a whole number from 1 to 16").or("2");

pub(super) const KEYS: &[Key] = &[ROOT_KEY_FILE, HASHING_WORKERS];

/// The root key's place and the size of the hashing pool.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    /// The file with the root key.
    pub root_key_file: PathBuf,
    /// Threads that hash passwords and PINs.
    pub hashing_workers: usize,
}

pub(super) fn read(settings: &mut Settings) -> Option<Secrets> {
    let root_key_file = settings.text(&ROOT_KEY_FILE, |text| Some(PathBuf::from(text)));
    let hashing_workers = settings.number(&HASHING_WORKERS, 1..=16);
    Some(Secrets { root_key_file: root_key_file?, hashing_workers: hashing_workers? })
}
