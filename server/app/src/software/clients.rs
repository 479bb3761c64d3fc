//! How software proves who it is, and what its tokens are bound to.

use nahraum_domain::ids::CredentialId;
use nahraum_secrets::{AssertionError, client_id_of};
use nahraum_store::{
    Tx,
    software::{self as store, Asserted, Bound, ProvenClient},
};

use super::SoftwareAnswer;
use crate::{App, Call, Refusal, refusal::Failure};

/// How software says who it is.
#[derive(Debug, Clone, Copy)]
pub enum ClientProof<'a> {
    /// By an assertion that its key has signed (RFC 7523), and perhaps by its name beside it.
    Assertion(Option<&'a str>, &'a str),
    /// By its name, and the certificate of its connection (RFC 8705, 2.1).
    Certificate(&'a str),
}

impl App {
    /// What a token of software is bound to: the key of its proof, else the certificate of its connection, else nothing,
    /// where tokens are good by themselves.
    pub(super) fn bound_for(&self, call: &Call) -> Result<Bound, Refusal> {
        match (self.proven(call)?, &call.certificate) {
            (None, Some(shown)) => Ok(Bound::Certificate(shown.hash.clone())),
            (Some(_), _) | (None, None) => Ok(self.key_for_tokens(call)?.map_or(Bound::Nothing, Bound::Key)),
        }
    }

    /// A unit of work for software that says who it is. A bad assertion is counted, which is a change, too.
    pub(super) async fn as_client<T: Send + 'static>(
        &self,
        call: &Call,
        proof: ClientProof<'_>,
        mut work: impl FnMut(&mut Tx<'_>, CredentialId, &ProvenClient) -> Result<SoftwareAnswer<T>, Failure>
        + Send
        + 'static,
    ) -> Result<SoftwareAnswer<T>, Refusal> {
        let (named, assertion) = match proof {
            ClientProof::Assertion(named, assertion) => (named, assertion.to_owned()),
            ClientProof::Certificate(client) => return self.as_certified(call, client, work).await,
        };
        let said = match client_id_of(&assertion) {
            Ok(said) if named.is_none_or(|named| named == said) => said,
            Ok(_) => return Ok(SoftwareAnswer::InvalidClient(AssertionError::WrongClient)),
            Err(error) => return Ok(SoftwareAnswer::InvalidClient(error)),
        };
        let Ok(id) = said.parse::<CredentialId>() else {
            return Ok(SoftwareAnswer::InvalidClient(AssertionError::WrongClient));
        };
        let settings = self.settings();
        // The metadata has two addresses of the token endpoint where there is a listener for certificates.
        let urls = [Some(settings.public_url.clone()), settings.mtls_url.clone()];
        let endpoints: Vec<String> = urls.iter().flatten().map(|url| format!("{url}/oauth/token")).collect();
        let issuer = settings.public_url.clone();
        let done: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| {
                let audiences: Vec<&str> = endpoints.iter().chain([&issuer]).map(String::as_str).collect();
                match store::assert(tx, id, &assertion, &audiences)? {
                    Asserted::Client(client) => Ok((work(tx, id, &client)?, false)),
                    // The same answer as for a key that is not the client's: whoever asks has proven nothing.
                    Asserted::Nobody => Ok((SoftwareAnswer::InvalidClient(AssertionError::WrongSignature), false)),
                    Asserted::Bad { error, suspended } => Ok((SoftwareAnswer::InvalidClient(error), suspended)),
                }
            })
            .await;
        let (answer, suspended) = self.settle(done).await?;
        if suspended {
            tracing::error!(
                event = "software_suspended", request = %call.moment.request, client = %id,
                "software has shown twenty bad assertions within an hour and was suspended"
            );
        }
        Ok(answer)
    }

    /// A unit of work for software that its connection's certificate speaks for: the handshake has proven the key.
    async fn as_certified<T: Send + 'static>(
        &self,
        call: &Call,
        client: &str,
        mut work: impl FnMut(&mut Tx<'_>, CredentialId, &ProvenClient) -> Result<SoftwareAnswer<T>, Failure>
        + Send
        + 'static,
    ) -> Result<SoftwareAnswer<T>, Refusal> {
        let (Some(shown), Ok(id)) = (&call.certificate, client.parse::<CredentialId>()) else {
            return Ok(SoftwareAnswer::WrongCertificate);
        };
        let key = shown.key;
        let done: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| match store::by_certificate(tx, id, &key)? {
                Some(client) => work(tx, id, &client),
                None => Ok(SoftwareAnswer::WrongCertificate),
            })
            .await;
        self.settle(done).await
    }
}
