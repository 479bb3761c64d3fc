//! Room links: a resident makes a link for somebody without an account, and whoever holds it looks (HL7 SMART Health
//! Links). What is seen is decided when it is seen, by the same rules as everywhere.

use jiff::SignedDuration;
use nahraum_domain::{
    consent::{Data, Period, Reader},
    disclosure,
    ids::{FindingId, ShareLinkId},
    links::LinkState,
    network::Network,
    private::Private,
    throttle::{Gate, link_gate},
};
use nahraum_formats::{ShlPayload, shlink};
use nahraum_print::qr_svg;
use nahraum_secrets::{LinkHash, LinkKey, LinkSecret, LinkUse, Secret, SecretKind, Verdict};
use nahraum_store::{
    Caller, Tx, actions, findings,
    links::{self as store, Door, Knocked},
    shares,
    throttles::{self, Ladder},
};

pub use nahraum_store::{findings::Linked, links::StoredLink};

use crate::{
    App, Call, Refusal,
    consents::{ShownText, texts},
    exports::whole,
    refusal::Failure,
    shares::refuse_too_many,
};

/// The media type of what a link leads to.
pub const FHIR: &str = "application/fhir+json";

/// What a resident wants a link to be.
#[derive(Debug)]
pub struct LinkRequest {
    /// A short description, which stands in the link.
    pub label: Option<String>,
    /// Which findings.
    pub data: Data,
    /// Whether their documents can be had.
    pub may_download: bool,
    /// For how many minutes.
    pub minutes: u32,
    /// A passcode to ask for.
    pub passcode: Option<Secret>,
    /// How many wrong ones it bears.
    pub most_wrong: u32,
    /// Whether it opens once.
    pub one_time: bool,
    /// The text that was shown for it.
    pub text: Option<ShownText>,
}

/// A link that was just made. It is told once.
#[derive(Debug)]
pub struct MadeLink {
    /// As it stands in the list.
    pub link: StoredLink,
    /// `shlink:/…`, for apps.
    pub shlink: Private<String>,
    /// The same behind the address of our page, for browsers.
    pub url: Private<String>,
    /// The latter as a QR code, in SVG.
    pub qr: Private<String>,
}

/// What somebody with a link says.
#[derive(Debug)]
pub struct Knock {
    /// Who they are, in their own words.
    pub says: String,
    /// The passcode.
    pub passcode: Option<Secret>,
}

/// What somebody with a link finds.
#[derive(Debug)]
pub enum Opened {
    /// These findings, each with its address for a while.
    Files(Vec<LinkFile>),
    /// Another passcode is asked for; so many wrong ones are left.
    WrongPasscode(u32),
}

/// A file that a link leads to.
#[derive(Debug)]
pub struct LinkFile {
    /// Its address, good for a quarter of an hour.
    pub location: Private<String>,
    /// The finding.
    pub finding: Linked,
}

