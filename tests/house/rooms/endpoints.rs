//! The table of endpoints: one row an operation, with who may use it, what to send, and what the log will say.

use std::cell::OnceCell;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    agent::Agent,
    district::{draft, facts, id, published, publishers, step, text, words},
    house::{House, number},
    http::{Call, Reply},
    paper::{Report, Upload},
    people::{
        Account, BIRTH_DATE, PASSWORD, PIN, Patient, Practice, Resident, Staff, activation, approved, consent,
        device_secret, nobody, operators, wish,
    },
    push_service::WokenPhone,
    rooms::{
        images::{self, JPEG},
        places, schedules,
    },
    server::REDIRECT,
    worker,
};

/// A whole authorization request.
const AUTHORIZE: &str = "/oauth/authorize?response_type=code&client_id=nahraum-staff\
    &redirect_uri=https%3A%2F%2Fportal.example.org%2Fcb&code_challenge_method=S256\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Who may use an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Everyone, without a credential.
    Anyone,
    /// Residents.
    Resident,
    /// People of practices.
    Staff,
    /// People and software of practices.
    Sender,
    /// Whoever has signed in.
    Session,
    /// Whoever a resident can let in: people of practices here, and other residents.
    Reader,
    /// Residents, and people of practices for what they take part in.
    Party,
    /// People of the operator.
    Operator,
    /// People of the district office.
    District,
}

/// What stands in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    /// Nothing.
    None,
    /// A fixed word that works for everyone.
    Word(&'static str),
    /// A finding, for its resident.
    Finding,
    /// A finding, for its sender.
    Sent,
    /// A finding in the inbox.
    Inbox,
    /// An invitation.
    Invitation,
    /// An upload credential.
    Credential,
    /// A piece of software with a key.
    Client,
    /// The code of software that waits to be let in. Whoever has it may use it.
    Code,
    /// A decision about a consent.
    Consent,
    /// A phone.
    Device,
    /// A passkey of the practice's person.
    Passkey,
    /// The way to a second phone, claimed by it.
    Link,
    /// Something that changed the sign-in.
    Event,
    /// The same, of the practice's person.
    StaffEvent,
    /// A posted invitation that was used.
    Letter,
    /// A slip with which the practice has attested that somebody acts for a patient.
    Attested,
    /// A permission that the resident has given to the practice.
    Share,
    /// A block.
    Block,
    /// A conversation for which a code waits.
    Conversation,
    /// The permission behind a conversation in which the practice's person takes part.
    Joined,
    /// A code for somebody who is to act for the resident, claimed by another resident.
    Way,
    /// A link for somebody without an account.
    ShareLink,
    /// What stands in the address of such a link. Whoever has it may use it.
    Door,
    /// What stands in the address of a file that it leads to, new for each request.
    LinkFile,
    /// The practice, which everybody may know.
    Practice,
    /// A wish of one person of the operator, new for each request; every other person of the operator may decide.
    Wish,
    /// A look into the log that a second person has agreed to.
    Look,
    LostPhone,
    /// An offer that the practice is writing, new for each request.
    Draft,
    /// A public offer.
    Offer,
    /// What the resident says is wrong with a finding, another one for each request.
    Correction,
    /// What somebody wants to ask at the next visit.
    Question,
    /// An offer that the practice has recommended to the resident.
    Recommended,
    /// A place of the practice, a new one for each request.
    Spot,
    /// A date of an offer that the practice is writing, of a new one for each request.
    Date,
    /// A date that is cancelled.
    OffDate,
    /// A registration of the resident's for an offer of the practice that has just been made, with how they can be reached.
    Registration,
    /// An offer of the practice without dates, in which the resident takes part, a new one for each request.
    Gathering,
}

/// What is sent.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    Nothing,
    Json(fn(&Scene) -> Value),
    /// JSON with an idempotency key.
    Keyed(fn(&Scene) -> Value),
    Form(fn(&Scene) -> String),
    Image,
    Upload,
}

/// One operation.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) who: Who,
    pub(crate) thing: Thing,
    pub(crate) body: Body,
    /// The line that the resident's access log gets by it.
    pub(crate) log: Option<&'static str>,
}

/// A practice with a resident, and one of everything.
pub(crate) struct Scene {
    pub(crate) practice: Practice,
    pub(crate) resident: Resident,
    pub(crate) finding: String,
    inbox: String,
    invitation: String,
    consent: String,
    device: String,
    client: String,
    passkey: String,
    link: (String, String),
    event: String,
    staff_event: String,
    letter: String,
    share: String,
    block: String,
    // Made when they are needed: each costs a sign-in, the last one a resident.
    conversation: OnceCell<String>,
    joined: OnceCell<String>,
    attested: OnceCell<String>,
    /// Its id, and the number that the other resident shows.
    way: OnceCell<(String, String)>,
    share_link: (String, String),
    offer: OnceCell<String>,
    /// Another slip, of another practice.
    other_code: String,
    /// Who asks, and who agrees.
    operators: OnceCell<[Staff; 2]>,
    district: OnceCell<[Staff; 2]>,
}

impl Scene {
    pub(crate) fn new(practice: Practice, other: &Practice) -> Self {
        let resident = practice.resident();
        let report = Upload::fhir(Report::new(&resident.patient).bytes());
        let stranger = Upload::pdf(&Patient::new());
        let link = claimed_link(&resident);
        let letter = practice.staff.invite_by_letter(&Patient::new());
        let code = json!({"code": letter.code, "birth_date": letter.patient.birth_date});
        resident.post("/v1/me/practices", &code).expect(201);
        resident.wants_mail("jemand@example.org");
        let made = |receipt: Value| receipt["id"].as_str().expect("an id").to_owned();
        let passkey = add_passkey(&practice.staff);
        Self {
            finding: made(practice.software.deliver(&Upload::pdf(&resident.patient))),
            inbox: made({
                practice.software.deliver(&report);
                practice.software.deliver(&stranger)
            }),
            invitation: practice.staff.invite(&Patient::new()).id,
            consent: resident.get("/v1/consents").expect(200).text("/items/0/id"),
            staff_event: practice.staff.get("/v1/staff/security-events").expect(200).text("/items/0/id"),
            passkey,
            device: resident.get("/v1/me/devices").expect(200).text("/items/0/id"),
            client: practice.staff.pair(&Agent::new(&practice.server)),
            event: resident.get("/v1/me/security-events").expect(200).text("/items/0/id"),
            letter: letter.id,
            share: share(&resident, &practice.id),
            block: resident.post("/v1/blocks", &json!({"organisation": other.id})).expect(201).text("/id"),
            joined: OnceCell::new(),
            attested: OnceCell::new(),
            conversation: OnceCell::new(),
            way: OnceCell::new(),
            share_link: share_link(&resident),
            link,
            other_code: other.staff.invite(&Patient::new()).code,
            offer: OnceCell::new(),
            operators: OnceCell::new(),
            district: OnceCell::new(),
            resident,
            practice,
        }
    }

