//! Makes the demo's past through the same use cases that serve people: each call carries the moment at which it would
//! have happened.

use std::sync::Arc;

use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, Time, time},
};
use nahraum_app::{
    App, Call, Clock, MailError, Mailer, Moment, OutgoingMail, Spool,
    activations::ActivationRequest,
    consents::ShownText,
    invitations::InvitationRequest,
    jobs::NoticeWords,
    receipts::RecallReason,
    uploads::{Outcome, UploadDetails, UploadRequest, Uploaded},
};
use nahraum_domain::{
    calendar,
    ids::{FindingId, RequestId},
    organisations::OrganisationKind,
    private::Private,
};
use nahraum_secrets::{OsRandom, PresentedToken, random_bytes};
use nahraum_texts::{BASE_PURPOSE, Language, consent_text};
use tokio::task::JoinSet;

use super::{
    district::{
        self, DISTRICT, Registration, Resident, SeedAfter, SeedContent, SeedMetadata, SeedUpload, StaffLogin, Standing,
    },
    logins::hash_passwords,
    seed_error::{SeedError, at},
};
use crate::{clock::SystemClock, wiring::House};

/// Everyone's findings follow from this number and the day.
const SEED: u64 = 1;

/// After how many days the demo's residents have had a new phone, and how long ago that was.
const NEW_PHONE_AFTER: i32 = 150;
const NEW_PHONE_DAYS_AGO: i32 = 21;

/// When a practice invites: before the first findings of a day are sent.
const MORNING: Time = time(6, 30, 0, 0);

/// How many findings may be opened at once while the next files are written.
const OPENINGS: usize = 8;

/// A clock that stands still, for what the operator did before the practices opened.
struct StoppedClock(Timestamp);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A practice that is open for the demo's past.
struct Open {
    /// The session of its first person. It begins today, so it is good for every moment before.
    staff: PresentedToken,
    software: PresentedToken,
}

/// A finding, and the resident it reached by their place in [`DISTRICT`].
type Reached = (usize, FindingId);

#[derive(Clone)]
pub(super) struct Seeder {
    pub(super) app: App,
    pub(super) now: Timestamp,
    pub(super) today: Date,
    practices: Arc<Vec<Open>>,
}

/// Makes everyone and everything, and says how many uploads there were. `progress` hears how many of how many are done.
///
/// # Errors
/// What went wrong. The database is then of no use and has to be made anew.
pub(crate) fn seed(house: &House, progress: impl Fn(usize, usize)) -> Result<usize, SeedError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let app = house.app_by(Arc::new(SystemClock));
    let now = app.clock().now();
    let today = calendar::day(now);
    let mut seeder = Seeder { app, now, today, practices: Arc::default() };
    let count = runtime.block_on(async {
        seeder.practices = Arc::new(seeder.open_practices(house).await?);
        let residents = seeder.register_all().await?;
        let count = seeder.deliver_all(&residents, progress).await?;
        seeder.publish_offers(&residents).await?;
        seeder.sign_out_all(&residents).await?;
        Ok::<_, SeedError>(count)
    })?;
    // The notices of three years went out in their time; what is older than its period is gone.
    let words = NoticeWords { app_name: String::new(), link: String::new() };
    while house.app.send_due_notices(&SentLongAgo, &words).map_err(at("send notices"))? > 0 {}
    while house.app.sweep().map_err(at("sweep"))? > 0 {}
    Ok(count)
}

/// Takes the notices of the past, which nobody gets any more.
struct SentLongAgo;

impl Mailer for SentLongAgo {
    fn send(&self, _mail: &OutgoingMail) -> Result<(), MailError> {
        Ok(())
    }
}

impl Seeder {
    /// A call at a moment of the past.
    pub(super) fn call(&self, token: Option<&PresentedToken>, at: Timestamp) -> Call {
        let request = RequestId::new(at, random_bytes(&OsRandom));
        Call::bearer(Moment { now: at, request }, token.cloned())
    }

    fn morning(&self, days_ago: i32) -> Result<Timestamp, SeedError> {
        let day = self.today.checked_sub(Span::new().try_days(days_ago)?)?;
        Ok(day.to_datetime(MORNING).to_zoned(calendar::berlin().clone())?.timestamp())
    }

