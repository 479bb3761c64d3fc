//! The proof that a secret was checked.

/// "The secret that belongs to this id was presented and is right."
///
/// Only [`Hasher::verify_for`](crate::Hasher::verify_for) makes one. Whatever may only happen after a sign-in (opening
/// a session, say) takes a `Verified` id instead of a bare one, and cannot be called without the check. It is neither
/// `Clone` nor `Copy`: one check, one use.
///
/// ```compile_fail,E0451
/// let forged = nahraum_secrets::Verified { id: 7, outdated: false };
/// ```
#[derive(Debug)]
#[must_use = "a checked secret that opens nothing was checked in vain"]
pub struct Verified<Id> {
    id: Id,
    outdated: bool,
}

impl<Id> Verified<Id> {
    pub(crate) const fn new(id: Id, outdated: bool) -> Self {
        Self { id, outdated }
    }

    /// Whose secret was checked.
    pub const fn id(&self) -> &Id {
        &self.id
    }

    /// Whether the stored hash is weaker than what is asked for today: hash the secret again and store that (SR-A04).
    pub const fn outdated(&self) -> bool {
        self.outdated
    }

    /// Gives the proof up for the id.
    pub fn into_id(self) -> Id {
        self.id
    }
}