    pub(crate) fn begin(house: &House) -> Self {
        Self::new(house.own_practice(), &house.practice())
    }

    /// A refresh token of a session of its own.
    fn refresh_token(&self) -> String {
        let body = json!({"login": self.practice.staff.login, "password": PASSWORD});
        self.practice.server.post("/v1/sessions/staff", &body).expect(201).text("/refresh_token")
    }

    /// The code of software that has just asked to be let in.
    fn code(&self) -> String {
        Agent::new(&self.practice.server).ask().expect(200).text("/user_code")
    }

    /// A one-time secret for a new person of the practice.
    fn invited(&self) -> String {
        let login = format!("neu.{}@praxis", number());
        let invite = ["staff", "invite", "--organisation", &self.practice.id, "--login", &login];
        self.practice.server.cli(&invite).trim().to_owned()
    }

    /// The number that the resident says to the practice of the letter.
    fn confirmation_number(&self) -> Value {
        let me = self.resident.get("/v1/me").expect(200).json();
        let practices = me["practices"].as_array().expect("practices").iter();
        practices.map(|p| p["confirmation_number"].clone()).find(|n| !n.is_null()).unwrap_or(json!("0000"))
    }

    /// Two persons of the operator: the one who sends the requests, and another one.
    fn operators(&self) -> &[Staff; 2] {
        self.operators.get_or_init(|| operators(&self.practice.server))
    }

    /// What the other person of the operator wants.
    fn wish(&self) -> String {
        let body = wish("read-access-log", "authority", &self.resident.id);
        self.operators()[1].post("/v1/operator/approvals", &body).expect(201).text("/id")
    }

    /// What the other person agreed to.
    fn look(&self) -> String {
        let [one, two] = self.operators();
        approved(one, two, "read-access-log", "authority", &self.resident.id)
    }

    /// What the other person agreed to, for somebody who has lost the phone.
    fn lost_phone(&self) -> String {
        let [one, two] = self.operators();
        approved(one, two, "cut-off-phones", "resident-asked", &self.practice.resident().id)
    }

    /// What stands in the address of a file behind the link.
    fn link_file(&self) -> String {
        let manifest =
            self.practice.server.post(&format!("/shl/{}", self.share_link.1), &json!({"recipient": "Kanarie"}));
        let file = manifest.expect(200).text("/files/0/location");
        file.rsplit('/').next().expect("a file").to_owned()
    }

    /// An offer of the practice in two languages.
    fn draft(&self) -> String {
        let offer = draft(&self.practice.staff, &facts(), "Kanarie");
        let offer = images::give(&self.practice.staff, &offer, JPEG).expect(200).json();
        text(&self.practice.staff, &offer, "tr", &json!({})).expect(200);
        id(&offer).to_owned()
    }

    /// What the resident says is wrong with a finding that has just come.
    fn correction(&self) -> String {
        let receipt = self.practice.software.deliver(&Upload::pdf(&self.resident.patient));
        let path = format!("/v1/findings/{}/corrections", receipt["id"].as_str().expect("an id"));
        self.resident.post(&path, &json!({"said": "Das ist nicht mein Befund."})).expect(201).text("/id")
    }

    /// An offer that everybody sees.
    fn public_offer(&self) -> &str {
        self.offer.get_or_init(|| {
            let people = publishers(&self.practice.server, "kiosk");
            let offer = published(&people, &facts(), "Kanarie");
            let offer = images::give(&people[0], &offer, JPEG).expect(200).json();
            text(&people[0], &offer, "de", &json!({"image_alt": "Eine Kanarie"})).expect(200);
            id(&offer).to_owned()
        })
    }

    /// An offer that the practice recommends to its resident.
    fn recommending(&self) -> Value {
        let Patient { reference, birth_date } = &self.resident.patient;
        json!({"patient_reference": reference, "birth_date": birth_date, "offer_id": self.public_offer()})
    }

    /// One that it has recommended.
    fn recommendation(&self) -> String {
        self.practice.staff.post("/v1/practice/recommendations", &self.recommending()).expect(201).text("/id")
    }

    /// A date of an offer that has just been made.
    fn date(&self) -> String {
        let staff = &self.practice.staff;
        let dates = schedules::next_tuesdays(staff, &schedules::draft(staff, None));
        dates[0]["id"].as_str().expect("an id").to_owned()
    }

    /// A new public offer of the practice for which people register.
    fn gathering(&self) -> String {
        let mut facts = facts();
        (facts["registration"], facts["places_max"]) = (json!("in-app"), json!(3));
        let offer = draft(&self.practice.staff, &facts, "Kanarie");
        if step(&self.practice.staff, &offer, "submit").expect(200).json()["status"] == "in-review" {
            let login = format!("zweite.{}@praxis", number());
            let another = Staff::add(&self.practice.server, &self.practice.id, &login);
            step(&another, &offer, "approve").expect(200);
        }
        id(&offer).to_owned()
    }

    /// Such an offer, and the resident's registration for it.
    fn registration(&self) -> (String, String) {
        let offer = self.gathering();
        let wish = json!({"offer_id": offer, "contact": {"name": "Kanarie"}});
        let key = format!("kanarie-{}", number());
        let call = self.resident.call("POST", "/v1/registrations").header("idempotency-key", &key);
        (offer, call.json(&wish).send().expect(201).text("/id"))
    }

    /// The resident, who has just signed in.
    fn fresh(&self) -> &Resident {
        self.resident.sign_in_again();
        &self.resident
    }

    /// The number that the other resident shows; any where nobody does, because the path is somebody else's.
    fn number(&self) -> &str {
        self.way.get().map_or("10", |(_, number)| number)
    }

