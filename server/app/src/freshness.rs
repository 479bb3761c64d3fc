//! Room freshness: organisations say that their offers are still true, signed in or by the address that a mail has brought them.

use nahraum_domain::{ids::OfferId, private::Private};
use nahraum_secrets::{Token, TokenKind};
use nahraum_store::freshness as store;
use nahraum_texts::Language;

pub use nahraum_store::freshness::{Answer, Contact, Page, PageOffer};

use crate::{
    App, Call, Refusal,
    accounts::{known_language, mail_address},
    refusal::Failure,
};

/// The most offers that are confirmed at once.
const MOST: usize = 200;

/// What became of what somebody has chosen on the page behind a mail.
#[derive(Debug)]
pub enum PageAnswer {
    /// The address opens nothing (any more).
    Nothing,
    /// It was used before.
    Used,
    /// Nothing was chosen: the page as it was. The address can still be used.
    Again(Page),
    /// What the offers are called, and whether each counts as true from today on. The address is used up.
    Done(Vec<(String, bool)>),
}

impl App {
    /// Confirms offers of the caller's organisation, each in the revision they have seen: each stands for itself.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`]; [`Refusal::Invalid`] for none, or for more than 200.
    pub async fn confirm_offers(&self, call: &Call, asked: Vec<(String, i32)>) -> Result<Vec<Answer>, Refusal> {
        if !(1..=MOST).contains(&asked.len()) {
            return Err(Refusal::invalid("/items", "out-of-range", "1 to 200 offers."));
        }
        // What is no id is nobody's.
        let nobody = || OfferId::from_bytes([0; 16]);
        let asked: Vec<(OfferId, i32)> =
            asked.into_iter().map(|(id, revision)| (id.parse().unwrap_or_else(|_| nobody()), revision)).collect();
        let answers =
            self.as_publisher_writing(call, move |tx, caller| Ok(store::confirm(tx, caller, &asked)?)).await?;
        let confirmed = answers.iter().filter(|answer| matches!(answer, Answer::Confirmed(_))).count();
        tracing::info!(event = "offers_confirmed", request = %call.moment.request, confirmed, "offers were confirmed");
        Ok(answers)
    }

    /// Where the caller's organisation is written to about its offers.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn publisher_contact(&self, call: &Call) -> Result<Contact, Refusal> {
        self.as_publisher(call, |tx, caller| Ok(store::contact(tx, caller)?)).await
    }

    /// Has the caller's organisation written to somewhere else; nowhere without an address.
    ///
    /// # Errors
    /// As [`App::publisher_contact`], and [`Refusal::Invalid`].
    pub async fn set_publisher_contact(
        &self,
        call: &Call,
        mail: Option<&str>,
        language: Option<&str>,
    ) -> Result<Contact, Refusal> {
        let mail: Option<Private<String>> = mail.map_or(Ok(None), |text| mail_address("/mail", text))?;
        let language = language.map(|tag| known_language("/lang", tag)).transpose()?;
        let contact = Contact { mail, language: language.map(|language| language.tag().to_owned()) };
        self.as_publisher_writing(call, move |tx, caller| {
            store::set_contact(tx, caller, &contact)?;
            Ok(contact.clone())
        })
        .await
    }

    /// What stands behind the address of a mail. Changes nothing, however often somebody looks.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub async fn offer_check(&self, call: &Call, token: &str, language: Language) -> Result<Page, Refusal> {
        let Some(token) = token_of(token) else { return Ok(Page::Nothing) };
        self.public(call, move |tx| Ok(store::page(tx, &token, language.tag())?)).await
    }

    /// Confirms what somebody has chosen on the page behind a mail, and uses its address up. An offer that was changed since the page was
    /// shown is not confirmed.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub async fn confirm_offer_check(
        &self,
        call: &Call,
        token: &str,
        language: Language,
        chosen: &[String],
    ) -> Result<PageAnswer, Refusal> {
        let page = self.offer_check(call, token, language).await?;
        let Some(token) = token_of(token) else { return Ok(PageAnswer::Nothing) };
        let asked: Vec<(OfferId, i32)> = chosen.iter().take(MOST).filter_map(|text| choice(text)).collect();
        match page {
            Page::Nothing => return Ok(PageAnswer::Nothing),
            Page::Used => return Ok(PageAnswer::Used),
            Page::Open { .. } if asked.is_empty() => return Ok(PageAnswer::Again(page)),
            Page::Open { .. } => {}
        }
        let done: Result<_, Failure> = self
            .store()
            .write(call.moment, move |tx| Ok(store::confirm_page(tx, &token, language.tag(), &asked)?))
            .await;
        let Some(done) = self.settle(done).await? else { return Ok(PageAnswer::Used) };
        let confirmed = done.iter().filter(|(_, is_done)| *is_done).count();
        tracing::info!(event = "offers_confirmed", request = %call.moment.request, confirmed, "offers were confirmed by mail");
        Ok(PageAnswer::Done(done))
    }
}

fn token_of(text: &str) -> Option<Token> {
    Token::parse(text).ok().filter(|token| token.kind() == TokenKind::OfferCheck)
}

/// The offer and the revision of a ticked box.
fn choice(text: &str) -> Option<(OfferId, i32)> {
    let (id, revision) = text.split_once(':')?;
    Some((id.parse().ok()?, revision.parse().ok()?))
}
