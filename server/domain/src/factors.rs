//! Factors of the people who work in the network: what they prove themselves with, and how they come to have it
//! (SR-A01, SR-A02, SR-A10, SR-A11).

use jiff::SignedDuration;

use crate::sessions::SessionKind;

/// How many passkeys a person can have. Two are asked for; one is the least, and the rest is for phones and tokens.
pub const MAX_PASSKEYS: usize = 10;

/// For how long a begun proof or registration can be finished.
pub const CEREMONY_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// For how long an authorization code is good (RFC 9700; SR-S01).
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// Whether somebody with these kinds of session may use one-time codes from an app as the second factor. Whoever runs the
/// installation never does, for whichever organisation they sign in: such codes can be given away on a wrong page.
#[must_use]
pub fn may_use_totp(kinds: &[SessionKind]) -> bool {
    !kinds.contains(&SessionKind::Operator)
}

/// Why somebody gets a one-time enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentReason {
    /// They are the first operator of the installation.
    Bootstrap,
    /// They are new.
    Invited,
    /// They have lost a factor.
    Reset,
}

impl EnrolmentReason {
    /// A stable word for it, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Invited => "invited",
            Self::Reset => "reset",
        }
    }

    /// For how long the secret is good. Whose account can do the most harm has the least time.
    #[must_use]
    pub fn lifetime(self, kinds: &[SessionKind]) -> SignedDuration {
        match self {
            Self::Bootstrap => SignedDuration::from_mins(10),
            Self::Invited | Self::Reset if kinds.contains(&SessionKind::Operator) => SignedDuration::from_mins(10),
            Self::Invited | Self::Reset => SignedDuration::from_hours(24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sr_a02_operators_have_no_codes_from_an_app() {
        for kind in SessionKind::ALL {
            assert_eq!(may_use_totp(&[SessionKind::Practice, kind]), kind != SessionKind::Operator);
        }
        assert!(may_use_totp(&[]));
    }

    #[test]
    fn sr_a10_the_first_operator_has_ten_minutes() {
        let ten = SignedDuration::from_mins(10);
        assert_eq!(EnrolmentReason::Bootstrap.lifetime(&[]), ten);
        assert_eq!(EnrolmentReason::Reset.lifetime(&[SessionKind::District, SessionKind::Operator]), ten);
        assert_eq!(EnrolmentReason::Invited.lifetime(&[SessionKind::Practice]), SignedDuration::from_hours(24));
    }
}
