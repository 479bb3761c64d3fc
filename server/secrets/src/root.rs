//! The root secret of an installation and the keys derived from it.
//!
//! Thirty-two random bytes in a file of their own, never in the database and never in a backup of it: who has only one
//! of the two can neither guess PINs nor find a birth date. Everything else is derived with HKDF-SHA-256 (RFC 5869)
//! under one label for each purpose (SR-K02: one key, one purpose).
//!
//! The file holds one line, `nahraum-root-1:` and 43 characters of base64url. File modes are those of Unix systems.

use std::{
    fmt, fs, io,
    io::{Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    BirthDateKey, CursorKey, ErasureKey, LookupKey, NonceKey, PracticeCa, PushKey, Random, SigningKey, WrappingKey,
    purpose::Purpose, random_bytes,
};

const PREFIX: &str = "nahraum-root-1:";

/// Everybody but the owner, and executing, which makes no sense for a secret.
const FORBIDDEN_MODE: u32 = 0o177;

/// Thirty-two secret bytes.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// The secret all keys of an installation come from.
pub struct RootSecret(KeyBytes);

/// The keys of an installation, each for one purpose.
#[derive(Debug)]
pub struct Keys {
    /// For the [`Hasher`](crate::Hasher).
    pub pepper: Pepper,
    /// For birth dates on invitations.
    pub birth_dates: BirthDateKey,
    /// For paging cursors.
    pub cursors: CursorKey,
    /// For values that are looked up and not to be read in the database.
    pub lookups: LookupKey,
    /// For the nonces that DPoP proofs carry.
    pub nonces: NonceKey,
    /// Signs what the server says about its access log.
    pub checkpoints: SigningKey,
    /// For the keys that encrypt keys.
    pub wrapping: WrappingKey,
    /// For the ledger of the erased.
    pub erasures: ErasureKey,
    /// For the certificates of practices' software.
    pub practice_ca: PracticeCa,
    /// Signs who sends a push.
    pub push: PushKey,
}

/// The key without which a stored PIN, code or password hash is worthless (NIST SP 800-63B, 5.1.1.2: keyed hashing).
pub struct Pepper(KeyBytes);

/// Why there is no root secret.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The file can be read by others, or executed.
    #[error(
        "the root secret {} has mode {mode:04o}, but only its owner may read it; mend it with: chmod 600 {}",
        path.display(), path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The path names a folder, a device or the like.
    #[error("the root secret {} is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The content is something else.
    #[error("the file {} does not hold a root secret; restore it from your safe copy, a new one cannot replace it", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses to read or write it.
    #[error("the root secret {} cannot be {action}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// "read" or "written".
        action: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl RootSecret {
    /// Reads the root secret, or makes one when there is no file yet.
    ///
    /// # Errors
    /// [`RootError`]; an existing file that cannot be used is never replaced.
    pub fn load_or_create(path: &Path, random: &dyn Random) -> Result<Self, RootError> {
        match Self::load(path) {
            Err(RootError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            done => return done,
        }
        match Self::create(path, random) {
            // another process was faster: its secret is the one
            Err(RootError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Self::load(path),
            done => done,
        }
    }

    /// Reads the root secret from a file of mode 0600 or stricter.
    ///
    /// # Errors
    /// [`RootError`], see there.
    pub fn load(path: &Path) -> Result<Self, RootError> {
        let io = |source| RootError::Io { path: path.to_owned(), action: "read", source };
        let mut file = fs::File::open(path).map_err(io)?;
        // asked of the open file, so that nobody can swap it between the question and the reading
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(RootError::NotAFile { path: path.to_owned() });
        }
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & FORBIDDEN_MODE != 0 {
            return Err(RootError::TooOpen { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::with_capacity(256));
        match (&mut file).take(256).read_to_string(&mut text) {
            Ok(_) => parse(&text).ok_or_else(|| RootError::Malformed { path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(RootError::Malformed { path: path.to_owned() })
            }
            Err(error) => Err(io(error)),
        }
    }

    /// Makes a new root secret and its file, mode 0600, on disk before this returns.
    ///
    /// A crash leaves either no file of this name or a whole one: the content is written under another name first.
    ///
    /// # Errors
    /// [`RootError::Io`]; with [`io::ErrorKind::AlreadyExists`] when there is a file already, which stays as it is.
    pub fn create(path: &Path, random: &dyn Random) -> Result<Self, RootError> {
        let secret = Self::from_random(random);
        let suffix = URL_SAFE_NO_PAD.encode(random_bytes::<9>(random));
        let mut new_name = path.file_name().unwrap_or_default().to_owned();
        new_name.push(format!(".new-{suffix}"));
        let new_path = path.with_file_name(new_name);
        let written = secret.write_new(&new_path).and_then(|()| fs::hard_link(&new_path, path));
        // the name it was written under is of no use any more, whether that went well or not
        let removed = fs::remove_file(&new_path);
        written.and(removed).and_then(|()| sync_folder_of(path)).map_err(|source| RootError::Io {
            path: path.to_owned(),
            action: "written",
            source,
        })?;
        Ok(secret)
    }

    /// A root secret that lives in memory only: for the demo and for tests. What it protects is lost with the process.
    #[must_use]
    pub fn from_random(random: &dyn Random) -> Self {
        let mut bytes = KeyBytes::default();
        random.fill(&mut *bytes);
        Self(bytes)
    }

    /// Derives all keys.
    #[must_use]
    pub fn keys(&self) -> Keys {
        Keys {
            pepper: Pepper(self.derive(Purpose::Pepper)),
            birth_dates: BirthDateKey::new(self.derive(Purpose::BirthDates)),
            cursors: CursorKey::new(self.derive(Purpose::Cursors)),
            lookups: LookupKey::new(self.derive(Purpose::Lookups)),
            nonces: NonceKey::new(self.derive(Purpose::Nonces)),
            checkpoints: SigningKey::from_seed(&self.derive(Purpose::Checkpoints)),
            wrapping: WrappingKey::new(self.derive(Purpose::Wrapping)),
            erasures: ErasureKey::new(self.derive(Purpose::Erasures)),
            practice_ca: PracticeCa::from_seed(&self.derive(Purpose::PracticeCa)),
            push: PushKey::from_seed(&self.derive(Purpose::Push)),
        }
    }

    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes, and 32 are asked for")]
    fn derive(&self, purpose: Purpose) -> KeyBytes {
        let mut key = KeyBytes::default();
        Hkdf::<Sha256>::new(None, &*self.0).expand(purpose.label().as_bytes(), &mut *key).expect("32 bytes");
        key
    }

    fn write_new(&self, path: &Path) -> io::Result<()> {
        let text = Zeroizing::new(format!("{PREFIX}{}\n", *Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.0))));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }
}

impl Pepper {
    pub(crate) fn bytes(&self) -> &[u8] {
        &*self.0
    }
}

impl fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

fn parse(text: &str) -> Option<RootSecret> {
    let encoded = text.strip_prefix(PREFIX)?.trim_ascii_end();
    let mut secret = RootSecret(KeyBytes::default());
    // the engine wants room for its rounded-up estimate
    let mut room = Zeroizing::new([0; 48]);
    let length = URL_SAFE_NO_PAD.decode_slice(encoded, &mut *room).ok()?;
    (length == secret.0.len()).then(|| {
        for (byte, read) in secret.0.iter_mut().zip(room.iter()) {
            *byte = *read;
        }
        secret
    })
}

/// Makes the new name in a folder durable.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "texts of known ASCII characters are cut")]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;
    use crate::{OsRandom, SeededRandom};

    fn write(path: &Path, text: &[u8], mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn sr_k02_labels_and_the_keys_they_give_are_unique() {
        let root = RootSecret::from_random(&SeededRandom::new(1));
        let all = Purpose::ALL;
        let labels: HashSet<_> = all.iter().map(|purpose| purpose.label()).collect();
        let keys: HashSet<_> = all.iter().map(|purpose| *root.derive(*purpose)).collect();
        assert_eq!((labels.len(), keys.len()), (all.len(), all.len()));
        assert!(!keys.contains(&*root.0));
    }

    /// The labels are part of every stored hash: a change of one line here locks everybody out.
    #[test]
    fn derivation_is_pinned() {
        let root = RootSecret(KeyBytes::new([0; 32]));
        let hex: String = root.keys().pepper.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        // HKDF by hand: PRK = HMAC(32 zeros, 32 zeros), T(1) = HMAC(PRK, label || 0x01)
        let prk = crate::keyed::hmac(&KeyBytes::new([0; 32]), &[&[0; 32]]);
        let okm = crate::keyed::hmac(&KeyBytes::new(prk), &[b"nahraum/1/pepper", &[1]]);
        let expected: String = okm.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }

    #[test]
    fn a_created_secret_is_private_and_loads_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root-secret");
        let made = RootSecret::load_or_create(&path, &OsRandom).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap().len(), PREFIX.len() + 44);
        let loaded = RootSecret::load_or_create(&path, &OsRandom).unwrap();
        assert_eq!(*made.0, *loaded.0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        assert_eq!(format!("{made:?} {:?}", made.keys().pepper), "••• •••");
    }

    #[test]
    fn an_existing_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root-secret");
        write(&path, b"something else", 0o600);
        assert!(matches!(RootSecret::load_or_create(&path, &OsRandom), Err(RootError::Malformed { .. })));
        assert!(matches!(RootSecret::create(&path, &OsRandom), Err(RootError::Io { action: "written", .. })));
        assert_eq!(fs::read(&path).unwrap(), b"something else");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// SR-K05
    #[test]
    fn sr_k05_wider_modes_are_refused_with_the_command_that_mends_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root-secret");
        RootSecret::create(&path, &OsRandom).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o660, 0o610, 0o602, 0o700, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = RootSecret::load_or_create(&path, &OsRandom).unwrap_err().to_string();
            assert!(error.contains(&format!("has mode {mode:04o}")), "{error}");
            assert!(error.ends_with(&format!("chmod 600 {}", path.display())), "{error}");
        }
        for mode in [0o600, 0o400] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            RootSecret::load(&path).unwrap();
        }
    }

    #[test]
    fn broken_files_and_folders_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root-secret");
        let good = format!("{PREFIX}{}", "A".repeat(43));
        for text in ["", "\n", &good[..57], &format!("{good}A"), &good.replace('A', "="), &good[15..]] {
            write(&path, text.as_bytes(), 0o600);
            assert!(matches!(RootSecret::load(&path), Err(RootError::Malformed { .. })), "{text}");
        }
        write(&path, b"nahraum-root-1:\xff\xfe", 0o600);
        assert!(matches!(RootSecret::load(&path), Err(RootError::Malformed { .. })));
        write(&path, &[b'A'; 100_000], 0o600);
        assert!(matches!(RootSecret::load(&path), Err(RootError::Malformed { .. })));
        assert!(matches!(RootSecret::load(folder.path()), Err(RootError::NotAFile { .. })));
        assert!(matches!(RootSecret::load(&folder.path().join("none")), Err(RootError::Io { action: "read", .. })));
        write(&path, format!("{good}\r\n").as_bytes(), 0o600);
        assert_eq!(*RootSecret::load(&path).unwrap().0, [0; 32]);
    }

    #[test]
    fn processes_that_race_at_first_start_agree() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root-secret");
        let secrets: HashSet<[u8; 32]> = thread::scope(|scope| {
            let start = || *RootSecret::load_or_create(&path, &OsRandom).unwrap().0;
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(secrets.len(), 1);
    }
}
