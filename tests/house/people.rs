//! Who acts in the tests: a practice with its staff and its software, and its patients, who become residents.
//!
//! Everything personal contains [`CANARY`], so that it can be recognised where it must not be.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    ops::Deref,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};

use crate::{
    agent::Agent,
    house::number,
    http::{Call, Reply},
    paper::Upload,
    server::Server,
    worker,
};

/// Stands in every name, title, label, address and password of the tests.
pub(crate) const CANARY: &str = "Kanarie";
/// The password of all staff.
pub(crate) const PASSWORD: &str = "Kanarie-Tinte-Rad-71";
/// The PIN of all residents.
pub(crate) const PIN: &str = "482915";
/// The birth date of all patients.
pub(crate) const BIRTH_DATE: &str = "1961-03-14";

/// A practice with one person and one piece of software.
#[derive(Clone)]
pub(crate) struct Practice {
    pub(crate) server: Arc<Server>,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) staff: Staff,
    pub(crate) software: Software,
}

/// Somebody who is signed in, or a credential.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) server: Arc<Server>,
    pub(crate) token: String,
    /// Where and with what they sign in again when a test has moved the clock: sessions last minutes. None for software.
    again: Option<(&'static str, Value)>,
    renewed: Arc<Mutex<(u64, String)>>,
}

/// A person of a practice.
#[derive(Clone)]
pub(crate) struct Staff {
    account: Account,
    pub(crate) login: String,
}

/// A practice's software.
#[derive(Clone)]
pub(crate) struct Software {
    account: Account,
    pub(crate) id: String,
}

/// A patient as the practice knows them.
#[derive(Debug, Clone)]
pub(crate) struct Patient {
    pub(crate) reference: String,
    pub(crate) birth_date: String,
}

/// A slip.
#[derive(Debug, Clone)]
pub(crate) struct Slip {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) qr: String,
    pub(crate) patient: Patient,
}

/// A patient with an account.
#[derive(Clone)]
pub(crate) struct Resident {
    account: Account,
    pub(crate) id: String,
    pub(crate) device_secret: String,
    pub(crate) patient: Patient,
}

impl Patient {
    /// A patient nobody else has.
    pub(crate) fn new() -> Self {
        Self { reference: format!("{CANARY}-{}", number()), birth_date: BIRTH_DATE.to_owned() }
    }
}

impl Account {
    fn new(server: &Arc<Server>, token: String, again: Option<(&'static str, Value)>) -> Self {
        let renewed = Arc::new(Mutex::new((server.jumps(), token.clone())));
        Self { server: Arc::clone(server), token, again, renewed }
    }

    /// Begins a request with the credential.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        self.server.call(method, path).token(&self.fresh_token())
    }

    /// The token; after a jump of the clock that of a new sign-in.
    pub(crate) fn fresh_token(&self) -> String {
        let Some((path, body)) = &self.again else { return self.token.clone() };
        let mut renewed = self.renewed.lock().expect("a token");
        let now = self.server.jumps();
        if renewed.0 != now {
            let reply = self.server.post(path, body);
            if reply.status == 201 {
                *renewed = (now, reply.text("/access_token"));
            }
        }
        renewed.1.clone()
    }

    /// Signs in anew, as people do.
    pub(crate) fn sign_in_again(&self) {
        self.renewed.lock().expect("a token").0 = u64::MAX;
        let _token = self.fresh_token();
    }

    /// A request, sent.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    /// A request, sent.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// Sends a finding.
    pub(crate) fn upload(&self, upload: &Upload) -> Reply {
        upload.on(self.call("POST", upload.path())).send()
    }

    /// Sends a finding that must be stored, and gives its first receipt.
    #[track_caller]
    pub(crate) fn deliver(&self, upload: &Upload) -> Value {
        let mut reply = self.upload(upload);
        // A busy server asks for patience, and the key makes it safe to ask again.
        for _ in 0..10 {
            if reply.status != 503 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
            reply = self.upload(upload);
        }
        assert!(matches!(reply.status, 200..=202), "{}: {}", reply.status, reply.json());
        reply.json()["documents"][0].clone()
    }

    /// A receipt, as it is now.
    #[track_caller]
    pub(crate) fn receipt(&self, id: &str) -> Value {
        self.get(&format!("/v1/practice/findings/{id}")).expect(200).json()
    }
}

impl Deref for Staff {
    type Target = Account;
    fn deref(&self) -> &Account {
        &self.account
    }
}

impl Deref for Software {
    type Target = Account;
    fn deref(&self) -> &Account {
        &self.account
    }
}

