//! The demo: a district of invented people, made once, on this machine only, and a page that says how to look around.

mod district;
mod logins;
mod offers;
mod screen;
mod seed;
mod seed_error;

use std::{
    fs, io,
    io::{IsTerminal, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use lettre::{Address, message::Mailbox};
use nahraum_store::{System, installation};

pub(crate) use self::seed_error::SeedError;
use crate::{
    cli::DemoArgs,
    config::{Config, Mode},
    logging,
    mail::FolderMailer,
    operator::say,
    serving,
    wiring::{House, Purpose, Trouble, private_folder},
};

/// Where the demo's data lies unless another folder is named.
const FOLDER: &str = "nahraum-demo";

/// The quarter and its parts. The keys are the demo's own.
const AREAS: &[u8] = include_bytes!("district/areas.csv");

/// Everything that a demo puts into its folder.
const FILES: [&str; 4] = ["nahraum.db", "nahraum.db-wal", "nahraum.db-shm", "root.key"];
const FOLDERS: [&str; 3] = ["spool", "mail", "keys"];

/// `nahraum demo`, and `nahraum` without a command.
///
/// # Errors
/// Why it did not start, or did not end well.
pub(crate) fn run(mut args: DemoArgs, environment: &[(String, String)]) -> Result<(), Trouble> {
    if !args.bind.is_loopback() {
        return Err(Trouble::Refused(format!(
            "the demo has passwords that everyone knows, so it listens on this machine only, and {} is more than this \
             machine; `nahraum serve` is made for others to reach",
            args.bind
        )));
    }
    let runtime = serving::Runtime::start()?;
    let folder = args.data_dir.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
    let (listener, address) = listen(&args)?;
    args.port = address.port();
    let config = Config::load(None, [], args.overrides(&folder))?;
    config.check(Mode::Demo)?;
    logging::start(&config.log);
    let house = open(&config, environment, &folder, args.fresh)?;
    let mail = folder.join("mail");
    private_folder(&mail)?;
    let mailer = FolderMailer::new(mail.clone(), Mailbox::new(Some(String::from("Nahraum")), sender()?));
    let page = screen::page(&screen::Place { url: config.server.public_url.as_str(), folder: &folder, mail: &mail });
    serving::run(runtime, &house, &config, listener, Some(Arc::new(mailer)), || say(&page))
}

/// The demo's database with everyone in it.
fn open(config: &Config, environment: &[(String, String)], folder: &Path, fresh: bool) -> Result<House, Trouble> {
    let mut house = House::open(config, environment, Purpose::Demo)?;
    let is_complete = house.ground.store.write_blocking(house.moment(), installation::is_seeded)?;
    let is_empty = house.app.operator_organisations()?.is_empty();
    if is_complete && !fresh {
        return Ok(house);
    }
    if !is_empty {
        // Begun and not finished, or to be made anew. Only what opened as a demo gets here.
        drop(house);
        clear(folder)?;
        house = House::open(config, environment, Purpose::Demo)?;
    }
    say(&format!("Making the district {} with three years of findings, once …", district::DISTRICT.quarter))?;
    let loaded = house.app.operator_load_areas(AREAS, true).map_err(seed_error::at("load the areas"))?;
    loaded.map_err(|_| SeedError::Missing("areas in order"))?;
    let count = seed::seed(&house, progress)?;
    let system = System::because("the demo notes that its people are complete");
    let moment = house.moment();
    house.ground.store.write_blocking(moment, |tx| installation::set_seeded(tx, &system))?;
    say(&format!("{count} uploads, made in {}.", folder.display()))?;
    Ok(house)
}

/// Shows on a terminal how far it is; elsewhere a line that changes would only be noise.
fn progress(done: usize, all: usize) {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        let end = if done == all { "\r\x1b[K" } else { "" };
        let _unseen = write!(out, "\r{done} of {all}{end}").and_then(|()| out.flush()).is_err();
    }
}

/// Takes away what a demo has put into its folder, and nothing else that may lie there.
fn clear(folder: &Path) -> Result<(), Trouble> {
    let files = FILES.iter().map(|name| fs::remove_file(folder.join(name)));
    let folders = FOLDERS.iter().map(|name| fs::remove_dir_all(folder.join(name)));
    for removed in files.chain(folders) {
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Trouble::Io {
                    what: format!("the earlier demo in {} cannot be removed", folder.display()),
                    cause: error,
                });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// The listener at the wanted port, or at a free one when another program has it.
fn listen(args: &DemoArgs) -> Result<(TcpListener, SocketAddr), Trouble> {
    let wanted = SocketAddr::new(args.bind, args.port);
    let listener = match TcpListener::bind(wanted) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            say(&format!("Port {} is taken, so the demo takes a free one.", args.port))?;
            serving::listen(SocketAddr::new(args.bind, 0))?
        }
        Err(cause) => return Err(Trouble::Io { what: format!("cannot listen on {wanted}"), cause }),
        Ok(listener) => listener,
    };
    let address = listener.local_addr().map_err(Trouble::io("the listener has no address"))?;
    Ok((listener, address))
}

/// Who the demo's mails are from. The domain is reserved for examples (RFC 2606).
fn sender() -> Result<Address, Trouble> {
    Address::new("bescheid", "lerchenbrook.example")
        .map_err(|error| Trouble::Failed(format!("the sender of the demo's mails is wrong: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_demos_own_files_are_cleared() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["nahraum.db", "root.key", "holiday.jpg"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        fs::create_dir(dir.path().join("mail")).unwrap();
        clear(dir.path()).unwrap();
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["holiday.jpg"]);
    }

    #[test]
    fn a_taken_port_is_replaced_by_a_free_one() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let args = DemoArgs { port: taken.local_addr().unwrap().port(), ..DemoArgs::default() };
        let (_listener, address) = listen(&args).unwrap();
        assert!(address.ip().is_loopback());
        assert_ne!(address.port(), args.port);
    }

    #[test]
    fn the_demo_is_never_for_others() {
        let args = DemoArgs { bind: "0.0.0.0".parse().unwrap(), ..DemoArgs::default() };
        let trouble = run(args, &[]).unwrap_err();
        assert_eq!(trouble.exit(), crate::cli::Exit::Refused);
        assert!(trouble.to_string().contains("this machine only"), "{trouble}");
    }
}
