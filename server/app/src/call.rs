//! The application: its parts, and how a use case runs as one unit of work for one caller.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use nahraum_domain::ids::{ConsentId, RequestId};
use nahraum_passkeys::Passkeys;
use nahraum_secrets::{
    BreachedPasswords, CursorKey, Hasher, KeyThumbprint, NonceKey, PracticeCa, PresentedToken, PushKey, Random,
    ShownCertificate, VerifyingKey, random_bytes,
};
use nahraum_store::{
    Caller, Moment, Store, Tx,
    sessions::{self, Presented, Use},
    shares,
};
use nahraum_texts::Language;

use crate::{
    bursts::Burst,
    exports::Running,
    gates::Gates,
    incoming::{Incoming, ShownToken},
    ports::{Clock, Inspection},
    proofs::{Proof, SeenProofs},
    refusal::{Failure, Refusal},
    sessions::require_fresh,
    settings::Settings,
    wishes::Unmet,
};

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    gates: Gates,
    proofs: SeenProofs,
    answers: AtomicI64,
    checked_at: AtomicI64,
    guesses: Burst,
    pushed_out: Burst,
    exports: Running,
    unmet: Unmet,
}

/// What the application is made of.
pub struct Parts {
    /// The store.
    pub store: Store,
    /// The password hasher.
    pub hasher: Arc<Hasher>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Who looks at files first.
    pub inspection: Arc<dyn Inspection>,
    /// The key that seals paging cursors.
    pub cursors: CursorKey,
    /// The key behind the nonces of proofs.
    pub nonces: NonceKey,
    /// The CA for the software of practices.
    pub practice_ca: PracticeCa,
    /// The key that signs who sends a push.
    pub push: PushKey,
    /// Passkeys for this address; none when it has no name.
    pub passkeys: Option<Arc<Passkeys>>,
    /// The list of breached passwords, if the operator has one.
    pub breached: Option<Arc<BreachedPasswords>>,
    /// What the operator decided.
    pub settings: Settings,
}

/// One request: its moment, the credential it carries, the language it asks for.
#[derive(Debug)]
pub struct Call {
    /// When, and under which name.
    pub moment: Moment,
    /// The credential, not yet looked at.
    token: Option<PresentedToken>,
    /// Whether the token wants to be judged together with the proof.
    with_proof: bool,
    /// What is proven about the sender's key.
    pub proof: Proof,
    /// The certificate that the connection has shown.
    pub(crate) certificate: Option<ShownCertificate>,
    /// The language the client asked for, if it did.
    pub language: Option<Language>,
    /// The rule by which the caller wants to act in somebody's place. Every unit of work sees them as that and nothing else.
    pub acts_by: Option<ConsentId>,
}

impl Call {
    /// A call with a token by itself, outside HTTP: for making the demo's past.
    #[must_use]
    pub const fn bearer(moment: Moment, token: Option<PresentedToken>) -> Self {
        Self { moment, token, with_proof: false, proof: Proof::None, certificate: None, language: None, acts_by: None }
    }

    /// Whether the connection has shown a certificate.
    #[must_use]
    pub const fn shows_certificate(&self) -> bool {
        self.certificate.is_some()
    }

