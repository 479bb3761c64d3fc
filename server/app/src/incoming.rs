//! A request as it came in, before anybody has looked at what it shows.

use nahraum_domain::ids::{ConsentId, RequestId};
use nahraum_secrets::{ShownCertificate, Token};
use nahraum_texts::Language;

use crate::proofs::ProofHeader;

/// One request as it came in.
#[derive(Debug, Default)]
pub struct Incoming<'a> {
    /// The token of the `Authorization` header.
    pub token: Option<ShownToken<'a>>,
    /// The `DPoP` header.
    pub proof: Option<ProofHeader<'a>>,
    /// The certificate that the connection has shown.
    pub certificate: Option<ShownCertificate>,
    /// The language the client asked for, if it did.
    pub language: Option<Language>,
    /// In whose place the caller wants to act: the rule by which they may.
    pub acts_by: Option<ConsentId>,
    /// The name of the request.
    pub request: Option<RequestId>,
}

/// A token, and how it was shown.
#[derive(Debug, Clone, Copy)]
pub enum ShownToken<'a> {
    /// By itself (RFC 6750).
    Bearer(&'a Token),
    /// Together with a proof (RFC 9449).
    Dpop(&'a Token),
}
