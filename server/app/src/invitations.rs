//! Room invitations: slips for a practice's own patients.

use jiff::civil::Date;
use nahraum_domain::{
    activation::Binding,
    calendar::{self, start_of},
    ids::InvitationId,
    private::Private,
    representation::{SlipFor, latest_end, steps},
};
use nahraum_print::{Slip, invitation_slip};
use nahraum_secrets::{ActivationCode, SecretKind};
use nahraum_store::invitations::{self as store, Attestation, CodeHashes, NewInvitation, NotInvited};

pub use nahraum_store::invitations::{Invitation, LinkState};
use nahraum_texts::Language;

use crate::{App, Call, Refusal, accounts::known_language, pages::cut, paper::printed};

/// How often a look-up part that is taken is replaced before giving up. One in 900,000 is taken per open invitation.
const TRIES: usize = 5;

/// What the practice says about a patient to invite.
#[derive(Debug, Clone)]
pub struct InvitationRequest {
    /// The practice's own number for the patient.
    pub patient_reference: Private<String>,
    /// The patient's birth date.
    pub birth_date: Private<Date>,
    /// The language of the slip, as a tag. German if none.
    pub language: Option<String>,
    /// The day of the consent on paper.
    pub paper_consent_on: Option<Date>,
    /// How the slip travels: `in_person` (if none) or `letter`.
    pub binding: Option<String>,
    /// For whom it is: `self` (if none), `parent` or `guardian`.
    pub is_for: Option<String>,
    /// A guardian: the last day.
    pub represents_until: Option<Date>,
    /// A guardian: the court's file reference.
    pub court_file: Option<Private<String>>,
}

/// A new invitation and its codes, for the only time they are seen.
#[derive(Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The code to type.
    pub manual_code: Private<String>,
    /// What the QR code says.
    pub qr_payload: Private<String>,
}

/// A page of invitations, and where to go on.
pub type InvitationPage = (Vec<Invitation>, Option<InvitationId>);

impl App {
    /// Invites a patient. Earlier open invitations of the patient end.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::Invalid`], [`Refusal::BirthDateDiffers`],
    /// [`Refusal::InvitationBlocked`].
    pub async fn invite(&self, call: &Call, request: InvitationRequest) -> Result<Invited, Refusal> {
        let new = self.checked(call, request)?;
        for _ in 0..TRIES {
            let (code, hashes) = self.fresh_code().await?;
            let new = new.clone();
            let made =
                self.as_staff_writing(call, move |tx, caller| Ok(store::create(tx, caller, &new, &hashes)?)).await?;
            match made {
                Ok(invitation) => return Ok(self.invited(invitation, &code)),
                Err(NotInvited::LookupTaken) => {}
                Err(NotInvited::BirthDateDiffers) => return Err(Refusal::BirthDateDiffers),
                Err(NotInvited::Blocked(until)) => return Err(Refusal::InvitationBlocked(until)),
            }
        }
        Err(Refusal::Overloaded { retry_after_seconds: 1 })
    }

    /// Prints a slip: always with fresh codes, so that a lost slip is worth nothing.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::InvitationNotOpen`].
    pub async fn print_slip(&self, call: &Call, id: InvitationId) -> Result<Vec<u8>, Refusal> {
        for _ in 0..TRIES {
            let (code, hashes) = self.fresh_code().await?;
            let renewed = self
                .as_staff_writing(call, move |tx, caller| {
                    let practice = store::practice_of(tx, caller)?;
                    let known = store::one(tx, caller, id)?.ok_or(Refusal::NotFound)?;
                    let renewed = store::renew(tx, caller, id, &hashes)?;
                    Ok((practice, renewed.ok_or(Refusal::InvitationNotOpen(known.state))?))
                })
                .await?;
            if let (practice, Ok(invitation)) = renewed {
                return self.slip(call, practice.name, self.invited(invitation, &code)).await;
            }
        }
        Err(Refusal::Overloaded { retry_after_seconds: 1 })
    }

