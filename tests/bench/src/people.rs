//! Who acts: one practice with a person and an upload credential, and its patients, who become residents. All of it
//! goes through the public API.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    Outcome,
    http::{Client, Reply, at, get, post, post_json, put_json},
    paper::{Upload, random_word},
    server::Server,
};

/// The birth date of all patients.
pub(crate) const BIRTH_DATE: &str = "1961-03-14";
/// The PIN of all residents.
pub(crate) const PIN: &str = "482915";
/// The login of the practice's person.
pub(crate) const LOGIN: &str = "empfang@bench";
/// The password of the practice's person.
pub(crate) const PASSWORD: &str = "Tinte-Rad-Wolke-71";

/// A practice.
#[derive(Debug)]
pub(crate) struct Practice {
    pub(crate) id: String,
    address: SocketAddr,
    staff_token: String,
    pub(crate) upload_token: String,
    consent: Value,
}

/// A patient who has activated the account.
#[derive(Debug, Clone)]
pub(crate) struct Resident {
    pub(crate) id: String,
    pub(crate) reference: String,
    pub(crate) token: String,
    pub(crate) device_secret: String,
}

impl Practice {
    /// Adds a practice with one person by the command line, signs in, and makes an upload credential.
    pub(crate) fn found(server: &Server) -> Outcome<Self> {
        let said = server.command(&["organisation", "add", "--kind", "practice", "--name", "Praxis am Messstand"])?;
        let is_id = |word: &&str| word.len() == 36 && word.matches('-').count() == 4;
        let id = said.split_whitespace().find(is_id).ok_or("organisation add printed no id")?;
        let file = server.private_file("password", PASSWORD)?.display().to_string();
        server.command(&["staff", "add", "--organisation", id, "--login", LOGIN, "--password-file", &file])?;
        let mut client = Client::new(server.address);
        let staff_token = sign_in_staff(&mut client)?;
        // What is measured is what shows: this practice talks about nothing first.
        let rules = json!({"topics": [], "days": 1, "other_days": 0});
        client.exchange(&put_json("/v1/practice/hold-rules", &staff_token, &rules))?.expect(200)?;
        let label = json!({"label": "Messstand"});
        let made = client.exchange(&post_json("/v1/practice/upload-credentials", &staff_token, &label))?.expect(201)?;
        let text = client.exchange(&get("/v1/consent-texts/base?lang=de", ""))?.expect(200)?.json()?;
        let consent = json!({"purpose": "base", "version": at(&text, "/version"), "lang": at(&text, "/lang"), "sha256": at(&text, "/sha256")});
        Ok(Self {
            id: id.to_owned(),
            address: server.address,
            staff_token,
            upload_token: made.text("/token")?,
            consent,
        })
    }

    /// So many residents, as fast as the hashing of their secrets goes.
    pub(crate) fn residents(&self, count: usize) -> Outcome<Vec<Resident>> {
        in_parallel(self.address, 4, count, |client, number| self.resident(client, &format!("P-{number:05}")))
    }

    fn resident(&self, client: &mut Client, reference: &str) -> Outcome<Resident> {
        let invitation = json!({"patient_reference": reference, "birth_date": BIRTH_DATE});
        let slip =
            patiently(client, &post_json("/v1/practice/invitations", &self.staff_token, &invitation))?.expect(201)?;
        let device_secret = random_word();
        let activation = json!({
            "code": slip.text("/manual_code")?, "birth_date": BIRTH_DATE, "device_secret": device_secret, "pin": PIN,
            "language": "de", "consent": self.consent,
        });
        let done = patiently(client, &post_json("/v1/activations", "", &activation))?.expect(201)?;
        let (id, token) = (done.text("/resident_id")?, done.text("/session/access_token")?);
        Ok(Resident { id, reference: reference.to_owned(), token, device_secret })
    }

    /// The token of its person.
    pub(crate) fn staff_token(&self) -> &str {
        &self.staff_token
    }

    /// The request that uploads a file.
    pub(crate) fn upload(&self, upload: &Upload) -> Vec<u8> {
        post("/v1/practice/findings", &self.upload_token, &upload.key, &upload.media_type, &upload.body)
    }

    /// So many laboratory reports for each of the residents; gives the findings, resident by resident.
    pub(crate) fn deliver(&self, residents: &[Resident], reports: usize) -> Outcome<Vec<Vec<String>>> {
        in_parallel(self.address, 8, residents.len(), |client, number| {
            let resident = residents.get(number).ok_or("no such resident")?;
            let sent: Outcome<Vec<String>> = (0..reports)
                .map(|report| {
                    let upload = Upload::report(&resident.reference, report, report % 28 + 1);
                    patiently(client, &self.upload(&upload))?.expect(201)?.text("/documents/0/id")
                })
                .collect();
            let list = patiently(client, &get("/v1/findings?limit=1", &resident.token))?.expect(200)?.json()?;
            if at(&list, "/items/0/id").is_null() {
                return Err("what was delivered does not show".into());
            }
            sent
        })
    }
}

/// Signs the practice's person in; gives the token.
pub(crate) fn sign_in_staff(client: &mut Client) -> Outcome<String> {
    sign_in_as(client, LOGIN)
}

/// Signs a person at work in; gives the token.
pub(crate) fn sign_in_as(client: &mut Client, login: &str) -> Outcome<String> {
    let words = json!({"login": login, "password": PASSWORD});
    client.exchange(&post_json("/v1/sessions/staff", "", &words))?.expect(201)?.text("/access_token")
}

/// Sends a request again while the server asks to come back later.
pub(crate) fn patiently(client: &mut Client, request: &[u8]) -> Outcome<Reply> {
    for _ in 0..50 {
        let reply = client.exchange(request)?;
        if reply.status != 503 {
            return Ok(reply);
        }
        thread::sleep(Duration::from_millis(200));
    }
    Err("the server is busy for ten seconds".into())
}

/// Does a numbered job `count` times on some threads, each with a connection of its own; gives the results in order.
pub(crate) fn in_parallel<T: Send>(
    address: SocketAddr,
    threads: usize,
    count: usize,
    job: impl Fn(&mut Client, usize) -> Outcome<T> + Sync,
) -> Outcome<Vec<T>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                let mut client = Client::new(address);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let result = job(&mut client, number);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
                }
            });
        }
    });
    let mut results = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
