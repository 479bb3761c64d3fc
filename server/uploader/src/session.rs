//! Comes in with the key, keeps a token, and puts a new key in the place of the old one before it ends.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::SignedDuration;

use crate::{
    access::{Access, NoAccess},
    clock::Clock,
    key::SigningKey,
    oauth::{ASSERTION_TYPE, Granted, NotNow, OAuth, Token, error_of},
    random::Random,
    wire::{Post, Reply, Wire},
};

/// A token is given up so long before its end.
const MARGIN: Duration = Duration::from_secs(60);
/// Between two tries to renew the key.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(6 * 3600);
/// Who is not let in asks again after so long: three bad assertions at most in a quarter of an hour stay below the twenty of
/// an hour that suspend a client.
const SHUT_OUT: SignedDuration = SignedDuration::from_mins(15);
const KEY_PATH: &str = "/oauth/key";

/// The server, before or after it has been greeted.
enum Server {
    Strange(Wire),
    Greeted(OAuth),
    /// Only while one becomes the other.
    Nowhere,
}

/// This program at the server.
pub(crate) struct Session {
    server: Server,
    clock: Clock,
    random: Random,
    access: Access,
    path: PathBuf,
    key: SigningKey,
    /// The token, and until when it is used, by the running clock.
    token: Option<(String, Duration)>,
    tried_renewal: Option<Duration>,
}

impl Session {
    /// Begins; the server is not asked yet.
    ///
    /// # Errors
    /// When the key cannot be read.
    pub(crate) fn new(wire: Wire, access: Access, path: &Path, clock: Clock, random: Random) -> Result<Self, NoAccess> {
        let key = access.key()?;
        let server = Server::Strange(wire);
        Ok(Self { server, clock, random, access, path: path.to_owned(), key, token: None, tried_renewal: None })
    }

    /// Sends something with a token and a proof. A token that is not good any more is replaced once.
    ///
    /// # Errors
    /// Why it has to wait. Any other answer than 401 is for the caller to judge.
    pub(crate) fn post(&mut self, path: &str, query: &str, post: Post<'_>) -> Result<Reply, NotNow> {
        let mut again = true;
        loop {
            let token = self.token()?;
            let (oauth, key) = (greeted(&mut self.server)?, &self.key);
            let proof = oauth.proof(key, path, Some(&token))?;
            let authorization = format!("DPoP {token}");
            let own = [("authorization", authorization.as_str()), ("dpop", proof.as_str())];
            let headers = [&own[..], post.headers].concat();
            let target = format!("{path}{query}");
            let reply = oauth.wire.post(Post { target: &target, headers: &headers, ..post }, self.clock.now())?;
            oauth.learn(&reply);
            match reply.status {
                401 if again => {
                    self.token = None;
                    again = false;
                }
                401 => return Err(self.shut_out()),
                _ => return Ok(reply),
            }
        }
    }

    /// Comes in and sends nothing: whoever was put out, or whose network is down, hears of it before there is something to send.
    pub(crate) fn knock(&mut self) -> Result<(), NotNow> {
        self.token().map(drop)
    }

    /// Notes that we may not come in.
    pub(crate) fn shut_out(&mut self) -> NotNow {
        self.token = None;
        self.access.not_before = self.clock.now().checked_add(SHUT_OUT).ok();
        // without the note we would ask again too early, after the next start only
        let _noted = self.access.save(&self.path).is_ok();
        NotNow::ShutOut
    }

