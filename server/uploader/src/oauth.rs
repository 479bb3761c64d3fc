//! The OAuth endpoints of the server (RFC 6749, 7523, 8414, 8628, 9449), as software of a practice speaks with them.

use std::time::Duration;

use form_urlencoded::Serializer;
use jiff::SignedDuration;
use serde::Deserialize;

use crate::{
    clock::Clock,
    key::{BadKey, Proof, SigningKey},
    random::Random,
    wire::{NoAnswer, Post, Reply, Wire},
};

/// The name of software that no practice has let in yet.
pub(crate) const UNPAIRED: &str = "nahraum-agent";
/// RFC 7523, 2.2
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";
const TOKEN_PATH: &str = "/oauth/token";
const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";
/// Clocks that differ less are left as they are, in seconds.
const SMALL: i64 = 5;

/// Why something has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotNow {
    /// The network, a busy server, or one that does not speak as ours does. At least so long.
    Later(Option<Duration>),
    /// We may not come in (any more), until a person of the practice does something.
    ShutOut,
    /// This machine: its disk, or its randomness.
    Machine,
}

impl From<NoAnswer> for NotNow {
    fn from(_: NoAnswer) -> Self {
        Self::Later(None)
    }
}

impl From<BadKey> for NotNow {
    fn from(_: BadKey) -> Self {
        Self::Machine
    }
}

/// A token and for how many seconds it is good.
#[derive(Deserialize)]
pub(crate) struct Token {
    /// The token.
    #[serde(rename = "access_token")]
    pub(crate) text: String,
    /// Seconds.
    pub(crate) expires_in: u32,
    /// Our name.
    pub(crate) client_id: Option<String>,
}

/// What the token endpoint says.
pub(crate) enum Granted {
    /// A token.
    Token(Token),
    /// An error, by its code (RFC 6749, 5.2).
    Error(String),
}

#[derive(Deserialize)]
struct OAuthError {
    error: String,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
}

/// The other side of the desk.
pub(crate) struct OAuth {
    /// The way there.
    pub(crate) wire: Wire,
    /// The clocks.
    pub(crate) clock: Clock,
    /// The randomness.
    pub(crate) random: Random,
    /// What the server calls itself.
    pub(crate) issuer: String,
    /// What the server wants to see in the next proof.
    nonce: Option<String>,
    /// How far the server's clock is ahead of ours.
    ahead: SignedDuration,
}

impl OAuth {
    /// Asks the server for its name. With it comes its time: an assertion is judged by that clock, and bad ones are counted.
    pub(crate) fn greet(wire: Wire, clock: Clock, random: Random) -> Result<Self, (NoAnswer, Wire)> {
        let reply = match wire.get(METADATA_PATH, clock.now()) {
            Ok(reply) => reply,
            Err(error) => return Err((error, wire)),
        };
        let metadata: Option<Metadata> = serde_json::from_slice(&reply.body).ok().filter(|_| reply.status == 200);
        let Some(Metadata { issuer }) = metadata else { return Err((NoAnswer::Network, wire)) };
        let mut oauth = Self { wire, clock, random, issuer, nonce: None, ahead: SignedDuration::ZERO };
        oauth.learn(&reply);
        Ok(oauth)
    }

    /// The server's time, in seconds since 1970.
    pub(crate) fn now_there(&self) -> i64 {
        self.clock.now().as_second().saturating_add(self.ahead.as_secs())
    }

    /// Takes from an answer what the next request needs.
    pub(crate) fn learn(&mut self, reply: &Reply) {
        if let Some(nonce) = &reply.nonce {
            self.nonce = Some(nonce.clone());
        }
        if let Some(date) = reply.date {
            let ahead = date.duration_since(self.clock.now());
            self.ahead = if ahead.as_secs().abs() > SMALL { ahead } else { SignedDuration::ZERO };
        }
    }

    /// A proof for a request to this path.
    pub(crate) fn proof(&self, key: &SigningKey, path: &str, token: Option<&str>) -> Result<String, BadKey> {
        let url = format!("{}{path}", self.issuer);
        let nonce = self.nonce.as_deref();
        key.proof(Proof { method: "POST", url: &url, token, nonce, now: self.now_there() }, &self.random)
    }

    /// An assertion for this server.
    pub(crate) fn assertion(&self, key: &SigningKey, client: &str) -> Result<String, BadKey> {
        key.assertion(client, &format!("{}{TOKEN_PATH}", self.issuer), self.now_there(), &self.random)
    }

    /// Sends a form, without a proof.
    pub(crate) fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Reply, NoAnswer> {
        self.form_with(path, fields, &[])
    }

    fn form_with(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Result<Reply, NoAnswer> {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let post = Post { target: path, headers, media_type: FORM, body: body.as_bytes() };
        let reply = self.wire.post(post, self.clock.now())?;
        self.learn(&reply);
        Ok(reply)
    }

    /// Asks for a token that is bound to this key. When the server wants a nonce, it gets one.
    pub(crate) fn token(&mut self, key: &SigningKey, fields: &[(&str, &str)]) -> Result<Granted, NotNow> {
        let mut with_nonce = false;
        loop {
            let proof = self.proof(key, TOKEN_PATH, None)?;
            let reply = self.form_with(TOKEN_PATH, fields, &[("dpop", &proof)])?;
            if reply.status == 200 {
                let token = serde_json::from_slice(&reply.body).map_err(|_| NotNow::Later(None))?;
                return Ok(Granted::Token(token));
            }
            match error_of(&reply) {
                Some(error) if error == "use_dpop_nonce" && !with_nonce => with_nonce = true,
                Some(error) if matches!(reply.status, 400 | 401) => return Ok(Granted::Error(error)),
                Some(_) | None => return Err(NotNow::Later(reply.retry_after)),
            }
        }
    }
}

/// The code of an error of OAuth.
pub(crate) fn error_of(reply: &Reply) -> Option<String> {
    serde_json::from_slice::<OAuthError>(&reply.body).ok().map(|body| body.error)
}