    /// The path of a row, with this scene's thing in it.
    pub(crate) fn path(&self, row: &Row) -> String {
        let code = match row.thing {
            Thing::Code => self.code(),
            Thing::Wish => self.wish(),
            Thing::Look => self.look(),
            Thing::LostPhone => self.lost_phone(),
            Thing::LinkFile => self.link_file(),
            Thing::Correction => self.correction(),
            Thing::Question => self.resident.post("/v1/questions", &json!({"said": "Warum?"})).expect(201).text("/id"),
            Thing::Recommended => self.recommendation(),
            Thing::Draft => self.draft(),
            Thing::Spot => self.practice.staff.post("/v1/publisher/places", &places::place()).expect(201).text("/id"),
            Thing::Date => self.date(),
            Thing::Registration => self.registration().1,
            Thing::Gathering => self.registration().0,
            Thing::OffDate => {
                let date = self.date();
                let path = format!("/v1/publisher/occurrences/{date}/cancel");
                self.practice.staff.call("POST", &path).send().expect(200);
                date
            }
            Thing::None
            | Thing::Word(_)
            | Thing::Finding
            | Thing::Sent
            | Thing::Inbox
            | Thing::Invitation
            | Thing::Credential
            | Thing::Client
            | Thing::Consent
            | Thing::Device
            | Thing::Passkey
            | Thing::Link
            | Thing::Event
            | Thing::StaffEvent
            | Thing::Letter
            | Thing::Attested
            | Thing::Share
            | Thing::Block
            | Thing::Conversation
            | Thing::Joined
            | Thing::Way
            | Thing::ShareLink
            | Thing::Door
            | Thing::Offer
            | Thing::Practice => String::new(),
        };
        row.path_of(match row.thing {
            Thing::None => "",
            Thing::Code
            | Thing::Wish
            | Thing::Look
            | Thing::LostPhone
            | Thing::LinkFile
            | Thing::Correction
            | Thing::Question
            | Thing::Recommended
            | Thing::Draft
            | Thing::Spot
            | Thing::Date
            | Thing::Registration
            | Thing::Gathering
            | Thing::OffDate => &code,
            Thing::Word(word) => word,
            Thing::Finding | Thing::Sent => &self.finding,
            Thing::Inbox => &self.inbox,
            Thing::Invitation => &self.invitation,
            Thing::Credential => &self.practice.software.id,
            Thing::Client => &self.client,
            Thing::Consent => &self.consent,
            Thing::Device => &self.device,
            Thing::Passkey => &self.passkey,
            Thing::Link => &self.link.0,
            Thing::Event => &self.event,
            Thing::StaffEvent => &self.staff_event,
            Thing::Letter => &self.letter,
            Thing::Attested => self.attested.get_or_init(|| attested(&self.practice)),
            Thing::Share => &self.share,
            Thing::Block => &self.block,
            Thing::Conversation => self.conversation.get_or_init(|| conversation(self.fresh()).0),
            Thing::Joined => self.joined.get_or_init(|| joined(&self.practice, self.fresh())),
            Thing::Way => &self.way.get_or_init(|| claimed_way(&self.practice, self.fresh())).0,
            Thing::ShareLink => &self.share_link.0,
            Thing::Door => &self.share_link.1,
            Thing::Practice => &self.practice.id,
            Thing::Offer => self.public_offer(),
        })
    }

    /// Everyone who may use a row.
    pub(crate) fn allowed(&self, who: Who) -> Vec<(&'static str, &Account)> {
        let (resident, staff, software) =
            (("resident", &*self.resident), ("staff", &*self.practice.staff), ("software", &*self.practice.software));
        match who {
            Who::Anyone => vec![],
            Who::Resident | Who::Party => vec![resident],
            Who::Staff => vec![staff],
            Who::Sender => vec![software, staff],
            Who::Session => vec![resident, staff],
            Who::Reader => vec![staff],
            Who::Operator => vec![("operator", &*self.operators()[0])],
            Who::District => {
                let people = self.district.get_or_init(|| publishers(&self.practice.server, "district-office"));
                vec![("district", &*people[0])]
            }
        }
    }