impl Deref for Resident {
    type Target = Account;
    fn deref(&self) -> &Account {
        &self.account
    }
}

impl Practice {
    /// Adds a practice by the command line, and signs its person in.
    pub(crate) fn add(server: &Arc<Server>) -> Self {
        let practice = Self::untouched(server);
        practice.hold(&[], 14, 0).expect(200);
        practice
    }

    /// One that has said nothing yet about what it talks about first.
    pub(crate) fn untouched(server: &Arc<Server>) -> Self {
        let number = number();
        let name = format!("Praxis {CANARY} {number}");
        let said = server.cli(&["organisation", "add", "--kind", "practice", "--name", &name]);
        let id = said.split_whitespace().find(|word| word.len() == 36 && word.matches('-').count() == 4);
        let id = id.unwrap_or_else(|| panic!("no id in {said:?}")).to_owned();
        let login = format!("{CANARY}.{number}@praxis");
        let staff = Staff::add(server, &id, &login);
        let software = staff.new_software();
        Self { server: Arc::clone(server), id, name, staff, software }
    }

    /// What it talks about before it shows. From the start that would be the whole list; most tests are about something else.
    #[track_caller]
    pub(crate) fn hold(&self, topics: &[&str], days: u16, other_days: u16) -> Reply {
        let rules = json!({"topics": topics, "days": days, "other_days": other_days});
        self.staff.call("PUT", "/v1/practice/hold-rules").json(&rules).send()
    }

    /// A patient who has activated with a slip.
    pub(crate) fn resident(&self) -> Resident {
        Resident::activate(&self.staff.invite(&Patient::new()), &self.server)
    }
}

impl Staff {
    /// Adds a person by the command line and signs them in.
    pub(crate) fn add(server: &Arc<Server>, practice: &str, login: &str) -> Self {
        // One file per person: many are added at the same time.
        let file = server.secret_file(&format!("password-{login}"), PASSWORD);
        let file = file.to_str().expect("a path");
        server.cli(&["staff", "add", "--organisation", practice, "--login", login, "--password-file", file]);
        Self::sign_in(server, login)
    }

    /// Signs a person in.
    pub(crate) fn sign_in(server: &Arc<Server>, login: &str) -> Self {
        let reply = Self::password(server, login).expect(201);
        let again = ("/v1/sessions/staff", json!({"login": login, "password": PASSWORD}));
        let account = Account::new(server, reply.text("/access_token"), Some(again));
        Self { account, login: login.to_owned() }
    }

    /// Shows the password.
    pub(crate) fn password(server: &Server, login: &str) -> Reply {
        server.post("/v1/sessions/staff", &json!({"login": login, "password": PASSWORD}))
    }

    /// A new upload credential.
    pub(crate) fn new_software(&self) -> Software {
        // It has to be a fresh sign-in, and most people of the tests signed in long ago.
        self.sign_in_again();
        let label = format!("Rechner {CANARY} {}", number());
        let made = self.post("/v1/practice/upload-credentials", &json!({"label": label})).expect(201);
        let account = Account::new(&self.server, made.text("/token"), None);
        Software { account, id: made.text("/credential/id") }
    }

    /// Lets software in; its name.
    #[track_caller]
    pub(crate) fn pair(&self, agent: &Agent) -> String {
        let code = agent.ask().expect(200).text("/user_code");
        self.sign_in_again();
        self.call("POST", &format!("/v1/practice/pairings/{code}/approve")).send().expect(201).text("/id")
    }

    /// A slip for a patient.
    #[track_caller]
    pub(crate) fn invite(&self, patient: &Patient) -> Slip {
        self.invite_with(patient, &json!({}))
    }

    /// A slip for a patient who has consented on paper, so that findings may come before the activation.
    pub(crate) fn invite_with_paper_consent(&self, patient: &Patient) -> Slip {
        self.invite_with(patient, &json!({"paper_consent_on": "2026-11-01"}))
    }

    /// A slip that is posted, for a patient who has consented on paper.
    pub(crate) fn invite_by_letter(&self, patient: &Patient) -> Slip {
        self.invite_with(patient, &json!({"binding": "letter", "paper_consent_on": "2026-11-01"}))
    }

    #[track_caller]
    fn invite_with(&self, patient: &Patient, more: &Value) -> Slip {
        let mut body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post("/v1/practice/invitations", &body).expect(201);
        Slip {
            id: made.text("/invitation/id"),
            code: made.text("/manual_code"),
            qr: made.text("/qr_payload"),
            patient: patient.clone(),
        }
    }

    /// What waits in the inbox.
    pub(crate) fn inbox(&self) -> Vec<Value> {
        self.get("/v1/practice/inbox").expect(200).items()
    }

