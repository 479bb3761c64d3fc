//! First contact: a slip becomes an account, or another practice of an account.

use std::sync::Arc;

use jiff::{SignedDuration, civil::Date};
use nahraum_domain::{
    activation::{self, InvitationState, Try},
    disclosure::PracticeName,
    ids::DeviceId,
    private::Private,
    representation::SlipFor,
};
use nahraum_secrets::{DeviceSecret, EnteredCode, Pin, PinError, PinFacts, Secret, SecretKind, Verdict};
use nahraum_store::{
    consents::{AgreedText, Evidence},
    devices::{Holder, NewDevice},
    invitations::{self as store, Activated, Claim, CodeHolder, NewActivation, NotActivated},
    sessions,
};

pub use nahraum_store::invitations::Represented;
use nahraum_texts::BASE_PURPOSE;

use crate::{
    App, Call, Refusal,
    accounts::known_language,
    consents::{Decision, EvidenceRequest, ShownText, checks, texts},
    devices::device_name,
    refusal::Failure,
};

/// For how long an activation whose answer was lost can be repeated from the same phone.
const REPEATABLE_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What a resident enters to activate.
#[derive(Debug)]
pub struct ActivationRequest {
    /// The code from the slip.
    pub code: Private<String>,
    /// Their birth date.
    pub birth_date: Private<Date>,
    /// The secret their phone made, where no proof of a key is needed.
    pub device_secret: Option<Private<String>>,
    /// A name for the phone.
    pub device_name: Option<Private<String>>,
    /// Six digits.
    pub pin: Private<String>,
    /// Their language, as a tag.
    pub language: String,
    /// The consent text they read. It has to be the one about receiving findings.
    pub consent: ShownText,
    /// How it came about that they agree.
    pub evidence: Option<EvidenceRequest>,
}

/// What somebody sends who is to act for a patient.
#[derive(Debug)]
pub struct RepresentRequest {
    /// The code of the slip, or what its QR code says.
    pub code: Private<String>,
    /// The patient's birth date.
    pub birth_date: Private<Date>,
    /// How the patient is to be called.
    pub called: String,
    /// How the caller wants to be called by the patient.
    pub own_name: String,
    /// The language of the patient's account, as a tag.
    pub language: String,
    /// The consent text they read. It has to be the one about receiving findings.
    pub consent: ShownText,
    /// How it came about that they agree.
    pub evidence: Option<EvidenceRequest>,
}

/// What a code turned out to be.
enum Judged {
    /// Both parts are right and it is open.
    Right(CodeHolder),
    /// Both parts are right; it was used by this device a moment ago.
    UsedHere(CodeHolder, DeviceId),
    /// Anything else. One answer for all of it.
    Wrong,
}

impl App {
    /// Activates an account.
    ///
    /// # Errors
    /// [`Refusal::ActivationFailed`] for everything about code and birth date; [`Refusal::Invalid`] for what the
    /// resident chooses.
    pub async fn activate(&self, call: &Call, request: ActivationRequest) -> Result<Activated, Refusal> {
        let language = known_language("/language", &request.language)?;
        let device = self.new_holder(call, request.device_secret.as_ref())?;
        let name = request.device_name.as_ref().map(|name| device_name("/device_name", name.reveal())).transpose()?;
        let code = EnteredCode::parse(request.code.reveal());
        let pin = chosen_pin(&request, code.as_ref().ok())?;
        let (consent, evidence) = self.first_consent(call, request.consent, request.evidence).await?;
        let code = Arc::new(code.map_err(|_| Refusal::ActivationFailed)?);
        match self.judge(call, &code, *request.birth_date.reveal(), Some(&device), SlipFor::is_own).await? {
            Judged::Wrong => Err(Refusal::ActivationFailed),
            Judged::UsedHere(holder, device) => self.activate_again(call, &holder, device, pin).await,
            Judged::Right(holder) => {
                let new = NewActivation {
                    device: NewDevice {
                        holder: device,
                        pin: self.hasher().hash(SecretKind::Pin, pin).await?,
                        name: name.flatten(),
                    },
                    language: language.tag().to_owned(),
                    consent,
                    evidence,
                };
                let confirm = self.settings().confirm_letter;
                let done: Result<_, Failure> =
                    self.store().write(call.moment, move |tx| Ok(store::activate(tx, holder.id, &new, confirm)?)).await;
                self.settle(done).await?.map_err(|reason| match reason {
                    NotActivated::TooLate => Refusal::ActivationFailed,
                    NotActivated::DeviceTaken => {
                        let detail = "This key or secret already belongs to someone; make a new one for each person.";
                        Refusal::invalid("/device_secret", "device-secret-taken", detail)
                    }
                })
            }
        }
    }