    /// Everyone with a credential who may not.
    pub(crate) fn forbidden(&self, who: Who) -> Vec<(&'static str, &Account)> {
        let all: [(&'static str, &Account); 3] =
            [("resident", &self.resident), ("staff", &self.practice.staff), ("software", &self.practice.software)];
        let may: Vec<&str> = self.allowed(who).iter().map(|(name, _)| *name).collect();
        // Another resident can be let in as well, and this one has let nobody in but the practice.
        let reads = |name: &str| match who {
            Who::Reader => name == "resident",
            Who::Party => name == "staff",
            Who::Anyone | Who::Resident | Who::Staff | Who::Sender | Who::Session | Who::Operator | Who::District => {
                false
            }
        };
        all.into_iter().filter(|(name, _)| who != Who::Anyone && !may.contains(name) && !reads(name)).collect()
    }
}

/// A passkey of somebody who has just signed in; gives its id.
fn add_passkey(staff: &Staff) -> String {
    let first = |factors: &Value| factors.pointer("/passkeys/0/id").and_then(Value::as_str).map(str::to_owned);
    if let Some(id) = first(&staff.get("/v1/staff/factors").expect(200).json()) {
        return id;
    }
    let offer = staff.post("/v1/staff/passkey-challenges", &json!({})).expect(201).json();
    let (_, passkey) = worker::new_passkey(&staff.server, &offer);
    first(&staff.post("/v1/staff/passkeys", &passkey).expect(201).json()).expect("an id")
}

/// What a resident shows to an organisation, with their documents.
fn share(resident: &Resident, organisation: &str) -> String {
    resident.sign_in_again();
    let share = json!({"organisation": organisation, "called": "Kanarie", "may_download": true});
    resident.post("/v1/shares", &share).expect(201).text("/id")
}

/// A slip for a parent of somebody who has none yet.
fn for_parent(practice: &Practice) -> (String, Value) {
    let patient = json!({"patient_reference": Patient::new().reference, "birth_date": "2019-05-04", "for": "parent"});
    let made = practice.staff.post("/v1/practice/invitations", &patient).expect(201);
    let claim = json!({
        "code": made.text("/manual_code"), "birth_date": "2019-05-04", "called": "Emil", "own_name": "Mama",
        "language": "de", "consent": consent(&practice.server, "de"),
    });
    (made.text("/invitation/id"), claim)
}

/// One that a parent has used.
fn attested(practice: &Practice) -> String {
    let (id, claim) = for_parent(practice);
    practice.resident().post("/v1/represented", &claim).expect(201);
    id
}

/// A conversation that waits for somebody to type its code: its id and the code.
fn conversation(resident: &Resident) -> (String, String) {
    let made = resident.post("/v1/explanations", &json!({"called": "Kanarie"})).expect(201);
    (made.text("/explanation/id"), made.text("/code"))
}

/// What somebody of the practice sees in a conversation with the resident.
fn joined(practice: &Practice, resident: &Resident) -> String {
    let (_, code) = conversation(resident);
    practice.staff.post("/v1/explanation-claims", &json!({"code": code})).expect(201).text("/share_id")
}

/// The code for somebody who is to act for a resident.
fn way(resident: &Resident) -> (String, String) {
    let made = resident.call("POST", "/v1/representative-codes").send().expect(201);
    (made.text("/encounter/id"), made.text("/code"))
}

fn claimed_way(practice: &Practice, resident: &Resident) -> (String, String) {
    let (id, code) = way(resident);
    let claim = json!({"code": code, "called": "Tochter"});
    (id, practice.resident().post("/v1/representative-claims", &claim).expect(201).text("/number"))
}

/// A link for somebody without an account: its id, and what stands in its address.
fn share_link(resident: &Resident) -> (String, String) {
    resident.sign_in_again();
    let made = resident.post("/v1/links", &json!({"may_download": true})).expect(201);
    let payload = made.text("/shlink");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload.trim_start_matches("shlink:/")).expect("Base64url");
    let payload: Value = serde_json::from_slice(&payload).expect("JSON");
    let secret = payload["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("an address");
    (made.text("/link/id"), secret.to_owned())
}

/// A link that a phone has claimed, and the number that phone shows.
fn claimed_link(resident: &Resident) -> (String, String) {
    let made = resident.call("POST", "/v1/me/device-links").send().expect(201);
    let phone = json!({"code": made.text("/qr_payload"), "device_secret": device_secret(), "pin": PIN});
    let number = resident.server.post("/v1/device-claims", &phone).expect(201).text("/number");
    (made.text("/link/id"), number)
}

/// A new phone with the code of this operation of a new resident.
fn new_phone(scene: &Scene, operation: &str) -> Value {
    let resident = scene.practice.resident();
    let code = resident.call("POST", operation).send().expect(201).text("/qr_payload");
    json!({"code": code, "device_secret": device_secret(), "pin": PIN})
}

/// The same phone after it has begun, asking again.
fn phone_that_asks(scene: &Scene, operation: &str, begin: &str, birth_date: Option<&str>) -> Value {
    let mut phone = new_phone(scene, operation);
    let asks = json!({"code": phone["code"], "device_secret": phone["device_secret"]});
    if let Some(birth_date) = birth_date {
        phone["birth_date"] = json!(birth_date);
    }
    scene.practice.server.post(begin, &phone).expect(201);
    asks
}

fn recovering(scene: &Scene) -> Value {
    let mut phone = new_phone(scene, "/v1/me/recovery-sheet");
    phone["birth_date"] = json!(BIRTH_DATE);
    phone
}

impl Row {
    pub(crate) fn path_of(&self, thing: &str) -> String {
        match self.path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
            // A language is nobody's thing.
            Some((before, after)) => format!("{before}{thing}{}", after.replace("{lang}", "tr")),
            None => self.path.to_owned(),
        }
    }

    /// Whether its path has a placeholder for somebody's thing.
    pub(crate) const fn is_about_a_thing(&self) -> bool {
        !matches!(
            self.thing,
            Thing::None
                | Thing::Word(_)
                | Thing::Code
                | Thing::Practice
                | Thing::Offer
                | Thing::Wish
                | Thing::Look
                | Thing::LostPhone
                | Thing::Door
                | Thing::LinkFile
        )
    }

    /// Sends it with the scene's sample body.
    pub(crate) fn send(&self, scene: &Scene, call: Call<'_>) -> Reply {
        match self.body {
            Body::Nothing => call.send(),
            Body::Json(make) => call.json(&make(scene)).send(),
            Body::Keyed(make) => {
                call.header("idempotency-key", &format!("kanarie-{}", number())).json(&make(scene)).send()
            }
            Body::Form(make) => call.form(&make(scene)).send(),
            Body::Image => call.bytes("image/jpeg", JPEG.to_vec()).send(),
            Body::Upload => Upload::pdf(&scene.resident.patient).on(call).send(),
        }
    }
}

const fn row(operation: &'static str, method: &'static str, path: &'static str, who: Who) -> Row {
    Row { operation, method, path, who, thing: Thing::None, body: Body::Nothing, log: None }
}

impl Row {
    const fn with(self, thing: Thing) -> Self {
        Self { thing, ..self }
    }

    const fn json(self, make: fn(&Scene) -> Value) -> Self {
        Self { body: Body::Json(make), ..self }
    }

    const fn form(self, make: fn(&Scene) -> String) -> Self {
        Self { body: Body::Form(make), ..self }
    }