    /// Renews the key if it is time to. What goes wrong is tried again some hours later; there are thirty days for it.
    pub(crate) fn renew(&mut self) -> Result<bool, NotNow> {
        let running = self.clock.running();
        let lately = self.tried_renewal.is_some_and(|tried| running.saturating_sub(tried) < BETWEEN_RENEWALS);
        if lately || !self.access.wants_renewal(self.clock.now()) {
            return Ok(false);
        }
        self.tried_renewal = Some(running);
        let next = match self.access.next_key().map_err(|_| NotNow::Machine)? {
            Some(next) => next,
            None => SigningKey::generate(&self.random)?,
        };
        // kept before the server hears of it: whatever gets lost then, one of the two keys is good
        self.access.set_next_key(Some(&next));
        self.save()?;
        let client = self.access.client_id.clone();
        self.greet()?;
        let oauth = greeted(&mut self.server)?;
        let assertion = oauth.assertion(&self.key, &client)?;
        let jwk = next.jwk();
        let fields =
            [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str()), ("jwk", &jwk)];
        let reply = oauth.form(KEY_PATH, &fields)?;
        if reply.status == 200 {
            self.take_next(next)?;
            return Ok(true);
        }
        if reply.status == 400 && error_of(&reply).is_some() {
            self.access.set_next_key(None);
            self.save()?;
        }
        Ok(false)
    }

    /// A token that is good for a while.
    fn token(&mut self) -> Result<String, NotNow> {
        if let Some((token, until)) = &self.token
            && self.clock.running() < *until
        {
            return Ok(token.clone());
        }
        if self.access.not_before.is_some_and(|moment| self.clock.now() < moment) {
            return Err(NotNow::ShutOut);
        }
        let token = match self.sign_in(None)? {
            Some(token) => token,
            // the answer to a renewal may have been lost: then the next key is the good one
            None => match self.access.next_key().map_err(|_| NotNow::Machine)? {
                Some(next) => {
                    let token = self.sign_in(Some(&next))?;
                    let Some(token) = token else { return Err(self.shut_out()) };
                    self.take_next(next)?;
                    token
                }
                None => return Err(self.shut_out()),
            },
        };
        if self.access.not_before.take().is_some() {
            self.save()?;
        }
        let good = Duration::from_secs(token.expires_in.into()).saturating_sub(MARGIN);
        self.token = Some((token.text.clone(), self.clock.running().saturating_add(good)));
        Ok(token.text)
    }

    /// Signs in with our key, or with this one. `None`: it is not good.
    fn sign_in(&mut self, other: Option<&SigningKey>) -> Result<Option<Token>, NotNow> {
        let client = self.access.client_id.clone();
        self.greet()?;
        let (oauth, key) = (greeted(&mut self.server)?, other.unwrap_or(&self.key));
        let assertion = oauth.assertion(key, &client)?;
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        match oauth.token(key, &fields)? {
            Granted::Token(token) => Ok(Some(token)),
            Granted::Error(error) if error == "invalid_client" => Ok(None),
            Granted::Error(_) => Err(NotNow::Later(None)),
        }
    }

    fn take_next(&mut self, next: SigningKey) -> Result<(), NotNow> {
        self.access.promote(self.clock.now());
        self.key = next;
        self.token = None;
        self.save()
    }

    fn save(&self) -> Result<(), NotNow> {
        self.access.save(&self.path).map_err(|_| NotNow::Machine)
    }

    /// Greets the server, once. One that calls itself otherwise than when we were let in gets nothing from us.
    fn greet(&mut self) -> Result<(), NotNow> {
        self.server = match std::mem::replace(&mut self.server, Server::Nowhere) {
            Server::Strange(wire) => match OAuth::greet(wire, self.clock, self.random.clone()) {
                Ok(oauth) if oauth.issuer == self.access.issuer => Server::Greeted(oauth),
                Ok(oauth) => Server::Strange(oauth.wire),
                Err((_, wire)) => Server::Strange(wire),
            },
            greeted @ (Server::Greeted(_) | Server::Nowhere) => greeted,
        };
        greeted(&mut self.server).map(|_| ())
    }
}

const fn greeted(server: &mut Server) -> Result<&mut OAuth, NotNow> {
    match server {
        Server::Greeted(oauth) => Ok(oauth),
        Server::Strange(_) | Server::Nowhere => Err(NotNow::Later(None)),
    }
}
