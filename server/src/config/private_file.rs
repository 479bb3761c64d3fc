//! Files that hold secrets: read only when nobody else on the machine can read them (SR-K05).

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Keys, passwords and certificates are small; a larger file is the wrong file.
const LARGEST: u64 = 256 * 1024;

/// Why a file with a secret was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivateFileError {
    /// The file is missing or cannot be read by the user the server runs as.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Others on the machine can read the file.
    #[error("{} holds a secret but others can read it (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is longer than any key, password or configuration.
    #[error("{} is larger than 256 KiB and cannot be what it should be", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file that holds a secret.
///
/// The file must be closed to group and others (0600 or less). A file that belongs to root may be readable by its
/// group (0640 or less): that is how system packages and systemd credentials hand secrets to an unprivileged user,
/// and PostgreSQL has the same rule for its private key.
///
/// # Errors
/// When the file cannot be read, is open to others or is larger than 256 KiB.
pub(crate) fn read_private_file(path: &Path) -> Result<Vec<u8>, PrivateFileError> {
    read(path, true)
}

/// Reads a file whether or not others can read it, and refuses the same sizes.
pub(crate) fn read_public_file(path: &Path) -> Result<Vec<u8>, PrivateFileError> {
    read(path, false)
}

fn read(path: &Path, private: bool) -> Result<Vec<u8>, PrivateFileError> {
    let unreadable = |cause| PrivateFileError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    // The mode is asked from the open file, so that nobody can exchange the file between the question and the reading.
    let facts = file.metadata().map_err(unreadable)?;
    let mode = facts.mode() & 0o7777;
    let tolerated = if facts.uid() == 0 { 0o740 } else { 0o700 };
    if private && mode & 0o777 & !tolerated != 0 {
        return Err(PrivateFileError::Open { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST) {
        Ok(bytes)
    } else {
        Err(PrivateFileError::TooLarge { path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn only_a_closed_file_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, "secret").unwrap();
        for (mode, read) in [(0o600, true), (0o400, true), (0o644, false), (0o604, false), (0o660, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_private_file(&path).is_ok(), read, "{mode:o}");
        }
        let refusal = read_private_file(&path).unwrap_err().to_string();
        assert!(refusal.contains("mode 0660") && refusal.contains("chmod 600"), "{refusal}");
    }

    #[test]
    fn a_missing_or_huge_file_is_refused_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let missing = read_public_file(&dir.path().join("nothing")).unwrap_err().to_string();
        assert!(missing.contains("nothing cannot be read"), "{missing}");
        let huge = dir.path().join("huge");
        fs::write(&huge, vec![0; 256 * 1024 + 1]).unwrap();
        assert!(matches!(read_public_file(&huge), Err(PrivateFileError::TooLarge { .. })));
    }
}
