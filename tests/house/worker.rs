//! A person who works in the network and has two factors: a soft passkey, or codes computed from the secret.

use std::sync::Arc;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use serde_json::{Value, json};

use crate::{
    house::number,
    http::Reply,
    people::{CANARY, PASSWORD},
    server::Server,
    soft_passkey::SoftPasskey,
};

/// Somebody at work.
pub(crate) struct Worker {
    pub(crate) server: Arc<Server>,
    pub(crate) login: String,
    pub(crate) organisation: String,
    pub(crate) passkey: SoftPasskey,
    /// The secret of the authenticator app, in base32.
    pub(crate) totp: Option<String>,
}

/// Adds an organisation and gives its id.
pub(crate) fn organisation(server: &Server, kind: &str) -> String {
    let name = format!("{kind} {CANARY} {}", number());
    server.cli(&["organisation", "add", "--kind", kind, "--name", &name]).trim().to_owned()
}

/// Begins an enrolment.
pub(crate) fn begin(server: &Server, secret: &str) -> Reply {
    server.post("/v1/enrolments/begin", &json!({"secret": secret}))
}

/// A registered passkey for an enrolment that was begun, and what to send of it.
pub(crate) fn new_passkey(server: &Server, offer: &Value) -> (SoftPasskey, Value) {
    let mut passkey = SoftPasskey::at(&server.public(""));
    let answer = passkey.register(offer["options"].as_str().expect("options"));
    let sent = json!({"ceremony_id": offer["ceremony_id"], "answer": answer, "label": format!("Ring {CANARY}")});
    (passkey, sent)
}

impl Worker {
    /// Invites a person by the command line, who enrols with a passkey, and with an app where that is allowed.
    pub(crate) fn new(server: &Arc<Server>, kind: &str) -> Self {
        let organisation = organisation(server, kind);
        let login = format!("{CANARY}.{}@{kind}", number());
        let secret = server.cli(&["staff", "invite", "--organisation", &organisation, "--login", &login]);
        Self::enrol(server, secret.trim(), &login, &organisation)
    }

    /// Enrols with a one-time secret.
    pub(crate) fn enrol(server: &Arc<Server>, secret: &str, login: &str, organisation: &str) -> Self {
        let offer = begin(server, secret).expect(201).json();
        assert_eq!(offer["login"], login);
        let (passkey, sent) = new_passkey(server, &offer["passkey"]);
        let mut body = json!({"secret": secret, "password": PASSWORD, "passkeys": [sent]});
        let totp = offer["totp"]["secret"].as_str().map(str::to_owned);
        if let Some(secret) = &totp {
            let code = code(secret, server.clock());
            body["totp"] = json!({"ceremony_id": offer["totp"]["ceremony_id"], "code": code});
        }
        let factors = server.post("/v1/enrolments", &body).expect(201).json();
        assert_eq!(factors["last_change"], "enrolled");
        let (login, organisation) = (login.to_owned(), organisation.to_owned());
        Self { server: Arc::clone(server), login, organisation, passkey, totp }
    }

    /// A challenge for this login.
    pub(crate) fn challenge(&self) -> Value {
        self.server.post("/v1/sessions/staff/begin", &json!({"login": self.login})).expect(201).json()
    }

    /// The passkey's answer to a new challenge.
    pub(crate) fn proof(&mut self) -> Value {
        let challenge = self.challenge();
        let answer = self.passkey.sign_in(challenge["options"].as_str().expect("options"));
        json!({"ceremony_id": challenge["ceremony_id"], "answer": answer})
    }

    /// The code of the app, so many steps of thirty seconds from now.
    pub(crate) fn code(&self, steps: i64) -> String {
        code(self.totp.as_deref().expect("an app"), self.server.clock() + steps * 30)
    }

    /// Signs in with what is given beside the login.
    pub(crate) fn sign_in(&self, more: &Value) -> Reply {
        self.server.post("/v1/sessions/staff", &self.with(more))
    }

    /// The login and what is given.
    pub(crate) fn with(&self, more: &Value) -> Value {
        let mut body = json!({"login": self.login});
        body.as_object_mut().unwrap().extend(more.as_object().expect("an object").clone());
        body
    }

    /// Signs in as it is meant; gives the access token.
    pub(crate) fn token(&mut self) -> String {
        let proof = self.proof();
        self.sign_in(&json!({"password": PASSWORD, "passkey": proof})).expect(201).text("/access_token")
    }

    /// A request with a token.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let call = self.server.call(method, path).token(token);
        match body {
            Some(body) => call.json(body).send(),
            None => call.send(),
        }
    }
}

/// A code of RFC 6238 with the usual parameters.
pub(crate) fn code(secret: &str, second: i64) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = secret.chars().flat_map(|c| {
        let value = alphabet.find(c).expect("base32");
        (0..5).rev().map(move |bit| u8::try_from(value >> bit & 1).unwrap())
    });
    let bits: Vec<u8> = bits.collect();
    let bytes: Vec<u8> = bits.chunks(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit)).collect();
    let mac = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes), &(second / 30).to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[at..at + 4].try_into().unwrap()) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}