    /// The practice's invitations, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn invitations(
        &self,
        call: &Call,
        before: Option<InvitationId>,
        limit: u32,
    ) -> Result<InvitationPage, Refusal> {
        self.as_staff(call, move |tx, caller| {
            let mut items = store::list(tx, caller, before, i64::from(limit) + 1)?;
            let next = cut(&mut items, limit).map(|i| i.id);
            Ok((items, next))
        })
        .await
    }

    /// One invitation.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn invitation(&self, call: &Call, id: InvitationId) -> Result<Invitation, Refusal> {
        self.as_staff(call, move |tx, caller| Ok(store::one(tx, caller, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// Takes back what was attested with a used slip: whoever acts by it does not any more.
    ///
    /// # Errors
    /// As [`App::invitation`].
    pub async fn withdraw_attestation(&self, call: &Call, id: InvitationId) -> Result<(), Refusal> {
        self.as_staff_writing(call, move |tx, caller| {
            if store::withdraw_attestation(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// As [`App::invitation`].
    pub async fn revoke_invitation(&self, call: &Call, id: InvitationId) -> Result<(), Refusal> {
        self.as_staff_writing(
            call,
            move |tx, caller| {
                if store::revoke(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
            },
        )
        .await
    }

    fn checked(&self, call: &Call, request: InvitationRequest) -> Result<NewInvitation, Refusal> {
        let reference = checked_reference("/patient_reference", &request.patient_reference)?;
        let today = calendar::day(call.moment.now);
        if *request.birth_date.reveal() > today {
            return Err(Refusal::invalid("/birth_date", "date-in-future", "A birth date lies in the past."));
        }
        if request.paper_consent_on.is_some_and(|day| day > today) {
            let detail = "A consent on paper is entered after it was given.";
            return Err(Refusal::invalid("/paper_consent_on", "date-in-future", detail));
        }
        let language = request.language.as_deref().map_or(Ok(Language::De), |tag| known_language("/language", tag))?;
        let binding =
            request.binding.as_deref().map_or(Some(Binding::InPerson), Binding::parse).ok_or_else(|| {
                Refusal::invalid("/binding", "unknown-binding", "A slip is `in_person` or a `letter`.")
            })?;
        let attestation = attested(&request, today)?;
        Ok(NewInvitation {
            binding,
            attestation,
            reference,
            birth_date: request.birth_date,
            language: language.tag().to_owned(),
            paper_consent_on: request.paper_consent_on,
        })
    }

    async fn fresh_code(&self) -> Result<(ActivationCode, CodeHashes), Refusal> {
        let code = ActivationCode::generate(self.random());
        let secret = self.hasher().hash(SecretKind::Code, code.secret()).await?;
        let hashes = CodeHashes { lookup: code.lookup(), secret, qr: code.qr_hash() };
        Ok((code, hashes))
    }

    fn invited(&self, invitation: Invitation, code: &ActivationCode) -> Invited {
        let settings = self.settings();
        let fragment = code.qr_fragment(&settings.instance);
        Invited {
            invitation,
            manual_code: Private::new(code.manual_text().expose().to_owned()),
            qr_payload: Private::new(format!("{}/a#{}", settings.public_url, fragment.expose())),
        }
    }

    async fn slip(&self, call: &Call, practice_name: String, invited: Invited) -> Result<Vec<u8>, Refusal> {
        let valid_until = calendar::day(invited.invitation.expires_at);
        let slip = Slip {
            language: Language::parse(&invited.invitation.language).unwrap_or(Language::De),
            practice_name,
            app_name: self.settings().app_name.clone(),
            qr_payload: invited.qr_payload,
            manual_code: invited.manual_code.map(|code| code.replace('-', "")),
            valid_until,
            letter: invited.invitation.binding == Binding::Letter,
        };
        let now = call.moment.now;
        Ok(printed("slip", move || invitation_slip(&slip, now)).await?.into_revealed())
    }
}

/// A practice's own patient number: 1 to 64 visible characters.
pub(crate) fn checked_reference(
    pointer: &'static str,
    reference: &Private<String>,
) -> Result<Private<String>, Refusal> {
    let trimmed = reference.reveal().trim().to_owned();
    if trimmed.is_empty() || trimmed.chars().count() > 64 || trimmed.chars().any(char::is_control) {
        let detail = "A patient reference has 1 to 64 visible characters.";
        return Err(Refusal::invalid(pointer, "invalid-reference", detail));
    }
    Ok(Private::new(trimmed))
}

/// What the practice attests, if the slip is not for the patient.
fn attested(request: &InvitationRequest, today: Date) -> Result<Attestation, Refusal> {
    let is_for = request.is_for.as_deref().map_or(Some(SlipFor::Itself), SlipFor::parse);
    let is_for = is_for.ok_or_else(|| {
        Refusal::invalid("/for", "unknown-recipient", "A slip is for `self`, a `parent` or a `guardian`.")
    })?;
    let (until, court_file) = (request.represents_until, request.court_file.clone());
    match (is_for, until, &court_file) {
        (SlipFor::Itself | SlipFor::Parent, Some(_), _) | (SlipFor::Itself | SlipFor::Parent, _, Some(_)) => {
            let detail = "Only a guardian is appointed by a court, with a file reference and a last day.";
            Err(Refusal::invalid("/for", "not-a-guardian", detail))
        }
        (SlipFor::Parent, None, None) if steps(*request.birth_date.reveal()).ends_at <= start_of(today) => {
            Err(Refusal::invalid("/for", "not-a-child", "From the 15th birthday on a patient has a slip of their own."))
        }
        (SlipFor::Guardian, None, _) | (SlipFor::Guardian, _, None) => {
            let detail = "A guardian needs the court's file reference and the last day.";
            Err(Refusal::invalid("/represents_until", "missing-field", detail))
        }
        (SlipFor::Guardian, Some(day), Some(_)) if day < today || latest_end(today) < day => {
            let detail = "From today up to seven years.";
            Err(Refusal::invalid("/represents_until", "out-of-range", detail))
        }
        (SlipFor::Guardian, Some(_), Some(file)) if !(1..=80).contains(&file.reveal().trim().chars().count()) => {
            Err(Refusal::invalid("/court_file", "out-of-range", "1 to 80 characters."))
        }
        (SlipFor::Itself | SlipFor::Parent | SlipFor::Guardian, until, _) => {
            Ok(Attestation { is_for, until, court_file })
        }
    }
}