    /// What stays the same while somebody leafs through a list: the key of their phone, which outlives the tokens of
    /// a session; without one, the token.
    #[must_use]
    pub fn holder(&self) -> Option<[u8; 32]> {
        match (self.with_proof, self.proof) {
            (true, Proof::Holds(key)) => Some(*key.as_bytes()),
            (true, Proof::None | Proof::Refused(_)) | (false, _) => {
                self.token.as_ref().map(|token| *token.hash.as_bytes())
            }
        }
    }
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            gates: Gates::new(),
            proofs: SeenProofs::new(),
            answers: AtomicI64::new(0),
            checked_at: AtomicI64::new(i64::MIN),
            guesses: Burst::new(),
            pushed_out: Burst::new(),
            exports: Running::default(),
            unmet: Unmet::default(),
        }))
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// The key that seals paging cursors.
    #[must_use]
    pub fn cursors(&self) -> &CursorKey {
        &self.0.parts.cursors
    }

    /// Who looks at files first.
    pub(crate) fn inspection(&self) -> Arc<dyn Inspection> {
        Arc::clone(&self.0.parts.inspection)
    }

    /// The clock, for measuring how long a request took.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.parts.clock
    }

    /// When a request begins, and how it is called.
    #[must_use]
    pub fn begin(&self, request: Option<RequestId>) -> Moment {
        self.moment(request)
    }

    /// A request that begins now.
    #[must_use]
    pub fn call(&self, incoming: &Incoming<'_>) -> Call {
        let moment = self.moment(incoming.request);
        let (token, with_proof) = match incoming.token {
            None => (None, false),
            Some(ShownToken::Bearer(token)) => (Some(token), false),
            Some(ShownToken::Dpop(token)) => (Some(token), true),
        };
        let proof = incoming.proof.map_or(Proof::None, |header| {
            let Parts { nonces, settings, .. } = &self.0.parts;
            // Only the listener with certificates has connections that show one.
            let url = incoming.certificate.as_ref().and(settings.mtls_url.as_ref()).unwrap_or(&settings.public_url);
            self.0.proofs.judge(header, token, url, nonces, moment.now)
        });
        let (token, certificate) = (token.map(PresentedToken::from), incoming.certificate.clone());
        let (language, acts_by) = (incoming.language, incoming.acts_by);
        Call { moment, token, with_proof, proof, certificate, language, acts_by }
    }

    /// A nonce for the client's next proof, when its clock cannot be relied on (RFC 9449, 8).
    #[must_use]
    pub fn nonce(&self) -> String {
        self.0.parts.nonces.issue(self.0.parts.clock.now())
    }

    /// What the call shows, for looking up whose it is.
    pub(crate) fn presented(&self, call: &Call) -> Result<Presented, Refusal> {
        let token = call.token.clone().ok_or(Refusal::NotSignedIn)?;
        let key = if call.with_proof { Some(self.proven(call)?.ok_or(Refusal::ProofMissing)?) } else { None };
        let certificate = call.certificate.as_ref().map(|shown| shown.hash.clone());
        Ok(Presented { token, key, certificate, bearer: self.settings().bearer, acts_by: call.acts_by })
    }

    /// The key that the call has proven; none when it did not try.
    pub(crate) fn proven(&self, call: &Call) -> Result<Option<KeyThumbprint>, Refusal> {
        match call.proof {
            Proof::None => Ok(None),
            Proof::Holds(key) => Ok(Some(key)),
            Proof::Refused(error) => Err(Refusal::ProofRefused { error, nonce: self.nonce() }),
        }
    }

    /// The public key that verifies what this installation signs about its log.
    #[must_use]
    pub fn log_key(&self) -> VerifyingKey {
        self.store().log_key()
    }

    /// The CA for the software of practices.
    #[must_use]
    pub fn practice_ca(&self) -> &PracticeCa {
        &self.0.parts.practice_ca
    }

    /// The key that signs who sends a push.
    #[must_use]
    pub fn push_key(&self) -> &PushKey {
        &self.0.parts.push
    }

    /// Counts an answer with health data on its way out. The web floor calls this for what an operation is, whatever its
    /// handler did; [`App::tend_log`] compares it with what was written down.
    pub fn count_answer(&self) {
        self.0.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// The answers that were not compared yet.
    pub(crate) fn answers(&self) -> &AtomicI64 {
        &self.0.answers
    }

    /// When the log was checked last, in microseconds.
    pub(crate) fn checked_at(&self) -> &AtomicI64 {
        &self.0.checked_at
    }

    /// The key that new tokens are bound to; none where tokens are good by themselves.
    pub(crate) fn key_for_tokens(&self, call: &Call) -> Result<Option<KeyThumbprint>, Refusal> {
        match self.proven(call)? {
            None if !self.settings().bearer => Err(Refusal::ProofMissing),
            key => Ok(key),
        }
    }

    /// Whether requests can be served: the database answers.
    pub async fn ready(&self) -> bool {
        let alive: Result<(), Failure> = self.store().read(self.moment(None), |tx| Ok(tx.probe()?)).await;
        alive.is_ok()
    }

    pub(crate) fn moment(&self, request: Option<RequestId>) -> Moment {
        let now = self.0.parts.clock.now();
        let request = request.unwrap_or_else(|| RequestId::new(now, random_bytes(self.random())));
        Moment { now, request }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.parts.store
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.parts.hasher
    }

    pub(crate) fn passkeys(&self) -> Result<Arc<Passkeys>, Refusal> {
        self.0.parts.passkeys.clone().ok_or(Refusal::PasskeysUnavailable)
    }

    pub(crate) fn breached(&self) -> Option<Arc<BreachedPasswords>> {
        self.0.parts.breached.clone()
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.0.parts.random
    }

    /// Counts a code that nobody has, or that was not good. Many of them raise an alarm (SR-B08).
    pub(crate) fn wrong_code(&self, call: &Call) {
        if let Some(count) = self.0.guesses.one_more(call.moment.now) {
            tracing::warn!(alarm = "codes", request = %call.moment.request, count, "somebody is guessing codes");
        }
    }

    /// Counts a wish to be paired that has pushed another one out. Many of them raise an alarm (SR-A06).
    pub(crate) fn pushed_out(&self, call: &Call) {
        if let Some(count) = self.0.pushed_out.one_more(call.moment.now) {
            tracing::warn!(alarm = "pairings", request = %call.moment.request, count, "somebody floods the list of pairings");
        }
    }

    /// Searches that found nothing and were not added up yet.
    pub(crate) fn unmet(&self) -> &Unmet {
        &self.0.unmet
    }

    /// The copies that are under way.
    pub(crate) fn exports(&self) -> &Running {
        &self.0.exports
    }

    /// Where requests wait for each other.
    pub(crate) fn gates(&self) -> &Gates {
        &self.0.gates
    }

    /// A unit of work that only reads, for whoever the call's credential belongs to.
    pub(crate) async fn read<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let shown = self.presented(call)?;
        let done: Result<_, Failure> = self
            .store()
            .read(call.moment, move |tx| {
                let caller = sessions::authenticate(tx, &shown)?;
                let used = caller.session().and_then(|session| session.unnoted());
                Ok((work(tx, &caller), used))
            })
            .await;
        let (done, used) = self.settle(done).await?;
        if let Some(used) = used {
            self.note_use(call, used).await?;
        }
        self.settle(done).await
    }

    /// Before anything is shown: from now on the refresh token that came before is spent for good.
    async fn note_use(&self, call: &Call, used: Use) -> Result<(), Refusal> {
        let noted: Result<(), Failure> =
            self.store().write(call.moment, move |tx| Ok(sessions::note_use(tx, used)?)).await;
        self.settle(noted).await
    }

    /// A unit of work that writes, for whoever the call's credential belongs to. It may run more than once.
    pub(crate) async fn write<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let shown = self.presented(call)?;
        let done = self.store().write(call.moment, move |tx| {
            let caller = sessions::authenticate(tx, &shown)?;
            if let Some(used) = caller.session().and_then(|session| session.unnoted()) {
                sessions::note_use(tx, used)?;
            }
            let done = work(tx, &caller)?;
            shares::first_act(tx, &caller)?;
            Ok(done)
        });
        self.settle(done.await).await
    }

    /// [`App::write`] for delicate acts: the person must have proven who they are within five minutes (SR-A08).
    pub(crate) async fn write_fresh<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.write(call, move |tx, caller| {
            require_fresh(tx, caller)?;
            work(tx, caller)
        })
        .await
    }

    /// Writes the log's line for a refusal, now that the unit of work is over, and makes an answer of it. Also what
    /// does not exist is logged: an answer must not come faster for a record that is not there.
    pub(crate) async fn settle<R>(&self, result: Result<R, Failure>) -> Result<R, Refusal> {
        match result {
            Ok(value) => Ok(value),
            Err(Failure::Refusal(refusal)) => Err(refusal),
            Err(Failure::Denied(denied)) => {
                self.store().access_log().record(denied.entry).await?;
                Err(denied.refused.into())
            }
        }
    }
}
