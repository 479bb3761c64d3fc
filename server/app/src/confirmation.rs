//! Room confirmation: the practice's word on who uses its slips (SR-B05).

use nahraum_domain::ids::InvitationId;
use nahraum_store::invitations::{self as store, Confirmed, Invitation};

use crate::{App, Call, Refusal};

impl App {
    /// Confirms with the number the patient said that a posted slip has reached them. What waited is delivered. Five wrong
    /// numbers end it; then only a new slip helps.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::WrongNumber`],
    /// [`Refusal::ConfirmationBlocked`], [`Refusal::NothingToConfirm`].
    pub async fn confirm_invitation(&self, call: &Call, id: InvitationId, number: &str) -> Result<Invitation, Refusal> {
        let said = four_digits(number);
        // A wrong number is counted, so this unit of work has to succeed.
        let (outcome, invitation) = self
            .as_staff_writing(call, move |tx, caller| {
                let known = store::one(tx, caller, id)?.ok_or(Refusal::NotFound)?;
                let said = said.ok_or_else(|| {
                    Refusal::invalid("/number", "not-four-digits", "The app shows a number of four digits.")
                })?;
                let outcome = store::confirm(tx, caller, id, said)?.unwrap_or(Confirmed::NotPending);
                Ok((outcome, store::one(tx, caller, id)?.unwrap_or(known)))
            })
            .await?;
        match outcome {
            Confirmed::Yes => Ok(invitation),
            Confirmed::WrongNumber => Err(Refusal::WrongNumber),
            Confirmed::Blocked => Err(Refusal::ConfirmationBlocked),
            Confirmed::NotPending => Err(Refusal::NothingToConfirm),
        }
    }

    /// "Not my patient": cuts the account that a slip has led to off from the practice.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], and [`Refusal::StateConflict`] when the slip
    /// was not used or its account was cut off before.
    pub async fn cut_off_invitation(&self, call: &Call, id: InvitationId) -> Result<Invitation, Refusal> {
        self.as_staff_writing(call, move |tx, caller| {
            store::one(tx, caller, id)?.ok_or(Refusal::NotFound)?;
            if store::cut_off(tx, caller, id)? != Some(true) {
                return Err(Refusal::StateConflict.into());
            }
            Ok(store::one(tx, caller, id)?.ok_or(Refusal::NotFound)?)
        })
        .await
    }
}

/// A number of exactly four digits; spaces do not count.
fn four_digits(text: &str) -> Option<u16> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_four_digits() {
        assert_eq!((four_digits("0042"), four_digits(" 12 34 ")), (Some(42), Some(1234)));
        for wrong in ["", "42", "12345", "+123", "12a4", "１２３４"] {
            assert_eq!(four_digits(wrong), None, "{wrong}");
        }
    }
}
