//! A phone with a key of its own, which it proves with each request (RFC 9449).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    http::Call,
    people::{PIN, Slip, activation},
    proof_maker::{Proof, SigningKey},
    server::Server,
};

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A phone, for one resident or for a person at work.
pub(crate) struct Phone {
    server: Arc<Server>,
    pub(crate) key: SigningKey,
}

impl Phone {
    pub(crate) fn new(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), key: SigningKey::es256() }
    }

    /// A proof for a request, made now.
    pub(crate) fn proof(&self, method: &str, path: &str, token: Option<&str>) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
        self.proof_at(method, path, token, i64::try_from(now).expect("a time"), None)
    }

    /// A proof by another clock, and with a nonce of the server.
    pub(crate) fn proof_at(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        issued_at: i64,
        nonce: Option<&str>,
    ) -> String {
        let url = self.server.public(path.split('?').next().expect("a path"));
        let id = format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        self.key.proof(Proof { method, url: &url, id: &id, issued_at, token, nonce })
    }

    /// A request with a proof, and with a token if there is one.
    pub(crate) fn call(&self, method: &str, path: &str, token: &str) -> Call<'_> {
        let call = self.server.call(method, path);
        if token.is_empty() {
            return call.header("dpop", &self.proof(method, path, None));
        }
        call.header("authorization", &format!("DPoP {token}")).header("dpop", &self.proof(method, path, Some(token)))
    }

    /// Activates with a slip; gives the tokens.
    pub(crate) fn activate(&self, slip: &Slip) -> Value {
        let mut body = activation(&self.server, &slip.code, &slip.patient.birth_date, "", "de");
        body.as_object_mut().expect("an object").remove("device_secret");
        self.call("POST", "/v1/activations", "").json(&body).send().expect(201).json()["session"].clone()
    }

    /// Signs a resident in; gives the tokens.
    pub(crate) fn unlock(&self) -> Value {
        let body = serde_json::json!({"pin": PIN});
        self.call("POST", "/v1/sessions/resident", "").json(&body).send().expect(201).json()
    }
}

/// A text of some tokens.
pub(crate) fn text(tokens: &Value, name: &str) -> String {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name} in {tokens}")).to_owned()
}