    /// Takes a finding back.
    pub(crate) fn recall(&self, id: &str) -> Reply {
        self.post(&format!("/v1/practice/findings/{id}/recall"), &json!({"reason": "wrong-patient"}))
    }
}

impl Resident {
    /// The first contact.
    #[track_caller]
    pub(crate) fn activate(slip: &Slip, server: &Arc<Server>) -> Self {
        Self::activate_in(slip, server, "de")
    }

    /// [`Resident::activate`], in another language.
    #[track_caller]
    pub(crate) fn activate_in(slip: &Slip, server: &Arc<Server>, language: &str) -> Self {
        let device_secret = device_secret();
        let body = activation(server, &slip.code, &slip.patient.birth_date, &device_secret, language);
        let done = server.post("/v1/activations", &body).expect(201);
        let again = ("/v1/sessions/resident", json!({"device_secret": device_secret, "pin": PIN}));
        let account = Account::new(server, done.text("/session/access_token"), Some(again));
        Self { account, id: done.text("/resident_id"), device_secret, patient: slip.patient.clone() }
    }

    /// Signs in on the phone.
    pub(crate) fn sign_in(&self, pin: &str) -> Reply {
        let body = json!({"device_secret": self.device_secret, "pin": pin});
        self.server.post("/v1/sessions/resident", &body)
    }

    /// The findings of the first page.
    #[track_caller]
    pub(crate) fn list(&self) -> Vec<Value> {
        self.get("/v1/findings").expect(200).items()
    }

    /// One finding.
    #[track_caller]
    pub(crate) fn open(&self, id: &str) -> Value {
        self.get(&format!("/v1/findings/{id}")).expect(200).json()
    }

    /// The document of a finding.
    pub(crate) fn content(&self, id: &str) -> Reply {
        self.get(&format!("/v1/findings/{id}/content"))
    }

    /// The newest lines of the access log, newest first.
    #[track_caller]
    pub(crate) fn log(&self) -> Vec<Value> {
        self.get("/v1/access-log?limit=200").expect(200).items()
    }

    /// Whether the log has this line about this finding (or about none).
    pub(crate) fn logged(&self, action: &str, outcome: &str, finding: Option<&str>) -> bool {
        self.log().iter().any(|line| {
            line["action"] == action && line["outcome"] == outcome && line["finding_id"].as_str() == finding
        })
    }

    /// Wants to be told by mail.
    pub(crate) fn wants_mail(&self, address: &str) {
        self.call("PATCH", "/v1/me").json(&json!({"notice_address": address})).send().expect(200);
    }
}

/// Two persons who run the installation.
pub(crate) fn operators(server: &Arc<Server>) -> [Staff; 2] {
    let organisation = worker::organisation(server, "operator");
    [(); 2].map(|()| Staff::add(server, &organisation, &format!("{CANARY}.{}@betrieb", number())))
}

/// What one person of the operator asks for.
pub(crate) fn wish(act: &str, why: &str, resident: &str) -> Value {
    json!({"act": act, "why": why, "resident_id": resident, "reason": format!("Vorgang {CANARY}")})
}

/// One asks and the other agrees; gives the approval.
pub(crate) fn approved(asking: &Staff, agreeing: &Staff, act: &str, why: &str, resident: &str) -> String {
    let id = asking.post("/v1/operator/approvals", &wish(act, why, resident)).expect(201).text("/id");
    agreeing.call("POST", &format!("/v1/operator/approvals/{id}/approve")).send().expect(200);
    id
}

/// The body of an activation with everything right.
pub(crate) fn activation(server: &Server, code: &str, birth_date: &str, device: &str, language: &str) -> Value {
    json!({
        "code": code, "birth_date": birth_date, "device_secret": device, "device_name": format!("Handy {CANARY}"),
        "pin": PIN, "language": language, "consent": consent(server, language),
    })
}

/// The agreement to the published text.
pub(crate) fn consent(server: &Server, language: &str) -> Value {
    let text = server.get(&format!("/v1/consent-texts/base?lang={language}")).expect(200).json();
    json!({"purpose": "base", "version": text["version"], "lang": text["lang"], "sha256": text["sha256"]})
}

/// 128 bits that no other phone has, as hex.
pub(crate) fn device_secret() -> String {
    (0..2).fold(String::new(), |text, _| {
        let random = RandomState::new().build_hasher().finish();
        format!("{text}{random:016x}")
    })
}

/// An id that names nothing.
pub(crate) fn nobody() -> String {
    let secret = device_secret();
    format!("01934000-0000-7000-8000-{}", &secret[..12])
}