    /// Some minutes later, and before now.
    fn later(&self, at: Timestamp, minutes: i64) -> Timestamp {
        let latest = self.now.checked_sub(SignedDuration::from_secs(1)).unwrap_or(self.now);
        at.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(latest).min(latest)
    }

    /// Adds the practices, the kiosk and the district office with their people, a week before the first patient.
    async fn open_practices(&self, house: &House) -> Result<Vec<Open>, SeedError> {
        let invited = DISTRICT.residents.iter().flat_map(|r| r.patients).map(|p| p.invited_days_ago);
        let opening = self.morning(invited.max().unwrap_or(0).saturating_add(7))?;
        let operator = house.app_by(Arc::new(StoppedClock(opening)));
        let mut hashes = hash_passwords(house).await?;
        let mut add = |kind: OrganisationKind, name: &str, people: &'static [StaffLogin]| {
            let id = operator.operator_add_organisation(kind, name).map_err(at("add an organisation"))?;
            for person in people {
                let known = hashes.iter().position(|(login, _)| *login == person.login);
                let (_, hash) = known.map(|place| hashes.swap_remove(place)).ok_or(SeedError::Missing("a password"))?;
                operator.operator_add_staff(id, person.login, &hash).map_err(at("add a person"))?;
            }
            Ok::<_, SeedError>(())
        };
        for practice in DISTRICT.practices {
            add(OrganisationKind::Practice, practice.name, practice.staff)?;
        }
        add(OrganisationKind::Kiosk, DISTRICT.kiosk.name, DISTRICT.kiosk.staff)?;
        add(OrganisationKind::DistrictOffice, DISTRICT.office.name, DISTRICT.office.staff)?;
        let mut open = Vec::new();
        for practice in DISTRICT.practices {
            let staff = self.at_work(practice.staff).await?;
            let label = practice.upload_credential.label;
            let made = self.app.create_upload_credential(&self.call(Some(&staff), opening), label).await;
            let (_, token) = made.map_err(at("make an upload credential"))?;
            open.push(Open { staff, software: PresentedToken::from(&token) });
        }
        Ok(open)
    }

    fn practice(&self, place: usize) -> Result<&Open, SeedError> {
        self.practices.get(place).ok_or(SeedError::Missing("a practice"))
    }

    /// Invites everyone and activates those who are. Gives the session of each who can open findings.
    async fn register_all(&self) -> Result<Vec<Option<PresentedToken>>, SeedError> {
        let mut tasks = JoinSet::new();
        for (place, resident) in DISTRICT.residents.iter().enumerate() {
            let seeder = self.clone();
            tasks.spawn(async move { Ok::<_, SeedError>((place, seeder.register(resident).await?)) });
        }
        let mut sessions = vec![None; DISTRICT.residents.len()];
        while let Some(done) = tasks.join_next().await {
            let (place, session) = done??;
            *sessions.get_mut(place).ok_or(SeedError::Missing("a resident"))? = session;
        }
        Ok(sessions)
    }

    async fn register(&self, resident: &'static Resident) -> Result<Option<PresentedToken>, SeedError> {
        let mut session = None;
        for registration in resident.patients {
            let invited_at = self.morning(registration.invited_days_ago)?;
            let used_at = self.later(invited_at, 20);
            let code = self.invite(resident, registration, invited_at).await?;
            match (resident.standing, &session) {
                (Standing::PaperConsent | Standing::InvitedOnly, _) => {}
                (Standing::Activated, None) => {
                    session = Some(self.settle_in(resident, registration, code, used_at).await?);
                }
                (Standing::Activated, Some(token)) => {
                    let birth_date = Private::new(resident.birth_date);
                    let linked = self.app.link_practice(&self.call(Some(token), used_at), &code, birth_date).await;
                    linked.map_err(at("link a practice"))?;
                }
            }
        }
        Ok(session)
    }

    /// The code on the slip of a new invitation.
    async fn invite(
        &self,
        resident: &Resident,
        registration: &Registration,
        when: Timestamp,
    ) -> Result<Private<String>, SeedError> {
        let day = calendar::day(when);
        let request = InvitationRequest {
            patient_reference: Private::new(registration.reference.to_owned()),
            birth_date: Private::new(resident.birth_date),
            language: Some(resident.language.to_owned()),
            paper_consent_on: (resident.standing == Standing::PaperConsent).then_some(day),
            binding: None,
            is_for: None,
            represents_until: None,
            court_file: None,
        };
        let staff = &self.practice(registration.practice)?.staff;
        let invited = self.app.invite(&self.call(Some(staff), when), request).await;
        Ok(invited.map_err(at("invite a resident"))?.manual_code)
    }

    /// Activates, signs in as of today and sets the address for notices. Who came long ago has had another phone since:
    /// no phone stays bound for years (SR-S06).
    async fn settle_in(
        &self,
        resident: &Resident,
        registration: &Registration,
        code: Private<String>,
        when: Timestamp,
    ) -> Result<PresentedToken, SeedError> {
        if registration.invited_days_ago > NEW_PHONE_AFTER {
            let [a, b] = [random_bytes::<8>(&OsRandom), random_bytes::<8>(&OsRandom)].map(u64::from_be_bytes);
            self.activate(resident, code, &format!("{a:016x}{b:016x}"), when).await?;
            let again = self.morning(NEW_PHONE_DAYS_AGO)?;
            let code = self.invite(resident, registration, again).await?;
            self.activate(resident, code, resident.device_secret, self.later(again, 20)).await?;
        } else {
            self.activate(resident, code, resident.device_secret, when).await?;
        }
        // The session of that day ended the same evening; this one is good until tonight.
        let today = self.call(None, self.now);
        let signed_in = self.app.sign_in_resident(&today, Some(resident.device_secret), resident.pin).await;
        let token = PresentedToken::from(&signed_in.map_err(at("sign in a resident"))?.access);
        if resident.notice_address.is_some() {
            let call = self.call(Some(&token), self.later(when, 2));
            let changed = self.app.change_account(&call, None, resident.notice_address, None, None).await;
            changed.map_err(at("note an address"))?;
        }
        Ok(token)
    }

    async fn activate(
        &self,
        resident: &Resident,
        code: Private<String>,
        device_secret: &str,
        when: Timestamp,
    ) -> Result<(), SeedError> {
        let language = Language::parse(resident.language).ok_or(SeedError::Missing("a language"))?;
        let text = consent_text(BASE_PURPOSE, language).ok_or(SeedError::Missing("a consent text"))?;
        let request = ActivationRequest {
            code,
            birth_date: Private::new(resident.birth_date),
            device_secret: Some(Private::new(device_secret.to_owned())),
            device_name: Some(Private::new(resident.phone.to_owned())),
            pin: Private::new(resident.pin.to_owned()),
            language: resident.language.to_owned(),
            consent: ShownText::from(text),
            evidence: None,
        };
        self.app.activate(&self.call(None, when), request).await.map_err(at("activate a resident"))?;
        Ok(())
    }

    /// Sends everything that the practices sent, and lets residents open what they opened.
    async fn deliver_all(
        &self,
        residents: &[Option<PresentedToken>],
        progress: impl Fn(usize, usize),
    ) -> Result<usize, SeedError> {
        let uploads = district::uploads(&DISTRICT, self.today, SEED)?;
        let (count, _) = uploads.size_hint();
        let mut openings = JoinSet::new();
        for (number, upload) in uploads.enumerate() {
            let upload = upload?;
            let (practice, received_at, then) = (upload.practice, upload.received_at, upload.then);
            for (resident, finding) in self.deliver(number, upload).await? {
                let session = residents.get(resident).cloned().flatten();
                let seeder = self.clone();
                let opened_at = self.opened_at(received_at, number);
                if let SeedAfter::Recall { .. } = then {
                    let staff = &self.practice(practice)?.staff;
                    let call = self.call(Some(staff), self.later(received_at, 24 * 60));
                    let recalled = self.app.recall_finding(&call, finding, RecallReason::WrongPatient).await;
                    recalled.map_err(at("recall a finding"))?;
                } else if let (Some(session), true) = (session, then != SeedAfter::Nothing) {
                    openings.spawn(async move { seeder.read(&session, finding, opened_at, then).await });
                }
            }
            while openings.len() >= OPENINGS {
                openings.join_next().await.transpose()?.transpose()?;
            }
            progress(number.saturating_add(1), count);
        }
        while let Some(opened) = openings.join_next().await {
            opened??;
        }
        Ok(count)
    }

    /// One upload of a practice's software. Tells whom its findings reached.
    async fn deliver(&self, number: usize, upload: SeedUpload) -> Result<Vec<Reached>, SeedError> {
        let practice = upload.practice;
        let (bytes, details) = match upload.content {
            SeedContent::Fhir(bytes) => (bytes, UploadDetails { hold_days: TALKED, ..UploadDetails::default() }),
            SeedContent::Document { metadata, media_type: _, bytes } => (bytes, details(metadata)),
        };
        let mut spool = Spool::create(&self.app.settings().spool_dir)?;
        spool.write(&bytes)?;
        let request =
            UploadRequest { file: spool.finish()?, details, idempotency_key: format!("demo-upload-{number:04}") };
        let call = self.call(Some(&self.practice(practice)?.software), upload.received_at);
        let kept = self.app.upload(&call, request, move |uploaded| (201, reached(practice, uploaded))).await;
        let body = kept.map_err(at("upload a finding"))?.body;
        let line = |line: &str| {
            let (resident, finding) = line.split_once(' ')?;
            Some((resident.parse().ok()?, finding.parse().ok()?))
        };
        body.lines().map(|text| line(text).ok_or(SeedError::Missing("a finding"))).collect()
    }

    /// When a resident opened what arrived: some hours later, and not at night.
    fn opened_at(&self, received_at: Timestamp, number: usize) -> Timestamp {
        let spread = i64::try_from(number.wrapping_mul(397) % 1_800).unwrap_or(0);
        let opened_at = self.later(received_at, 25_i64.saturating_add(spread));
        let hour = calendar::local(opened_at).hour();
        if hour < 7 { self.later(opened_at, 7 * 60) } else { opened_at }
    }

    async fn read(
        &self,
        session: &PresentedToken,
        finding: FindingId,
        when: Timestamp,
        then: SeedAfter,
    ) -> Result<(), SeedError> {
        self.app.open_finding(&self.call(Some(session), when), finding).await.map_err(at("open a finding"))?;
        if then == SeedAfter::MarkRead {
            let call = self.call(Some(session), self.later(when, 2));
            self.app.mark_finding_read(&call, finding).await.map_err(at("mark a finding as read"))?;
        }
        Ok(())
    }

    /// Nobody stays signed in.
    async fn sign_out_all(&self, residents: &[Option<PresentedToken>]) -> Result<(), SeedError> {
        let staff = self.practices.iter().map(|practice| &practice.staff);
        for session in residents.iter().flatten().chain(staff) {
            self.app.sign_out(&self.call(Some(session), self.now)).await.map_err(at("sign out"))?;
        }
        Ok(())
    }
}

