//! `pair`: a person of the practice lets this program in by the code that it shows (RFC 8628).

use std::{fs, io, io::Write, path::PathBuf, thread, time::Duration};

use serde::Deserialize;

use crate::{
    access::{Access, NoAccess},
    address::{Address, BadAddress},
    clock::Clock,
    key::{BadKey, SigningKey},
    oauth::{Granted, NotNow, OAuth, UNPAIRED},
    places::Places,
    random::Random,
    wire::{NoAnswer, NoCertificate, Wire},
};

const DEVICE_PATH: &str = "/oauth/device_authorization";
/// RFC 8628, 3.4
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// RFC 8628, 3.5: so much longer between two questions after `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Wish {
    /// The server.
    pub(crate) server: String,
    /// How the program calls itself.
    pub(crate) name: String,
    /// Certificates to trust in place of the machine's (PEM).
    pub(crate) trusted: Option<PathBuf>,
    /// Even if it is connected already.
    pub(crate) again: bool,
}

/// Why the program was not let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPaired {
    /// It is already.
    #[error("Dieses Programm ist schon verbunden. Neu verbinden: dieselbe Zeile mit --again.")]
    Already,
    /// `watch` runs.
    #[error("Dieses Programm läuft mit diesem Datenordner schon. Bitte erst beenden.")]
    Running,
    /// The address.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// The certificates.
    #[error(transparent)]
    Certificate(#[from] NoCertificate),
    /// The way.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// Another server, or something in between.
    #[error("Der Server nennt sich {0}. Bitte genau diese Adresse bei --server angeben.")]
    OtherName(String),
    /// Something in between has put another key in place of ours.
    #[error(
        "Der Server hat einen anderen Schlüssel bekommen, als dieses Programm gesendet hat. Bitte die Netzwerkbetreuung fragen."
    )]
    OtherKey,
    /// The server does not take the wish.
    #[error("Der Server nimmt die Anfrage nicht an. Der Name hat 1 bis 80 Zeichen; stimmt die Adresse?")]
    Refused,
    /// A person said no.
    #[error("Die Praxis hat das Verbinden abgelehnt.")]
    Denied,
    /// Nobody typed the code.
    #[error("Der Code wurde nicht rechtzeitig eingegeben. Bitte noch einmal beginnen.")]
    Expired,
    /// This machine.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// This machine's disk.
    #[error(transparent)]
    Access(#[from] NoAccess),
    /// A file cannot be read, or nothing can be shown.
    #[error("Das ging nicht: {0}")]
    Disk(#[from] io::Error),
}

#[derive(Deserialize)]
struct Codes {
    device_code: String,
    user_code: String,
    verification_uri: String,
    expires_in: u32,
    interval: Option<u32>,
    client_id: String,
    key_fingerprint: String,
}

/// Asks to be let in, shows the code, and waits for the answer.
///
/// # Errors
/// [`NotPaired`]; what was kept before stays then.
pub(crate) fn pair(
    wish: &Wish,
    places: &Places,
    clock: Clock,
    random: &Random,
    screen: &mut dyn Write,
) -> Result<(), NotPaired> {
    let _lock = places.lock()?.ok_or(NotPaired::Running)?;
    if !wish.again && !matches!(Access::load(&places.access()), Err(NoAccess::NotPaired)) {
        return Err(NotPaired::Already);
    }
    let address = Address::parse(&wish.server)?;
    let trusted = wish.trusted.as_ref().map(fs::read_to_string).transpose()?;
    let wire = Wire::new(address.clone(), trusted.as_deref())?;
    let mut oauth = OAuth::greet(wire, clock, random.clone()).map_err(|(error, _)| error)?;
    // on the same machine, a server has more than one name
    if oauth.issuer != address.as_str() && !address.is_local() {
        return Err(NotPaired::OtherName(oauth.issuer));
    }
    let key = SigningKey::generate(random)?;
    let codes = ask(&mut oauth, &wish.name, &key)?;
    show(screen, &codes)?;
    let client_id = wait(&mut oauth, &key, &codes)?;
    let mut access = Access::new(oauth.wire.address().as_str().to_owned(), oauth.issuer, client_id, &key, clock.now());
    access.trusted = trusted;
    access.save(&places.access())?;
    writeln!(screen, "Verbunden. Weiter geht es mit: nahraum-uploader watch ORDNER")?;
    Ok(())
}

fn ask(oauth: &mut OAuth, name: &str, key: &SigningKey) -> Result<Codes, NotPaired> {
    let jwk = key.jwk();
    let reply = oauth.form(DEVICE_PATH, &[("client_id", UNPAIRED), ("client_name", name), ("jwk", &jwk)])?;
    let codes: Option<Codes> = serde_json::from_slice(&reply.body).ok().filter(|_| reply.status == 200);
    let codes = codes.ok_or(NotPaired::Refused)?;
    if codes.key_fingerprint == key.fingerprint() { Ok(codes) } else { Err(NotPaired::OtherKey) }
}

fn show(screen: &mut dyn Write, codes: &Codes) -> io::Result<()> {
    let Codes { user_code, verification_uri, key_fingerprint, expires_in, .. } = codes;
    writeln!(
        screen,
        "Dieses Programm möchte Befunde Ihrer Praxis übertragen.\n\n\
         1. Melden Sie sich in der Praxisansicht von Nahraum an und wählen Sie „Programm verbinden“.\n\
         \x20  Hilfe dazu: {verification_uri}\n\
         2. Geben Sie diesen Code ein:       {user_code}\n\
         3. Vergleichen Sie den Fingerabdruck: {key_fingerprint}\n\
         \x20  Nur wenn er gleich ist, bestätigen Sie.\n\n\
         Der Code gilt {} Minuten. Ich warte …",
        expires_in / 60
    )?;
    screen.flush()
}

/// Asks until a person has decided, or the code has run out.
fn wait(oauth: &mut OAuth, key: &SigningKey, codes: &Codes) -> Result<String, NotPaired> {
    let end = oauth.clock.running().saturating_add(Duration::from_secs(codes.expires_in.into()));
    let mut interval = Duration::from_secs(codes.interval.unwrap_or(5).clamp(1, 60).into());
    let fields = [("grant_type", DEVICE_GRANT), ("device_code", codes.device_code.as_str()), ("client_id", UNPAIRED)];
    while oauth.clock.running() < end {
        thread::sleep(interval);
        match oauth.token(key, &fields) {
            Ok(Granted::Token(token)) => return Ok(token.client_id.unwrap_or_else(|| codes.client_id.clone())),
            Ok(Granted::Error(error)) => match error.as_str() {
                "authorization_pending" => {}
                "slow_down" => interval = interval.saturating_add(SLOWER),
                "access_denied" => return Err(NotPaired::Denied),
                _ => return Err(NotPaired::Expired),
            },
            Err(NotNow::Machine) => return Err(BadKey.into()),
            // the network may come back before the code has run out
            Err(NotNow::Later(_) | NotNow::ShutOut) => interval = interval.saturating_add(SLOWER),
        }
    }
    Err(NotPaired::Expired)
}