    const fn logs(self, word: &'static str) -> Self {
        Self { log: Some(word), ..self }
    }
}

/// The table.
pub(crate) fn rows() -> Vec<Row> {
    [
        open_to_all(),
        of_staff(),
        of_publishers(),
        of_residents(),
        of_practices(),
        of_readers(),
        of_operators(),
        of_places_and_times(),
        of_taking_part(),
    ]
    .concat()
}

fn of_readers() -> Vec<Row> {
    let reader = |operation, path| row(operation, "GET", path, Who::Reader);
    vec![
        reader("list_received_shares", "/v1/shared"),
        reader("list_ended_shares", "/v1/ended-shares"),
        reader("list_shared_findings", "/v1/shared/{id}/findings").with(Thing::Share).logs("list"),
        reader("get_shared_finding", "/v1/shared-findings/{id}").with(Thing::Finding).logs("open"),
        reader("get_shared_content", "/v1/shared-findings/{id}/content").with(Thing::Finding).logs("download"),
        row("end_received_share", "DELETE", "/v1/shared/{id}", Who::Reader).with(Thing::Joined).logs("unshare"),
        row("claim_explanation", "POST", "/v1/explanation-claims", Who::Staff)
            .json(|s| json!({"code": conversation(&s.resident).1}))
            .logs("use-code"),
        row("create_link", "POST", "/v1/links", Who::Resident).json(|_| json!({})).logs("share"),
        row("list_links", "GET", "/v1/links", Who::Resident),
        row("end_link", "DELETE", "/v1/links/{id}", Who::Resident).with(Thing::ShareLink).logs("unshare"),
        row("start_link_visit", "POST", "/shl/{secret}", Who::Anyone)
            .with(Thing::Door)
            .json(|_| json!({"recipient": "Kanarie"})),
        row("get_link_file", "GET", "/shl/files/{file}", Who::Anyone).with(Thing::LinkFile),
        row("get_client_gate", "GET", "/v1/client-gate?platform=android&app_version=2.3", Who::Anyone),
        row("get_security_txt", "GET", "/.well-known/security.txt", Who::Anyone),
        row("get_asset_links", "GET", "/.well-known/assetlinks.json", Who::Anyone),
        row("get_apple_app_site_association", "GET", "/.well-known/apple-app-site-association", Who::Anyone),
        row("get_link_page", "GET", "/shl", Who::Anyone),
        row("get_link_script", "GET", "/shl.js", Who::Anyone),
        row("get_link_style", "GET", "/shl.css", Who::Anyone),
        row("get_paper_page", "GET", "/paper", Who::Anyone),
        row("get_paper_script", "GET", "/paper.js", Who::Anyone),
        row("get_share_preview", "GET", "/v1/share-preview?organisation={id}", Who::Resident)
            .with(Thing::Practice)
            .logs("list"),
    ]
}

fn open_to_all() -> Vec<Row> {
    let public = |operation, path| row(operation, "GET", path, Who::Anyone);
    vec![
        public("get_liveness", "/healthz"),
        public("get_readiness", "/readyz"),
        public("get_server", "/v1/server"),
        public("get_openapi", "/v1/openapi.json"),
        public("get_older_openapi", "/v1/openapi-3.0.json"),
        public("list_topics", "/v1/topics"),
        public("get_glossary", "/v1/glossary"),
        public("get_glossary_entry", "/v1/glossary/{code}").with(Thing::Word("2160-0")),
        public("list_languages", "/v1/languages"),
        public("get_hsds_api", "/v1/hsds"),
        public("list_hsds_services", "/v1/hsds/services"),
        public("get_hsds_service", "/v1/hsds/services/{id}").with(Thing::Offer),
        public("get_offer_schema_org", "/v1/offers/{id}/schema-org").with(Thing::Offer),
        row("create_offer_feedback", "POST", "/v1/offers/{id}/feedback", Who::Anyone)
            .with(Thing::Offer)
            .json(|_| json!({"helpful": "yes"})),
        row("create_wish", "POST", "/v1/wishes", Who::Anyone).json(|_| json!({"topic": "movement", "lang": "de"})),
        row("list_needs", "GET", "/v1/district/needs?month=2026-01", Who::District),
        row("list_wish_texts", "GET", "/v1/district/wishes?month=2026-01", Who::District),
        public("get_offer_check", "/offer-checks/{token}").with(Thing::Word("nrf_x")),
        row("confirm_offer_check", "POST", "/offer-checks/{token}", Who::Anyone)
            .with(Thing::Word("nrf_x"))
            .form(|_| String::from("offer=x")),
        public("get_offer_check_style", "/offer-check.css"),
        public("list_offers", "/v1/offers"),
        row("search_offers", "POST", "/v1/offer-searches", Who::Anyone).json(|_| json!({"words": "kanarie"})),
        public("get_offer", "/v1/offers/{id}").with(Thing::Offer),
        public("list_offer_dates", "/v1/offers/{id}/dates").with(Thing::Offer),
        public("get_offer_image", "/v1/offers/{id}/image").with(Thing::Offer),
        public("get_offer_calendar", "/v1/offers/{id}/calendar").with(Thing::Offer),
        public("get_offer_feed", "/v1/offer-feed"),
        public("get_offer_snapshot", "/v1/offer-snapshot"),
        public("list_consent_texts", "/v1/consent-texts"),
        public("get_consent_text", "/v1/consent-texts/{purpose}").with(Thing::Word("base")),
        public("list_problems", "/problems"),
        public("get_problem", "/problems/{code}").with(Thing::Word("not-found")),
        row("activate_resident", "POST", "/v1/activations", Who::Anyone)
            .json(|s| activation(&s.practice.server, "7K3M-Q2XW-9HPA", "1950-01-02", &device_secret(), "de")),
        row("sign_in_resident", "POST", "/v1/sessions/resident", Who::Anyone)
            .json(|s| json!({"device_secret": s.practice.resident().device_secret, "pin": PIN})),
        row("sign_in_staff", "POST", "/v1/sessions/staff", Who::Anyone)
            .json(|s| json!({"login": s.practice.staff.login, "password": PASSWORD})),
        row("claim_device_link", "POST", "/v1/device-claims", Who::Anyone)
            .json(|s| new_phone(s, "/v1/me/device-links")),
        row("poll_device_claim", "POST", "/v1/device-claims/session", Who::Anyone)
            .json(|s| phone_that_asks(s, "/v1/me/device-links", "/v1/device-claims", None)),
        row("start_recovery", "POST", "/v1/recoveries", Who::Anyone).json(recovering),
        row("complete_recovery", "POST", "/v1/recoveries/session", Who::Anyone)
            .json(|s| phone_that_asks(s, "/v1/me/recovery-sheet", "/v1/recoveries", Some(BIRTH_DATE))),
        row("get_current_session", "GET", "/v1/sessions/current", Who::Session),
        row("sign_out", "DELETE", "/v1/sessions/current", Who::Session),
        public("get_authorization_server", "/.well-known/oauth-authorization-server"),
        row("create_token", "POST", "/oauth/token", Who::Anyone)
            .form(|s| format!("grant_type=refresh_token&refresh_token={}", s.refresh_token())),
        row("create_device_authorization", "POST", "/oauth/device_authorization", Who::Anyone).form(|_| Agent::wish()),
        row("update_software_key", "POST", "/oauth/key", Who::Anyone).form(|_| String::from("jwk=x")),
        row("create_client_certificate", "POST", "/oauth/certificate", Who::Anyone)
            .form(|_| String::from("client_id=x")),
        public("get_pairing_help", "/pair"),
        row("revoke_token", "POST", "/oauth/revoke", Who::Anyone).form(|s| format!("token={}", s.refresh_token())),
    ]
}

fn of_staff() -> Vec<Row> {
    let own = |operation, method, path| row(operation, method, path, Who::Staff);
    let public = |operation, path| row(operation, "GET", path, Who::Anyone);
    vec![
        row("create_sign_in_challenge", "POST", "/v1/sessions/staff/begin", Who::Anyone)
            .json(|s| json!({"login": s.practice.staff.login})),
        row("create_enrolment_challenge", "POST", "/v1/enrolments/begin", Who::Anyone)
            .json(|s| json!({"secret": s.invited()})),
        row("create_enrolment", "POST", "/v1/enrolments", Who::Anyone).json(|s| {
            let (server, secret) = (&s.practice.server, s.invited());
            let offer = worker::begin(server, &secret).expect(201).json();
            let (_, passkey) = worker::new_passkey(server, &offer["passkey"]);
            json!({"secret": secret, "password": PASSWORD, "passkeys": [passkey]})
        }),
        public("get_enrolment_page", "/enrol"),
        public("get_sign_in_script", "/oauth/sign-in.js"),
        public("get_sign_in_style", "/oauth/sign-in.css"),
        public("get_sign_in_page", AUTHORIZE),
        row("create_authorization", "POST", "/oauth/authorize", Who::Anyone).json(|s| {
            json!({"response_type": "code", "client_id": "nahraum-staff", "redirect_uri": REDIRECT,
                "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
                "login": s.practice.staff.login, "password": PASSWORD})
        }),
        own("get_factors", "GET", "/v1/staff/factors"),
        own("list_staff_security_events", "GET", "/v1/staff/security-events"),
        own("disown_staff_security_event", "POST", "/v1/staff/security-events/{id}/not-me").with(Thing::StaffEvent),
        own("create_passkey_challenge", "POST", "/v1/staff/passkey-challenges"),
        own("create_passkey", "POST", "/v1/staff/passkeys").json(|s| {
            let offer = s.practice.staff.post("/v1/staff/passkey-challenges", &json!({})).expect(201).json();
            worker::new_passkey(&s.practice.server, &offer).1
        }),
        own("update_passkey", "PATCH", "/v1/staff/passkeys/{id}")
            .with(Thing::Passkey)
            .json(|_| json!({"label": "Neu"})),
        own("delete_passkey", "DELETE", "/v1/staff/passkeys/{id}").with(Thing::Passkey),
        own("create_totp_secret", "POST", "/v1/staff/totp/begin"),
        own("update_totp", "PUT", "/v1/staff/totp").json(|s| {
            let offer = s.practice.staff.post("/v1/staff/totp/begin", &json!({})).expect(201).json();
            let code = worker::code(offer["secret"].as_str().unwrap(), s.practice.server.clock());
            json!({"ceremony_id": offer["ceremony_id"], "code": code})
        }),
        own("delete_totp", "DELETE", "/v1/staff/totp"),
        own("update_password", "PUT", "/v1/staff/password").json(|_| json!({"password": PASSWORD})),
    ]
}

fn of_residents() -> Vec<Row> {
    let own = |operation, method, path| row(operation, method, path, Who::Resident);
    vec![
        own("get_me", "GET", "/v1/me"),
        own("update_me", "PATCH", "/v1/me").json(|_| json!({"language": "tr"})),
        own("delete_me", "DELETE", "/v1/me"),
        own("list_devices", "GET", "/v1/me/devices"),
        own("update_device", "PATCH", "/v1/me/devices/{id}").with(Thing::Device).json(|_| json!({"name": "Neu"})),
        own("delete_device", "DELETE", "/v1/me/devices/{id}").with(Thing::Device),
        own("get_push", "GET", "/v1/me/push"),
        own("update_push", "PUT", "/v1/me/push")
            .json(|_| WokenPhone::new().subscription_at("https://push.example.net/x")),
        own("confirm_push", "POST", "/v1/me/push/confirmation")
            .json(|_| json!({"code": "1f0c9a7de2b84463b5d0a17c93e8f246"})),
        own("delete_push", "DELETE", "/v1/me/push"),
        own("end_other_sessions", "DELETE", "/v1/me/other-sessions"),
        own("update_pin", "PUT", "/v1/me/pin").json(|_| json!({"pin": PIN})),
        own("get_device_link", "GET", "/v1/me/device-links/{id}").with(Thing::Link),
        own("confirm_device_link", "POST", "/v1/me/device-links/{id}/confirmation")
            .with(Thing::Link)
            .json(|s| json!({"number": s.link.1})),
        own("create_device_link", "POST", "/v1/me/device-links"),
        own("list_security_events", "GET", "/v1/me/security-events"),
        own("disown_security_event", "POST", "/v1/me/security-events/{id}/not-me").with(Thing::Event),
        own("create_recovery_sheet", "POST", "/v1/me/recovery-sheet"),
        own("get_recovery", "GET", "/v1/me/recovery"),
        own("cancel_recovery", "DELETE", "/v1/me/recovery"),
        own("link_practice", "POST", "/v1/me/practices")
            .json(|s| json!({"code": s.other_code, "birth_date": s.resident.patient.birth_date}))
            .logs("link"),
        own("update_discretion", "PUT", "/v1/me/practices/{id}/discretion")
            .with(Thing::Practice)
            .json(|_| json!({"notice": true, "put_away": false})),
        own("list_consents", "GET", "/v1/consents"),
        own("grant_consent", "POST", "/v1/consents").json(|s| consent(&s.practice.server, "de")),
        own("withdraw_consent", "POST", "/v1/consents/{id}/withdraw").with(Thing::Consent),
        own("list_consent_questions", "GET", "/v1/consent-questions"),
        own("get_decision_receipt", "GET", "/v1/decisions/{id}/receipt").with(Thing::Share),
        own("list_directory", "GET", "/v1/directory"),
        own("list_shares", "GET", "/v1/shares"),
        own("grant_share", "POST", "/v1/shares")
            .json(|s| json!({"organisation": s.practice.id, "called": "Kanarie"}))
            .logs("share"),
        own("update_share", "PATCH", "/v1/shares/{id}").with(Thing::Share).json(|_| json!({"days": 7})),
        own("end_share", "DELETE", "/v1/shares/{id}").with(Thing::Share).logs("unshare"),
        own("list_blocks", "GET", "/v1/blocks"),
        own("create_block", "POST", "/v1/blocks").json(|_| json!({"data": {"kinds": ["vaccination"]}})).logs("block"),
        own("end_block", "DELETE", "/v1/blocks/{id}").with(Thing::Block).logs("unblock"),
        own("list_explanations", "GET", "/v1/explanations"),
        own("get_explanation", "GET", "/v1/explanations/{id}").with(Thing::Conversation),
        row("end_explanation", "DELETE", "/v1/explanations/{id}", Who::Party).with(Thing::Conversation).logs("unshare"),
        own("create_explanation", "POST", "/v1/explanations").json(|_| json!({"called": "Kanarie"})).logs("share"),
        own("get_representative_code", "GET", "/v1/representative-codes/{id}").with(Thing::Way),
        own("grant_representation", "POST", "/v1/representative-codes/{id}/confirmation")
            .with(Thing::Way)
            .json(|s| json!({"number": s.number(), "called": "Mama", "days": 30}))
            .logs("share"),
        own("create_representative_code", "POST", "/v1/representative-codes"),
        own("claim_representation", "POST", "/v1/representative-claims")
            .json(|s| json!({"code": way(&s.practice.resident()).1, "called": "Tochter"})),
        own("create_represented", "POST", "/v1/represented").json(|s| for_parent(&s.practice).1),
        own("get_withdrawal", "GET", "/v1/decisions/{id}/withdrawal").with(Thing::Share),
        own("list_decisions", "GET", "/v1/decisions"),
        own("export_decision", "GET", "/v1/decisions/{id}/fhir").with(Thing::Share),
        // Two answers to consent texts, and the first of the findings.
        own("list_changes", "GET", "/v1/sync?limit=3").logs("sync"),
        own("list_findings", "GET", "/v1/findings").logs("list"),
        own("get_finding", "GET", "/v1/findings/{id}").with(Thing::Finding).logs("open"),
        own("get_finding_differences", "GET", "/v1/findings/{id}/differences").with(Thing::Finding).logs("open"),
        own("get_finding_content", "GET", "/v1/findings/{id}/content").with(Thing::Finding).logs("download"),
        own("mark_finding_read", "PUT", "/v1/findings/{id}/read").with(Thing::Finding).logs("mark-read"),
        own("list_waiting_findings", "GET", "/v1/waiting-findings"),
        own("update_finding", "PATCH", "/v1/findings/{id}")
            .with(Thing::Finding)
            .json(|_| json!({"treatment": "normal"}))
            .logs("adjust"),
        own("create_correction", "POST", "/v1/findings/{id}/corrections")
            .with(Thing::Finding)
            .json(|_| json!({"said": "Ich nehme kein Marcumar."}))
            .logs("ask-correction"),
        own("list_corrections", "GET", "/v1/corrections"),
        own("end_correction", "DELETE", "/v1/corrections/{id}").with(Thing::Correction),
        own("create_summary", "POST", "/v1/summaries")
            .json(|scene| json!({"finding_ids": [scene.finding]}))
            .logs("export"),
        own("list_questions", "GET", "/v1/questions"),
        own("create_question", "POST", "/v1/questions").json(|_| json!({"said": "Was bedeutet das?"})),
        own("update_question", "PATCH", "/v1/questions/{id}").with(Thing::Question).json(|_| json!({"answered": true})),
        own("delete_question", "DELETE", "/v1/questions/{id}").with(Thing::Question),
        own("list_recommendations", "GET", "/v1/recommendations"),
        own("answer_recommendation", "PUT", "/v1/recommendations/{id}/answer")
            .with(Thing::Recommended)
            .json(|_| json!({"state": "seen"})),
        own("delete_recommendation", "DELETE", "/v1/recommendations/{id}").with(Thing::Recommended),
        own("list_bookmarks", "GET", "/v1/bookmarks"),
        own("update_bookmark", "PUT", "/v1/bookmarks/{id}").with(Thing::Offer),
        own("delete_bookmark", "DELETE", "/v1/bookmarks/{id}").with(Thing::Offer),
        own("export_finding", "GET", "/v1/findings/{id}/fhir").with(Thing::Finding).logs("export"),
        own("export_everything", "GET", "/v1/export").logs("export-everything"),
        own("get_trend", "GET", "/v1/trends?loinc=2823-3").logs("trend"),
        own("list_access_log", "GET", "/v1/access-log"),
        own("export_access_log", "GET", "/v1/access-log/export"),
        own("print_access_log", "GET", "/v1/access-log/pdf"),
    ]
}

fn of_practices() -> Vec<Row> {
    let staff = |operation, method, path| row(operation, method, path, Who::Staff);
    let sender = |operation, method, path| row(operation, method, path, Who::Sender);
    let assignment = |s: &Scene| {
        let Patient { reference, birth_date } = &s.resident.patient;
        json!({"patient_reference": reference, "birth_date": birth_date})
    };
    vec![
        staff("get_practice", "GET", "/v1/practice"),
        staff("create_upload_credential", "POST", "/v1/practice/upload-credentials").json(|_| json!({"label": "Neu"})),
        staff("list_upload_credentials", "GET", "/v1/practice/upload-credentials"),
        staff("get_hold_rules", "GET", "/v1/practice/hold-rules"),
        staff("update_hold_rules", "PUT", "/v1/practice/hold-rules")
            .json(|_| json!({"topics": [], "days": 14, "other_days": 0})),
        staff("revoke_upload_credential", "DELETE", "/v1/practice/upload-credentials/{id}").with(Thing::Credential),
        staff("list_software", "GET", "/v1/practice/software"),
        staff("revoke_software", "DELETE", "/v1/practice/software/{id}").with(Thing::Client),
        staff("resume_software", "POST", "/v1/practice/software/{id}/resume").with(Thing::Client),
        staff("get_pairing", "GET", "/v1/practice/pairings/{user_code}").with(Thing::Code),
        staff("approve_pairing", "POST", "/v1/practice/pairings/{user_code}/approve").with(Thing::Code),
        staff("deny_pairing", "POST", "/v1/practice/pairings/{user_code}/deny").with(Thing::Code),
        staff("create_invitation", "POST", "/v1/practice/invitations")
            .json(|_| json!({"patient_reference": nobody(), "birth_date": "1970-01-02"})),
        staff("list_invitations", "GET", "/v1/practice/invitations"),
        staff("get_invitation", "GET", "/v1/practice/invitations/{id}").with(Thing::Invitation),
        staff("revoke_invitation", "DELETE", "/v1/practice/invitations/{id}").with(Thing::Invitation),
        staff("print_invitation_slip", "POST", "/v1/practice/invitations/{id}/slip").with(Thing::Invitation),
        staff("confirm_invitation", "POST", "/v1/practice/invitations/{id}/confirmation")
            .with(Thing::Letter)
            .json(|s| json!({"number": s.confirmation_number()}))
            .logs("confirm"),
        staff("cut_off_invitation", "POST", "/v1/practice/invitations/{id}/not-my-patient")
            .with(Thing::Letter)
            .logs("unlink"),
        staff("withdraw_attestation", "DELETE", "/v1/practice/invitations/{id}/attestation").with(Thing::Attested),
        staff("create_emergency", "POST", "/v1/practice/emergencies")
            .json(|s| {
                let Patient { reference, birth_date } = &s.resident.patient;
                json!({"patient_reference": reference, "birth_date": birth_date, "reason": "Bewusstlos eingeliefert"})
            })
            .logs("emergency"),
        staff("list_inbox", "GET", "/v1/practice/inbox"),
        staff("assign_inbox_item", "POST", "/v1/practice/inbox/{id}/assign")
            .with(Thing::Inbox)
            .json(assignment)
            .logs("assign"),
        staff("reject_inbox_item", "POST", "/v1/practice/inbox/{id}/reject").with(Thing::Inbox),
        Row { body: Body::Upload, ..sender("upload_finding", "POST", "/v1/practice/findings") }.logs("deliver"),
        sender("list_receipts", "GET", "/v1/practice/findings"),
        sender("get_receipt", "GET", "/v1/practice/findings/{id}").with(Thing::Sent).logs("receipt"),
        staff("release_finding", "POST", "/v1/practice/findings/{id}/release").with(Thing::Sent),
        staff("create_recommendation", "POST", "/v1/practice/recommendations")
            .json(Scene::recommending)
            .logs("recommend"),
        staff("create_shared_recommendation", "POST", "/v1/shared/{id}/recommendations")
            .with(Thing::Share)
            .json(|s| json!({"offer_id": s.public_offer()}))
            .logs("recommend"),
        staff("list_practice_corrections", "GET", "/v1/practice/corrections"),
        staff("answer_correction", "POST", "/v1/practice/corrections/{id}/answer")
            .with(Thing::Correction)
            .json(|_| json!({"decision": "corrected"}))
            .logs("answer-correction"),
        staff("recall_finding", "POST", "/v1/practice/findings/{id}/recall")
            .with(Thing::Sent)
            .json(|_| json!({"reason": "other"}))
            .logs("recall"),
    ]
}

fn of_publishers() -> Vec<Row> {
    let own = |operation, method, path| row(operation, method, path, Who::Staff);
    vec![
        own("create_offer", "POST", "/v1/publisher/offers")
            .json(|_| json!({"facts": facts(), "lang": "de", "text": words("Kanarie")})),
        own("create_offer_import", "POST", "/v1/publisher/offer-imports").json(|_| json!({"services": []})),
        own("list_publisher_offers", "GET", "/v1/publisher/offers"),
        own("get_publisher_offer", "GET", "/v1/publisher/offers/{id}").with(Thing::Draft),
        own("get_offer_preview", "GET", "/v1/publisher/offers/{id}/preview").with(Thing::Draft),
        own("update_offer_facts", "PUT", "/v1/publisher/offers/{id}/facts")
            .with(Thing::Draft)
            .json(|_| json!({"revision": 3, "facts": facts()})),
        own("update_offer_text", "PUT", "/v1/publisher/offers/{id}/texts/{lang}")
            .with(Thing::Draft)
            .json(|_| json!({"revision": 3, "text": words("Kanarie"), "origin": "human"})),
        own("delete_offer_text", "DELETE", "/v1/publisher/offers/{id}/texts/{lang}?revision=3").with(Thing::Draft),
        own("get_publisher_offer_image", "GET", "/v1/publisher/offers/{id}/image").with(Thing::Draft),
        Row {
            body: Body::Image,
            ..own("update_offer_image", "PUT", "/v1/publisher/offers/{id}/image?revision=3").with(Thing::Draft)
        },
        own("delete_offer_image", "DELETE", "/v1/publisher/offers/{id}/image?revision=3").with(Thing::Draft),
        own("get_offer_feedback", "GET", "/v1/publisher/offers/{id}/feedback").with(Thing::Draft),
        own("confirm_offers", "POST", "/v1/publisher/confirmations")
            .json(|_| json!({"items": [{"id": "x", "revision": 1}]})),
        own("get_publisher_contact", "GET", "/v1/publisher/contact"),
        own("update_publisher_contact", "PUT", "/v1/publisher/contact").json(|_| json!({"lang": "tr"})),
        own("update_offer_status", "POST", "/v1/publisher/offers/{id}/steps")
            .with(Thing::Draft)
            .json(|_| json!({"step": "submit"})),
    ]
}

/// People of practices stand for all who publish offers.
fn of_places_and_times() -> Vec<Row> {
    let publisher = |operation, method, path| row(operation, method, path, Who::Staff);
    vec![
        row("list_areas", "GET", "/v1/areas", Who::Anyone),
        publisher("list_places", "GET", "/v1/publisher/places"),
        publisher("create_place", "POST", "/v1/publisher/places").json(|_| places::place()),
        publisher("update_place", "PATCH", "/v1/publisher/places/{id}")
            .with(Thing::Spot)
            .json(|_| json!({"step_free": false})),
        publisher("delete_place", "DELETE", "/v1/publisher/places/{id}").with(Thing::Spot),
        publisher("update_schedules", "PUT", "/v1/publisher/offers/{id}/schedules")
            .with(Thing::Draft)
            .json(|_| json!({"schedules": []})),
        publisher("list_schedules", "GET", "/v1/publisher/offers/{id}/schedules").with(Thing::Draft),
        publisher("list_publisher_occurrences", "GET", "/v1/publisher/offers/{id}/occurrences").with(Thing::Draft),
        publisher("cancel_occurrence", "POST", "/v1/publisher/occurrences/{id}/cancel").with(Thing::Date),
        publisher("move_occurrence", "POST", "/v1/publisher/occurrences/{id}/move")
            .with(Thing::Date)
            .json(|_| json!({"minutes": 45})),
        publisher("restore_occurrence", "POST", "/v1/publisher/occurrences/{id}/restore").with(Thing::OffDate),
    ]
}

fn of_taking_part() -> Vec<Row> {
    let own = |operation, method, path| row(operation, method, path, Who::Resident);
    let publisher = |operation, method, path| row(operation, method, path, Who::Staff).with(Thing::Registration);
    let wish: fn(&Scene) -> Value = |s| json!({"offer_id": s.gathering()});
    vec![
        Row { body: Body::Keyed(wish), ..own("create_registration", "POST", "/v1/registrations") },
        own("list_registrations", "GET", "/v1/registrations"),
        own("get_registration", "GET", "/v1/registrations/{id}").with(Thing::Registration),
        own("update_registration", "POST", "/v1/registrations/{id}/steps")
            .with(Thing::Registration)
            .json(|_| json!({"step": "cancel"})),
        own("delete_registration_contact", "DELETE", "/v1/registrations/{id}/contact").with(Thing::Registration),
        publisher("list_attendance", "GET", "/v1/publisher/attendance/{id}")
            .with(Thing::Gathering)
            .logs("read-registration"),
        publisher("update_attendance", "PUT", "/v1/publisher/registrations/{id}/attendance")
            .json(|_| json!({"attended": true})),
        publisher("get_registration_contact", "GET", "/v1/publisher/registrations/{id}/contact").logs("read-contact"),
        publisher("update_occurrence_places", "PUT", "/v1/publisher/occurrences/{id}/places")
            .with(Thing::Date)
            .json(|_| json!({"places_max": 12})),
    ]
}

fn of_operators() -> Vec<Row> {
    let own = |operation, method, path| row(operation, method, path, Who::Operator);
    vec![
        own("create_approval", "POST", "/v1/operator/approvals")
            .json(|s| wish("read-access-log", "authority", &s.resident.id)),
        own("list_approvals", "GET", "/v1/operator/approvals"),
        own("approve_approval", "POST", "/v1/operator/approvals/{id}/approve").with(Thing::Wish),
        own("deny_approval", "POST", "/v1/operator/approvals/{id}/deny").with(Thing::Wish),
        own("get_approved_access_log", "GET", "/v1/operator/approvals/{id}/access-log")
            .with(Thing::Look)
            .logs("read-log"),
        own("cut_off_phones", "POST", "/v1/operator/approvals/{id}/cut-off").with(Thing::LostPhone),
        own("create_consent_text", "POST", "/v1/consent-texts").json(|_| {
            let text = json!({"lang": "de", "title": "Probe", "paragraphs": ["Ich willige ein."]});
            json!({"purpose": format!("probe-{}", number()), "version": 1, "asking": "none", "texts": [text]})
        }),
        own("list_consent_agreements", "GET", "/v1/consent-texts/{purpose}/agreements").with(Thing::Word("base")),
    ]
}
