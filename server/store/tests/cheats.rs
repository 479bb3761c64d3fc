//! The cheats that must not compile. Each file tries one way round the permits; its `.stderr` says why it fails.
//!
//! What the compiler refuses here, no review has to find: that is the promise "nobody reads a finding without a permit
//! and a line in the log".
//!
//! The compiler is called with the libraries that this test itself was linked with. `trybuild` builds all that the crate
//! rests on once more in a folder of its own: three minutes and three gigabytes for fifteen small files.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

const HONEST: &str = "tests/cheats/honest.rs";

/// Where the libraries lie, and those that a file may name.
struct Libraries {
    folder: PathBuf,
    named: [(&'static str, PathBuf); 4],
}

#[test]
fn no_cheat_compiles() -> io::Result<()> {
    let libraries = libraries()?;
    let mut wrong = Vec::new();
    let mut cheats: Vec<PathBuf> = fs::read_dir("tests/cheats")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("honest.rs"))
        .collect();
    cheats.sort();
    assert!(cheats.len() >= 14, "the cheats are missing");
    for cheat in cheats {
        let golden = cheat.with_extension("stderr");
        match compile(&cheat, &libraries)? {
            Ok(()) => wrong.push(format!("{} compiles", cheat.display())),
            // It names something that is not there: it would fail however honest it was.
            Err(said) if said.contains("error[E0432]") || said.contains("error[E0433]") => wrong.push(said),
            Err(said) if std::env::var_os("UPDATE_GOLDEN").is_some() => fs::write(&golden, said)?,
            Err(said) if fs::read_to_string(&golden).is_ok_and(|expected| expected == said) => {}
            Err(said) => wrong.push(format!("{} fails for another reason:\n{said}", cheat.display())),
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE_GOLDEN=1 writes the reasons anew", wrong.join("\n"));
    Ok(())
}

/// The libraries of this build: the store that was built last, and the domain and the secrets that it was built with. The honest way
/// compiles with no others, so the cheats fail for their own reason and not for a missing import.
fn libraries() -> io::Result<Libraries> {
    let here = std::env::current_exe()?;
    let folder = here.parent().map(Path::to_owned).unwrap_or_default();
    let first = |name| newest(&folder, name)?.into_iter().next().ok_or_else(|| io::Error::other(name));
    let (store, json) = (first("nahraum_store")?, first("serde_json")?);
    let mut said = String::new();
    for domain in newest(&folder, "nahraum_domain")? {
        for secrets in newest(&folder, "nahraum_secrets")? {
            let named = [
                ("nahraum_store", store.clone()),
                ("nahraum_domain", domain.clone()),
                ("nahraum_secrets", secrets),
                ("serde_json", json.clone()),
            ];
            let libraries = Libraries { folder: folder.clone(), named };
            match compile(Path::new(HONEST), &libraries)? {
                Ok(()) => return Ok(libraries),
                Err(reason) => said = reason,
            }
        }
    }
    Err(io::Error::other(format!("the honest way does not compile:\n{said}")))
}

/// The libraries of a name, the newest first: builds with other features leave theirs there as well.
fn newest(folder: &Path, name: &str) -> io::Result<Vec<PathBuf>> {
    let start = format!("lib{name}-");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file.starts_with(&start) && file.ends_with(".rlib") {
            found.push((fs::metadata(&path)?.modified()?, path));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// What the compiler says of a file, a line for each error; nothing when it takes it.
fn compile(file: &Path, libraries: &Libraries) -> io::Result<Result<(), String>> {
    let folder = tempfile::tempdir()?;
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--error-format=short", "-Awarnings", "-o"])
        .arg(folder.path().join("cheat.rmeta"))
        .arg("-L")
        .arg(format!("dependency={}", libraries.folder.display()))
        .args(libraries.named.iter().map(|(name, path)| format!("--extern={name}={}", path.display())))
        .arg(file)
        .output()?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // How many there were says nothing that the lines before it do not say.
    let errors = said.lines().filter(|line| !line.starts_with("error: aborting"));
    Ok(Err(errors.map(|line| format!("{line}\n")).collect()))
}
