//! The running server: the listener, the jobs beside it, and how all of it ends.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    dev::{Server, ServerHandle},
    rt::{System, SystemRunner},
};
use nahraum_app::{App, Mailer, Pusher, jobs::NoticeWords};
use nahraum_domain::network::IpRange;
use nahraum_web::Proxies;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
};

use crate::{
    audit,
    cli::ConfigArgs,
    config::{Config, Mode},
    jobs::{Jobs, WaysOut},
    keys, logging,
    mail::SmtpMailer,
    push::WebPusher,
    tls::{self, Served},
    wiring::{House, Purpose, Trouble},
};

/// `nahraum serve`.
///
/// # Errors
/// Why it did not start, or did not end well.
pub(crate) fn serve(args: &ConfigArgs, environment: &[(String, String)]) -> Result<(), Trouble> {
    let runtime = Runtime::start()?;
    let config = args.load(environment.iter().cloned())?;
    config.check(Mode::Serve)?;
    logging::start(&config.log);
    let house = House::open(&config, environment, Purpose::Serve)?;
    for warning in config.warnings(house.app.clock().now()) {
        tracing::warn!(alarm = "configuration", warning);
    }
    // Before anybody can ask: a database that was restored from a backup may hold who was erased since.
    keys::replay_erasures(&house)?;
    let listener = listen(config.server.bind)?;
    let mailer: Option<Arc<dyn Mailer>> = match &config.mail {
        Some(mail) => Some(Arc::new(SmtpMailer::new(mail)?)),
        None => None,
    };
    run(runtime, &house, &config, listener, mailer, || Ok(()))
}

fn pusher(config: &Config, app: &App) -> Result<Option<Arc<dyn Pusher>>, Trouble> {
    let Some(push) = &config.push else { return Ok(None) };
    Ok(Some(Arc::new(WebPusher::new(push, app)?)))
}

/// What the server runs on. It hears SIGHUP from the first moment: whoever renews a certificate signals what runs, and a
/// signal that nobody hears would end a server that is still opening its database.
pub(crate) struct Runtime {
    system: SystemRunner,
    hang_up: Signal,
}

impl Runtime {
    /// Goes before everything that takes time.
    ///
    /// # Errors
    /// When the operating system lets no signal be heard.
    pub(crate) fn start() -> Result<Self, Trouble> {
        let system = System::new();
        let hang_up = system.block_on(async { signal(SignalKind::hangup()) });
        Ok(Self { hang_up: hang_up.map_err(Trouble::io("signals cannot be handled"))?, system })
    }
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
    runtime: Runtime,
    house: &House,
    config: &Config,
    listener: TcpListener,
    mailer: Option<Arc<dyn Mailer>>,
    ready: impl FnOnce() -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let served = config.tls.as_ref().map(Served::load).transpose()?;
    let out = WaysOut { mailer, pusher: pusher(config, &house.app)? };
    let mutual = config.mtls.as_ref().map(|mtls| listen(mtls.bind)).transpose()?;
    let address = listener.local_addr().map_err(Trouble::io("the listener has no address"))?;
    let app = house.app.clone();
    let (last_words, data_dir) = (app.clone(), config.storage.data_dir.clone());
    let words = NoticeWords { app_name: app.settings().app_name.clone(), link: app.settings().public_url.clone() };
    let listeners = Listeners { main: listener, mutual, served: served.clone() };
    let Runtime { system, hang_up } = runtime;
    system.block_on(async move {
        let mut signals = Signals::new(hang_up).map_err(Trouble::io("signals cannot be handled"))?;
        let jobs = Jobs::start(&app, &data_dir, served.clone(), out, words);
        let jobs = jobs.map_err(Trouble::io("no thread for background jobs"))?;
        let mut running = Running::start(listeners, config, &app)?;
        tracing::info!(%address, public_url = %config.server.public_url, "ready");
        ready()?;
        let reload = || match &served {
            Some(served) => served.reload(app.clock().now()),
            None => tracing::info!("SIGHUP reads the certificate anew, and this server has none"),
        };
        tokio::select! {
            name = signals.end(reload) => tracing::info!(signal = name, "stopping; a second signal ends it at once"),
            () = running.ended() => return Err(Trouble::Failed(String::from("a listener stopped by itself"))),
        }
        tokio::select! {
            () = running.stop() => {}
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

/// The open listeners, and what they show.
struct Listeners {
    main: TcpListener,
    /// That for software with certificates.
    mutual: Option<TcpListener>,
    served: Option<Arc<Served>>,
}

/// The servers on the listeners: one, or two.
struct Running {
    handles: Vec<ServerHandle>,
    servers: Vec<JoinHandle<std::io::Result<()>>>,
}

impl Running {
    fn start(listeners: Listeners, config: &Config, app: &App) -> Result<Self, Trouble> {
        let size = tls::Listener { workers: config.server.workers, shutdown_timeout: config.server.shutdown_timeout };
        let Listeners { main, mutual, served } = listeners;
        let start = |listener, tls, proxies: &[IpRange]| {
            let (app, proxies) = (app.clone(), Proxies::new(proxies));
            let server = tls::serve(listener, tls, size, move || nahraum_web::build(app.clone(), proxies.clone()));
            server.map_err(Trouble::io("the listener cannot be used"))
        };
        let mut running = Self { handles: Vec::new(), servers: Vec::new() };
        let tls = served.as_ref().map(tls::server_config).transpose()?;
        running.add(start(main, tls, &config.server.trusted_proxies)?);
        if let (Some(listener), Some(served)) = (mutual, &served) {
            // TLS ends here, so that no proxy can have written a header.
            running.add(start(listener, Some(tls::mutual_config(served, app)?), &[])?);
        }
        Ok(running)
    }

    fn add(&mut self, server: Server) {
        self.handles.push(server.handle());
        self.servers.push(actix_web::rt::spawn(server));
    }

    /// Waits until one of them stops by itself, which none should.
    async fn ended(&mut self) {
        let mut servers = self.servers.iter_mut();
        match (servers.next(), servers.next()) {
            (Some(one), Some(other)) => tokio::select! { _ = one => {}, _ = other => {} },
            (Some(one), None) => drop(one.await),
            (None, _) => {}
        }
    }

    /// Lets running requests finish, on both at once.
    async fn stop(&self) {
        let stopping: Vec<_> = self.handles.iter().map(|handle| handle.stop(true)).collect();
        for one in stopping {
            one.await;
        }
    }
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
    match signal(SignalKind::hangup()).and_then(Signals::new) {
        Ok(mut signals) => signals.end(|| {}).await,
        Err(_) => std::future::pending().await,
    }
}

/// The signals that end the server, and the one that does not. `SIGPIPE` is ignored by Rust's runtime: a client that goes away is an error of one
/// connection.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new(hang_up: Signal) -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())?, hang_up })
    }

    /// Waits for one that ends the server; its name. Does `reload` for each SIGHUP meanwhile.
    async fn end(&mut self, reload: impl Fn()) -> &'static str {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return "SIGTERM",
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.hang_up.recv() => reload(),
            }
        }
    }
}