    /// Whoever activates agrees to receive findings, and to nothing else yet.
    async fn first_consent(
        &self,
        call: &Call,
        shown: ShownText,
        evidence: Option<EvidenceRequest>,
    ) -> Result<(AgreedText, Option<Evidence>), Refusal> {
        let key = self.proven(call)?;
        let checked: Result<_, Failure> = self
            .store()
            .read(call.moment, move |tx| {
                if shown.purpose != BASE_PURPOSE {
                    return Err(Refusal::ConsentTextUnknown.into());
                }
                let text = texts::agreed(tx, &shown)?;
                let evidence = evidence.map(|request| checks::evidence(tx, &request, &text, Decision::Granted, key));
                Ok((text, evidence.transpose()?))
            })
            .await;
        self.settle(checked).await
    }

    /// Lets another practice deliver into the caller's account. The sign-in must be fresh (SR-A08).
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::ActivationFailed`].
    pub async fn link_practice(
        &self,
        call: &Call,
        code: &Private<String>,
        birth_date: Private<Date>,
    ) -> Result<PracticeName, Refusal> {
        // Asked before the code is judged, and again when it is used.
        self.write_fresh(call, |_, caller| Ok(caller.resident().map(drop).ok_or(Refusal::Forbidden)?)).await?;
        let code = Arc::new(EnteredCode::parse(code.reveal()).map_err(|_| Refusal::ActivationFailed)?);
        match self.judge(call, &code, *birth_date.reveal(), None, SlipFor::is_own).await? {
            Judged::Wrong | Judged::UsedHere(..) => Err(Refusal::ActivationFailed),
            Judged::Right(holder) => {
                let confirm = self.settings().confirm_letter;
                let linked =
                    self.write_fresh(call, move |tx, caller| Ok(store::link(tx, caller, holder.id, confirm)?)).await?;
                linked.ok_or(Refusal::ActivationFailed)
            }
        }
    }

    /// Lets the caller act for the patient of a slip that is for a parent or a guardian. The sign-in must be fresh.
    ///
    /// # Errors
    /// As [`App::link_practice`], and [`Refusal::Invalid`].
    pub async fn represent(&self, call: &Call, request: RepresentRequest) -> Result<Represented, Refusal> {
        let RepresentRequest { code, birth_date, called, own_name, language, consent, evidence } = request;
        let language = known_language("/language", &language)?.tag().to_owned();
        let (consent, evidence) = self.first_consent(call, consent, evidence).await?;
        let claim = Claim { born: *birth_date.reveal(), called, own_name, language, consent, evidence };
        self.write_fresh(call, |_, caller| Ok(caller.resident().map(drop).ok_or(Refusal::Forbidden)?)).await?;
        let code = Arc::new(EnteredCode::parse(code.reveal()).map_err(|_| Refusal::ActivationFailed)?);
        match self.judge(call, &code, claim.born, None, |slip| !slip.is_own()).await? {
            Judged::Wrong | Judged::UsedHere(..) => Err(Refusal::ActivationFailed),
            Judged::Right(holder) => {
                let confirm = self.settings().confirm_letter;
                let done = self
                    .write_fresh(call, move |tx, caller| Ok(store::represent(tx, caller, holder.id, &claim, confirm)?))
                    .await?;
                done.ok_or(Refusal::ActivationFailed)
            }
        }
    }

    /// What a new phone shows: its key, or where that is allowed a secret.
    pub(crate) fn new_holder(&self, call: &Call, secret: Option<&Private<String>>) -> Result<Holder, Refusal> {
        match (self.proven(call)?, secret) {
            (Some(key), _) => Ok(Holder::Key(key)),
            (None, Some(secret)) if self.settings().bearer => Ok(Holder::Secret(device_secret(secret)?.hash())),
            (None, Some(_) | None) => Err(Refusal::ProofMissing),
        }
    }

    /// Judges code and birth date, counts what has to be counted, and takes as long for a code that does not exist.
    async fn judge(
        &self,
        call: &Call,
        code: &Arc<EnteredCode>,
        birth_date: Date,
        device: Option<&Holder>,
        fits: fn(SlipFor) -> bool,
    ) -> Result<Judged, Refusal> {
        let judged = self.weigh(call, code, birth_date, device).await?;
        // A slip for a parent is none for the child, and the reverse.
        let judged = match judged {
            Judged::Right(holder) | Judged::UsedHere(holder, _) if !fits(holder.is_for) => Judged::Wrong,
            judged @ (Judged::Right(_) | Judged::UsedHere(..) | Judged::Wrong) => judged,
        };
        if matches!(judged, Judged::Wrong) {
            self.wrong_code(call);
        }
        Ok(judged)
    }

    async fn weigh(
        &self,
        call: &Call,
        code: &Arc<EnteredCode>,
        birth_date: Date,
        device: Option<&Holder>,
    ) -> Result<Judged, Refusal> {
        let asked = Arc::clone(code);
        let found: Result<Option<CodeHolder>, Failure> =
            self.store().read(call.moment, move |tx| Ok(store::behind(tx, &asked, birth_date)?)).await;
        let found = self.settle(found).await?;
        let code_right = self.code_is_right(code, found.as_ref()).await?;
        let Some(holder) = found else { return Ok(Judged::Wrong) };
        let state = holder.state;
        if state == InvitationState::Open {
            return match activation::weigh(code_right, holder.birth_date_right) {
                Try::Succeeds => Ok(Judged::Right(holder)),
                Try::Passes => Ok(Judged::Wrong),
                Try::Counts => self.count_try(call, holder).await.map(|()| Judged::Wrong),
            };
        }
        let recent = holder.closed_at.is_some_and(|at| call.moment.now.duration_since(at) <= REPEATABLE_FOR);
        let same = device.zip(holder.used_by.as_ref()).filter(|(mine, (_, used))| mine.matches(used));
        match same.map(|(_, (id, _))| *id) {
            Some(id) if state == InvitationState::Used && code_right && holder.birth_date_right && recent => {
                Ok(Judged::UsedHere(holder, id))
            }
            Some(_) | None => Ok(Judged::Wrong),
        }
    }

    /// The manual code's secret part goes through the hasher; a QR code is long enough to be found by its hash. Both
    /// ways cost one hash, and so does a code that nobody has.
    async fn code_is_right(&self, code: &EnteredCode, found: Option<&CodeHolder>) -> Result<bool, Refusal> {
        let (secret, stored) = match code {
            EnteredCode::Manual(manual) => (manual.secret(), found.map(|h| &h.secret)),
            EnteredCode::Qr { .. } => (Secret::new("a QR code"), None),
        };
        let verdict = self.hasher().verify_or_dummy(SecretKind::Code, secret, stored).await?;
        Ok(match code {
            EnteredCode::Manual(_) => matches!(verdict, Verdict::Match | Verdict::MatchButOutdated),
            EnteredCode::Qr { .. } => found.is_some(),
        })
    }

    async fn count_try(&self, call: &Call, holder: CodeHolder) -> Result<(), Refusal> {
        let counted: Result<bool, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::count_try(tx, holder.id)?)).await;
        if self.settle(counted).await? {
            tracing::warn!(request = %call.moment.request, "an activation code was burnt");
        }
        Ok(())
    }

    /// The answer was lost on the way to the phone; the phone asks again with the same secret and PIN.
    async fn activate_again(
        &self,
        call: &Call,
        holder: &CodeHolder,
        device: DeviceId,
        pin: Secret,
    ) -> Result<Activated, Refusal> {
        let Some((_, phone)) = holder.used_by.clone() else { return Err(Refusal::ActivationFailed) };
        let stored: Result<_, Failure> =
            self.store().read(call.moment, move |tx| Ok(sessions::device_credential(tx, &phone)?)).await;
        let stored = self.settle(stored).await?;
        let candidate = stored.as_ref().map(|s| (s.id, &s.hash));
        if self.hasher().verify_for(SecretKind::Pin, pin, candidate).await?.is_none() {
            return Err(Refusal::ActivationFailed);
        }
        let invitation = holder.id;
        let again: Result<_, Failure> =
            self.store().write(call.moment, move |tx| Ok(store::activate_again(tx, invitation, device)?)).await;
        self.settle(again).await
    }
}

fn device_secret(text: &Private<String>) -> Result<DeviceSecret, Refusal> {
    DeviceSecret::parse(text.reveal()).map_err(|_| {
        let detail = "The app must make at least 128 random bits and send them as hex or base64url.";
        Refusal::invalid("/device_secret", "weak-device-secret", detail)
    })
}

/// Why a PIN is not taken.
pub(crate) fn weak_pin(error: PinError) -> Refusal {
    let (code, detail) = match error {
        PinError::NotSixDigits => ("pin-not-six-digits", "A PIN has six digits."),
        PinError::Sequence => ("pin-too-simple", "Digits in a row are guessed first. Choose others."),
        PinError::Repetition => ("pin-too-simple", "Repeated digits are guessed first. Choose others."),
        PinError::Common => ("pin-too-simple", "This PIN is one of those that are guessed first. Choose another."),
        PinError::BirthDate => ("pin-is-birth-date", "A birth date is known to others. Choose other digits."),
        PinError::ActivationCode => ("pin-from-code", "The PIN must not come from the code on the slip."),
    };
    Refusal::invalid("/pin", code, detail)
}

fn chosen_pin(request: &ActivationRequest, code: Option<&EnteredCode>) -> Result<Secret, Refusal> {
    let facts = PinFacts { birth_date: Some(*request.birth_date.reveal()), code };
    Pin::choose(request.pin.reveal(), &facts).map(Pin::into_secret).map_err(weak_pin)
}
