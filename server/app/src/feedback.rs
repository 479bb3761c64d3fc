//! Room feedback: what people say about an offer without signing in, and what its organisation reads of it.

use nahraum_domain::{
    feedback::{Helpful, LONGEST, Tag, leads_to_somebody},
    ids::OfferId,
    network::Network,
    offers::tags::LanguageTag,
    private::Private,
    throttle::{Gate, voice_gate},
};
use nahraum_store::{
    Tx,
    feedback::{self as store, Feedback},
    throttles::{self, Ladder},
};

pub use nahraum_store::feedback::{Comment, Summary};

use crate::{
    App, Call, Refusal,
    refusal::{Failure, words},
};

/// The most comments that an organisation is shown for one offer.
const COMMENTS: i64 = 200;

/// What somebody says, as it came.
#[derive(Debug)]
pub struct AskedFeedback {
    /// Whether it helped, as its word.
    pub helpful: Option<String>,
    /// What was so, or not as it said, as words.
    pub tags: Vec<String>,
    /// Their own words.
    pub comment: Option<Private<String>>,
    /// The language they read it in.
    pub language: Option<String>,
}

impl App {
    /// Takes what somebody says about a public offer. Nobody is asked who they are, and nothing is kept that leads to them.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], [`Refusal::NotFound`]; [`Refusal::TryLater`] when too much came from the same network today.
    pub async fn give_feedback(
        &self,
        call: &Call,
        network: Network,
        id: OfferId,
        asked: AskedFeedback,
    ) -> Result<(), Refusal> {
        let feedback = feedback(asked)?;
        let done: Result<(), Failure> = self
            .store()
            .write(call.moment, move |tx| {
                one_more_voice(tx, network)?;
                if store::give(tx, id, &feedback)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
            })
            .await;
        self.settle(done).await
    }

    /// What was said about an offer of the caller's organisation.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn offer_feedback(&self, call: &Call, id: OfferId) -> Result<Summary, Refusal> {
        self.as_publisher(call, move |tx, caller| {
            Ok(store::of_offer(tx, caller, id, COMMENTS)?.ok_or(Refusal::NotFound)?)
        })
        .await
    }
}

/// Counts what comes without a name from a network, and refuses when it is too much for a day. The network is kept as a keyed hash, and
/// not for longer than that.
pub(crate) fn one_more_voice(tx: &mut Tx<'_>, network: Network) -> Result<(), Failure> {
    let network = network.to_string();
    if let Gate::Wait(until) = voice_gate(throttles::failures(tx, Ladder::Voices, &network)?, tx.now()) {
        return Err(Refusal::TryLater(until).into());
    }
    Ok(throttles::count(tx, Ladder::Voices, &network)?)
}

/// Somebody's own words: at most 500 characters that lead to nobody. An empty text is none.
pub(crate) fn own_words(
    pointer: &'static str,
    text: Option<Private<String>>,
) -> Result<Option<Private<String>>, Refusal> {
    let Some(text) = text.filter(|text| !text.reveal().trim().is_empty()) else { return Ok(None) };
    let text = words(pointer, &text, 1..=LONGEST, "At most 500 characters.")?;
    if leads_to_somebody(text.reveal()) {
        let detail = "Without mail addresses and telephone numbers: nobody can answer here, and others read it.";
        return Err(Refusal::invalid(pointer, "leads-to-somebody", detail));
    }
    Ok(Some(text))
}

/// Reads a language tag, if there is one.
pub(crate) fn language(pointer: &'static str, tag: &str) -> Result<LanguageTag, Refusal> {
    tag.parse().map_err(|_| Refusal::invalid(pointer, "not-a-language", "A BCP 47 tag, such as tr or fa-AF."))
}

fn feedback(asked: AskedFeedback) -> Result<Feedback, Refusal> {
    let helpful = asked.helpful.map(|word| {
        Helpful::parse(&word).ok_or_else(|| Refusal::invalid("/helpful", "unknown-answer", "yes, partly or no."))
    });
    let helpful = helpful.transpose()?;
    let tags: Option<Vec<Tag>> = asked.tags.iter().map(|word| Tag::parse(word)).collect();
    let detail = "wrong-times, gone, no-access, language, cost, full or friendly, each once.";
    let mut tags = tags.ok_or_else(|| Refusal::invalid("/tags", "unknown-tag", detail))?;
    tags.sort_unstable();
    tags.dedup();
    let comment = own_words("/comment", asked.comment)?;
    if helpful.is_none() && tags.is_empty() && comment.is_none() {
        return Err(Refusal::invalid("/helpful", "missing", "helpful, tags or comment: at least one."));
    }
    let language = asked.language.map(|tag| language("/lang", &tag)).transpose()?;
    Ok(Feedback { language, helpful, tags, comment })
}