/// Whom an upload reached, as the answer that is kept for it: a line for each finding with resident and id.
fn reached(practice: usize, uploaded: &Uploaded) -> String {
    let mut lines = String::new();
    for outcome in &uploaded.outcomes {
        let Outcome::Kept(receipt, _) = outcome else { continue };
        let is_theirs = |registration: &Registration| {
            registration.practice == practice
                && receipt.reference.as_ref() == Some(&Private::new(registration.reference.to_owned()))
        };
        let resident = DISTRICT.residents.iter().position(|resident| resident.patients.iter().any(is_theirs));
        if let Some(resident) = resident {
            lines.push_str(&format!("{resident} {}\n", receipt.id));
        }
    }
    lines
}

/// What lies years back was talked about: nothing holds it.
const TALKED: Option<u16> = Some(0);

fn details(metadata: SeedMetadata) -> UploadDetails {
    UploadDetails {
        patient_reference: Some(Private::new(metadata.patient_reference)),
        birth_date: Some(Private::new(metadata.birth_date)),
        title: Some(Private::new(metadata.title)),
        document_class: Some(metadata.class.to_owned()),
        date: Some(metadata.clinical_date),
        author: Some(Private::new(metadata.author)),
        note: metadata.note.map(Private::new),
        replaces: None,
        hold_days: TALKED,
    }
}