impl App {
    /// The caller makes a link. The sign-in must be fresh (SR-A08).
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::TooManyRules`],
    /// [`Refusal::ConsentTextUnknown`];
    /// [`Refusal::Internal`] where the address of this server is too long for a link.
    pub async fn make_link(&self, call: &Call, request: LinkRequest) -> Result<MadeLink, Refusal> {
        let LinkRequest { label, data, may_download, minutes, passcode, most_wrong, one_time, text } = request;
        let secret = LinkSecret::generate(self.random(), LinkUse::Door);
        let key = LinkKey::generate(self.random());
        let period =
            Period { from: call.moment.now, until: Some(call.moment.now + SignedDuration::from_mins(minutes.into())) };
        let told = self.tell(&secret, &key, period, label.as_deref(), (!one_time, passcode.is_some()))?;
        let passcode = match passcode {
            Some(passcode) => Some(self.hasher().hash(SecretKind::Passcode, passcode).await?),
            None => None,
        };
        let link = self
            .write_fresh(call, move |tx, caller| {
                caller.resident().ok_or(Refusal::Forbidden)?;
                refuse_too_many(tx, caller)?;
                let (label, passcode, data) = (label.as_deref(), passcode.as_ref(), &data);
                let (secret, key) = (&secret, &key);
                let text = texts::shown(tx, text.as_ref())?;
                let text = text.as_ref();
                let new = store::NewLink {
                    secret,
                    key,
                    label,
                    passcode,
                    most_wrong,
                    one_time,
                    data,
                    may_download,
                    period,
                    text,
                };
                let id = store::make(tx, caller, &new)?;
                own(tx, caller, id)
            })
            .await?;
        let [shlink, url, qr] = told;
        Ok(MadeLink { link, shlink, url, qr })
    }

    /// What a link says: for apps, for browsers, and as a QR code.
    fn tell(
        &self,
        secret: &LinkSecret,
        key: &LinkKey,
        period: Period,
        label: Option<&str>,
        (long_term, passcode): (bool, bool),
    ) -> Result<[Private<String>; 3], Refusal> {
        let public_url = &self.settings().public_url;
        let address = Secret::new(format!("{public_url}/shl/{}", secret.text().expose()));
        let key = key.text();
        let (url, key) = (address.expose(), key.expose());
        let expires_at = period.until.unwrap_or(period.from);
        let bare = shlink(&ShlPayload { url, key, expires_at, long_term, passcode, label }).ok_or(Refusal::Internal)?;
        let viewer = format!("{public_url}/shl#{bare}");
        let qr = qr_svg(&viewer).map_err(|_| Refusal::Internal)?;
        Ok([bare, viewer, qr].map(Private::new))
    }

    /// The caller's links, newest first, also those that are over.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn links(&self, call: &Call) -> Result<Vec<StoredLink>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// The caller takes a link back. It holds for the very next request.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn end_link(&self, call: &Call, id: ShareLinkId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            let rule = own(tx, caller, id)?.rule.id;
            if shares::end(tx, caller, rule)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// Somebody with a link looks what it leads to. The resident is told, and sees in the log who they said they are.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a link that does not open, and for one that never was; [`Refusal::TryLater`].
    pub async fn open_link(
        &self,
        call: &Call,
        network: Network,
        secret: &str,
        knock: Knock,
    ) -> Result<Opened, Refusal> {
        self.link_gate(call, network).await?;
        let Knock { says, passcode } = knock;
        let Ok(secret) = LinkSecret::parse(secret, LinkUse::Door) else {
            return self.leads_nowhere(call, network).await;
        };
        let (hash, has_passcode) = (secret.hash(), passcode.is_some());
        let door: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::knock(tx, &hash, has_passcode)?)).await;
        let knocked = match self.settle(door).await? {
            Door::Here(knocked) => *knocked,
            Door::AsksForPasscode(left) => return Ok(Opened::WrongPasscode(left)),
            Door::Crowded(until) => return Err(Refusal::TryLater(until)),
            Door::Nothing => return self.leads_nowhere(call, network).await,
        };
        if !self.is_passcode(call, &knocked, passcode).await? {
            let left = knocked.tries_left;
            let turned_away: Result<(), Failure> =
                self.store().write(call.moment, move |tx| Ok(store::turn_away(tx, &knocked, &says)?)).await;
            self.settle(turned_away).await?;
            return Ok(Opened::WrongPasscode(left));
        }
        let ticket = LinkSecret::generate(self.random(), LinkUse::Files);
        let theirs = ticket.clone();
        let came_in: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::come_in(tx, &secret, &knocked, &theirs, &says)?)).await;
        if !self.settle(came_in).await? {
            return self.leads_nowhere(call, network).await;
        }
        self.files(call, &ticket).await.map(Opened::Files)
    }

    /// What somebody finds who was let in.
    async fn files(&self, call: &Call, ticket: &LinkSecret) -> Result<Vec<LinkFile>, Refusal> {
        let list = self
            .decide_anew(async || {
                let ticket = ticket.clone();
                let read: Result<_, Failure> = self
                    .store()
                    .read(call.moment, move |tx| {
                        let visitor = store::visitor(tx, &ticket)?.ok_or(Refusal::NotFound)?;
                        Ok(findings::list_linked(tx, &visitor)?)
                    })
                    .await;
                self.settle(read).await
            })
            .await?;
        self.count_answer();
        let base = format!("{}/shl/files/{}", self.settings().public_url, ticket.text().expose());
        let file = |finding: Linked| LinkFile { location: Private::new(format!("{base}.{}", finding.id)), finding };
        Ok(list.into_iter().map(file).collect())
    }

    /// One file, encrypted for whoever has the link: a JWE in its compact form.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it is too late, was fetched too often, is closed, or never was; [`Refusal::TryLater`].
    pub async fn link_file(&self, call: &Call, network: Network, file: &str) -> Result<String, Refusal> {
        self.link_gate(call, network).await?;
        let Some((ticket, finding)) = parsed(file) else { return self.leads_nowhere(call, network).await };
        let hash: LinkHash = ticket.hash();
        let counted: Result<_, Failure> = self.store().write(call.moment, move |tx| Ok(store::fetch(tx, &hash)?)).await;
        if !self.settle(counted).await? {
            return self.leads_nowhere(call, network).await;
        }
        let ((record, document), (patient, key)) = self
            .decide_anew(async || {
                let ticket = ticket.clone();
                let read: Result<_, Failure> = self
                    .store()
                    .read(call.moment, move |tx| {
                        let visitor = store::visitor(tx, &ticket)?.ok_or(Refusal::NotFound)?;
                        let open = tx.permit::<actions::OpenShared>(visitor.caller(), finding)?;
                        let download = match visitor.may_download() {
                            true => Some(tx.permit::<actions::DownloadShared>(visitor.caller(), finding)?),
                            false => None,
                        };
                        let sealed = findings::open_linked(tx, &open, download.as_ref())?;
                        Ok(sealed.beside((visitor.link(), visitor.key().clone())))
                    })
                    .await;
                self.settle(read).await
            })
            .await?;
        let (record, now, app) = (disclosure::finding_to_recipient(record).into_inner(), call.moment.now, self.clone());
        let encrypted = tokio::task::spawn_blocking(move || {
            // Whoever has two links of one person does not see by this that it is one.
            let bundle = whole(&record, document.as_ref(), patient, now);
            key.encrypt(FHIR, bundle.reveal(), app.random())
        });
        encrypted.await.map_err(|_| Refusal::Internal)
    }

    /// Whether the passcode is the one that the link asks for, if it does.
    async fn is_passcode(&self, call: &Call, knocked: &Knocked, said: Option<Secret>) -> Result<bool, Refusal> {
        let (Some(stored), Some(said)) = (&knocked.passcode, said) else { return Ok(knocked.passcode.is_none()) };
        match self.hasher().verify(SecretKind::Passcode, said, stored).await {
            Ok(verdict) => Ok(verdict != Verdict::Mismatch),
            Err(error) => {
                let link = knocked.id;
                let undone: Result<(), Failure> =
                    self.store().write(call.moment, move |tx| Ok(store::not_wrong(tx, link)?)).await;
                self.settle(undone).await?;
                Err(error.into())
            }
        }
    }

    /// Where many links lead nowhere, the next has to wait a little.
    async fn link_gate(&self, call: &Call, network: Network) -> Result<(), Refusal> {
        let failures: Result<_, Failure> = self
            .store()
            .read(call.moment, move |tx| Ok(throttles::failures(tx, Ladder::Links, &network.to_string())?))
            .await;
        match link_gate(self.settle(failures).await?, call.moment.now) {
            Gate::Open | Gate::Unbound => Ok(()),
            Gate::Wait(until) => Err(Refusal::TryLater(until)),
        }
    }

    /// What does not open (any more) and what never was are one answer, and count alike.
    async fn leads_nowhere<R>(&self, call: &Call, network: Network) -> Result<R, Refusal> {
        let counted: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| Ok(throttles::count(tx, Ladder::Links, &network.to_string())?))
            .await;
        self.settle(counted).await?;
        Err(Refusal::NotFound)
    }
}

/// The secret and the finding in the address of a file.
fn parsed(file: &str) -> Option<(LinkSecret, FindingId)> {
    let (ticket, finding) = file.split_once('.')?;
    Some((LinkSecret::parse(ticket, LinkUse::Files).ok()?, finding.parse().ok()?))
}

fn own(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ShareLinkId) -> Result<StoredLink, Failure> {
    let mut mine = store::own(tx, caller)?.into_iter();
    Ok(mine.find(|link| link.id == id).ok_or(Refusal::NotFound)?)
}

/// Whoever holds a link of the caller's. One that does not open (any more) is nobody's: nobody has an id of zeros.
pub(crate) fn holder(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ShareLinkId) -> Result<Reader, Failure> {
    let opens = own(tx, caller, id)?.state(tx.now()) == LinkState::Open;
    Ok(Reader::Holder(if opens { id } else { ShareLinkId::from_bytes([0; 16]) }))
}
