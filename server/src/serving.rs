//! The running server: the listener, the jobs beside it, and how all of it ends.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use nahraum_app::{App, Mailer, jobs::NoticeWords};
use nahraum_web::Proxies;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    audit,
    cli::ConfigArgs,
    config::{Config, Mode},
    jobs::Jobs,
    keys, logging,
    mail::SmtpMailer,
    tls,
    wiring::{House, Purpose, Trouble},
};

/// `nahraum serve`.
///
/// # Errors
/// Why it did not start, or did not end well.
pub(crate) fn serve(args: &ConfigArgs, environment: &[(String, String)]) -> Result<(), Trouble> {
    let config = args.load(environment.iter().cloned())?;
    config.check(Mode::Serve)?;
    logging::start(&config.log);
    let house = House::open(&config, environment, Purpose::Serve)?;
    // Before anybody can ask: a database that was restored from a backup may hold who was erased since.
    keys::replay_erasures(&house)?;
    let listener = listen(config.server.bind)?;
    let mailer: Option<Arc<dyn Mailer>> = match &config.mail {
        Some(mail) => Some(Arc::new(SmtpMailer::new(mail)?)),
        None => None,
    };
    run(&house, &config, listener, mailer, || Ok(()))
}

/// Opens the listener.
///
/// # Errors
/// When the port is taken or not allowed.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).map_err(Trouble::io(format!("cannot listen on {address}")))
}

/// Answers until a signal comes; `ready` is called once when it does. Without a mailer, notices wait in the outbox.
///
/// # Errors
/// Why it did not start, or did not end well.
pub(crate) fn run(
    house: &House,
    config: &Config,
    listener: TcpListener,
    mailer: Option<Arc<dyn Mailer>>,
    ready: impl FnOnce() -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let tls = config.tls.as_ref().map(tls::server_config).transpose()?;
    let address = listener.local_addr().map_err(Trouble::io("the listener has no address"))?;
    let size = tls::Listener { workers: config.server.workers, shutdown_timeout: config.server.shutdown_timeout };
    let app = house.app.clone();
    let (last_words, data_dir) = (app.clone(), config.storage.data_dir.clone());
    let words = NoticeWords { app_name: app.settings().app_name.clone(), link: app.settings().public_url.clone() };
    actix_web::rt::System::new().block_on(async move {
        let mut signals = Signals::new().map_err(Trouble::io("signals cannot be handled"))?;
        let jobs = Jobs::start(&app, &data_dir, mailer, words).map_err(Trouble::io("no thread for background jobs"))?;
        let proxies = Proxies::new(&config.server.trusted_proxies);
        let server = tls::serve(listener, tls, size, move || nahraum_web::build(app.clone(), proxies.clone()));
        let server = server.map_err(Trouble::io("the listener cannot be used"))?;
        let handle = server.handle();
        let mut running = actix_web::rt::spawn(server);
        tracing::info!(%address, public_url = %config.server.public_url, "ready");
        ready()?;
        tokio::select! {
            name = signals.next() => tracing::info!(signal = name, "stopping; a second signal ends it at once"),
            _ended = &mut running => return Err(Trouble::Failed(String::from("the listener stopped by itself"))),
        }
        tokio::select! {
            () = handle.stop(true) => {}
            name = second_signal() => {
                tracing::warn!(signal = name, "stopped with requests unanswered");
                return Err(Trouble::Failed(String::from("stopped by a second signal")));
            }
        }
        jobs.stop().await;
        let folder = data_dir.clone();
        match tokio::task::spawn_blocking(move || sign_off(&last_words, &folder)).await {
            Ok(Ok(())) => {}
            Ok(Err(trouble)) => tracing::error!(alarm = "access-log", %trouble, "the access log could not be signed"),
            Err(_) => tracing::error!(alarm = "access-log", "the access log could not be signed"),
        }
        tracing::info!("stopped");
        Ok(())
    })
}

/// The last answers are compared with the entries, and the end of the log is signed.
fn sign_off(app: &App, folder: &Path) -> Result<(), Trouble> {
    app.tend_log()?;
    audit::sign(app, folder).map(drop)
}

/// Waits for a signal that comes at least a second after the first. Shells and service managers often signal a process
/// and its group, so that one wish to stop arrives twice.
async fn second_signal() -> &'static str {
    tokio::time::sleep(Duration::from_secs(1)).await;
    match Signals::new() {
        Ok(mut signals) => signals.next().await,
        Err(_) => std::future::pending().await,
    }
}

/// The signals that end the server. `SIGPIPE` is ignored by Rust's runtime: a client that goes away is an error of one
/// connection.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one; its name.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
