//! Files that are whole or not there, also after a power cut, and moves that never write over anything.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What a file is called while it is written.
pub(crate) const UNFINISHED: &str = "tmp";

/// Makes a folder that only its owner can read, where the system knows such a thing; those that are there stay as they are.
///
/// # Errors
/// The disk's.
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// What opens files that only their owner can read. On Windows the folder of the user says who that is.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a private file in one step: whoever looks sees the old one or the new one. When this returns, the bytes are on the
/// disk.
///
/// # Errors
/// The disk's.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(private_file(), path, bytes)
}

/// The same for those who can read what else is in the folder.
///
/// # Errors
/// The disk's.
pub(crate) fn write_for_people(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(OpenOptions::new(), path, bytes)
}

fn write_with(mut options: OpenOptions, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".");
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let mut file = options.write(true).create(true).truncate(true).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, path)?;
    sync_parent(path)
}

/// Makes the names in the folder of this file last. Windows has no such call, and its file systems need none; some network
/// drives refuse it, and what stands on them is never the only proof of anything.
///
/// # Errors
/// The disk's.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let done = match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        Some(_) | None => Ok(()),
    };
    done.or_else(|error| {
        let refused = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported);
        if refused { Ok(()) } else { Err(error) }
    })
}

/// The name in this folder that nothing has yet: that of the file, or with a number: `befund (2).pdf`. One process works in
/// a folder, so nobody takes it in between.
///
/// # Errors
/// The disk's, or when ten thousand files are called alike.
pub(crate) fn free_name(folder: &Path, file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let (stem, extension) = (file.file_stem().unwrap_or(name), file.extension());
    for number in 1..10_000_u32 {
        let mut numbered = OsString::from(if number == 1 { name } else { stem });
        if number > 1 {
            numbered.push(format!(" ({number})"));
            if let Some(extension) = extension {
                numbered.push(".");
                numbered.push(extension);
            }
        }
        let path = folder.join(numbered);
        if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(path);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Moves a file into a folder of the same disk, which is made if need be, and tells where it is now.
///
/// # Errors
/// The disk's.
pub(crate) fn move_into(folder: &Path, file: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let to = free_name(folder, file)?;
    fs::rename(file, &to)?;
    sync_parent(&to)?;
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_never_writes_over_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("archiv");
        for content in ["one", "two", "three"] {
            let file = folder.path().join("befund.v1.pdf");
            fs::write(&file, content).unwrap();
            move_into(&archive, &file).unwrap();
        }
        let read = |name: &str| fs::read_to_string(archive.join(name)).unwrap();
        assert_eq!(read("befund.v1.pdf"), "one");
        assert_eq!(read("befund.v1 (2).pdf"), "two");
        assert_eq!(read("befund.v1 (3).pdf"), "three");
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_what_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("data");
        private_folder(&inner).unwrap();
        write(&inner.join("key"), b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&inner.join("key"))), (0o700, 0o600));
        assert!(!inner.join("key.tmp").exists());
    }
}
