//! The canonical text of an entry: what the chain hashes.
//!
//! JSON in the canonical form of RFC 8785: keys sorted, no spaces, absent fields left out. All values are ids, words of
//! `a` to `z` and `-`, and whole numbers, so nothing has to be escaped and every language writes the same bytes.

use uuid::Uuid;

use super::{chain::sha256, statement::hex};
use crate::ids::{AccessLogId, ConsentId, FindingId, RequestId, ResidentId};

/// The version of the text. A new field is a new version; a text without it is of the version before.
const VERSION: u8 = 1;
const VERSION_WITH_CONSENT: u8 = 2;

/// An entry, field by field, as it is stored and exported. Words are kept as they were written, so that an entry can be
/// verified by a program that does not know them (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The entry.
    pub id: AccessLogId,
    /// Whose data it was about.
    pub resident: Option<ResidentId>,
    /// When, in microseconds since 1970-01-01T00:00:00Z.
    pub at: i64,
    /// The kind of actor.
    pub actor: &'a str,
    /// The person, device owner or credential.
    pub actor_id: Option<[u8; 16]>,
    /// The organisation they acted for.
    pub organisation: Option<[u8; 16]>,
    /// What was done or tried.
    pub action: &'a str,
    /// With which finding.
    pub finding: Option<FindingId>,
    /// On which basis.
    pub basis: Option<&'a str>,
    /// By which decision of the resident.
    pub consent: Option<ConsentId>,
    /// How it ended.
    pub outcome: &'a str,
    /// In which request.
    pub request: RequestId,
}

/// A word of an entry is none: it was not written by this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry has a word that is none")]
pub struct NotAWord;

impl Record<'_> {
    /// The canonical text.
    ///
    /// # Errors
    /// [`NotAWord`]: a word has other characters than `a` to `z` and `-`, so that it could pass for several fields.
    pub fn body(&self) -> Result<String, NotAWord> {
        let words = [self.actor, self.action, self.outcome, self.basis.unwrap_or("none")];
        if !words.into_iter().all(is_word) {
            return Err(NotAWord);
        }
        let mut text = Text(String::with_capacity(448));
        text.word("{\"action\":\"", self.action);
        text.word(",\"actor\":\"", self.actor);
        match self.hidden_actor() {
            Some(hash) => text.word(",\"actor_hash\":\"", &hex(&hash)),
            None => text.id(",\"actor_id\":\"", self.actor_id.as_ref()),
        }
        text.number(",\"at\":", self.at);
        if let Some(basis) = self.basis {
            text.word(",\"basis\":\"", basis);
        }
        text.id(",\"consent\":\"", self.consent.as_ref().map(ConsentId::as_bytes));
        text.id(",\"finding\":\"", self.finding.as_ref().map(FindingId::as_bytes));
        text.id(",\"id\":\"", Some(self.id.as_bytes()));
        text.id(",\"organisation\":\"", self.organisation.as_ref());
        text.word(",\"outcome\":\"", self.outcome);
        text.id(",\"request\":\"", Some(self.request.as_bytes()));
        text.id(",\"resident\":\"", self.resident.as_ref().map(ResidentId::as_bytes));
        let version = if self.consent.is_some() { VERSION_WITH_CONSENT } else { VERSION };
        text.number(",\"v\":", i64::from(version));
        text.0.push('}');
        Ok(text.0)
    }
}

impl Record<'_> {
    /// One resident does not learn who another one is: where somebody else's account tried something, the text has a
    /// hash of the id in the id's place. The id is random enough that nobody finds it from the hash, and whoever has the
    /// database can still see that it is the right one.
    fn hidden_actor(&self) -> Option<[u8; 32]> {
        let is_resident = matches!(self.actor, "resident" | "representative");
        let (actor, resident) = (self.actor_id.filter(|_| is_resident)?, self.resident?);
        let tag = b"nahraum/log/1/actor\n";
        (actor != *resident.as_bytes()).then(|| sha256(&[tag, self.id.as_bytes(), &actor]))
    }
}

/// Whether a text is a word of the log: 1 to 32 characters of `a` to `z` and `-`.
#[must_use]
pub fn is_word(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// JSON that is written front to back.
struct Text(String);

impl Text {
    fn word(&mut self, before: &str, word: &str) {
        self.0.push_str(before);
        self.0.push_str(word);
        self.0.push('"');
    }

    fn id(&mut self, before: &str, id: Option<&[u8; 16]>) {
        if let Some(id) = id {
            let mut digits = Uuid::encode_buffer();
            self.word(before, Uuid::from_bytes(*id).hyphenated().encode_lower(&mut digits));
        }
    }

    fn number(&mut self, before: &str, number: i64) {
        self.0.push_str(before);
        self.0.push_str(&number.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record<'static> {
        Record {
            id: AccessLogId::from_bytes([1; 16]),
            resident: Some(ResidentId::from_bytes([2; 16])),
            at: 1_795_000_000_123_456,
            actor: "staff",
            actor_id: Some([3; 16]),
            organisation: Some([4; 16]),
            action: "mark-read",
            finding: Some(FindingId::from_bytes([5; 16])),
            basis: Some("own"),
            consent: None,
            outcome: "done",
            request: RequestId::from_bytes([6; 16]),
        }
    }

    #[test]
    fn the_text_is_pinned() {
        assert_eq!(
            record().body().unwrap(),
            "{\"action\":\"mark-read\",\"actor\":\"staff\",\"actor_id\":\"03030303-0303-0303-0303-030303030303\",\
             \"at\":1795000000123456,\"basis\":\"own\",\"finding\":\"05050505-0505-0505-0505-050505050505\",\
             \"id\":\"01010101-0101-0101-0101-010101010101\",\"organisation\":\"04040404-0404-0404-0404-040404040404\",\
             \"outcome\":\"done\",\"request\":\"06060606-0606-0606-0606-060606060606\",\
             \"resident\":\"02020202-0202-0202-0202-020202020202\",\"v\":1}"
        );
        let short =
            Record { resident: None, actor_id: None, organisation: None, finding: None, basis: None, ..record() };
        assert_eq!(
            short.body().unwrap(),
            "{\"action\":\"mark-read\",\"actor\":\"staff\",\"at\":1795000000123456,\
             \"id\":\"01010101-0101-0101-0101-010101010101\",\"outcome\":\"done\",\
             \"request\":\"06060606-0606-0606-0606-060606060606\",\"v\":1}"
        );
    }

    /// Entries without a consent keep the bytes that were hashed before there was one.
    #[test]
    fn a_consent_makes_the_next_version_of_the_text() {
        let by_consent = Record { consent: Some(ConsentId::from_bytes([7; 16])), ..record() };
        let body = by_consent.body().unwrap();
        assert!(body.contains(",\"consent\":\"07070707-0707-0707-0707-070707070707\",\"finding\":"), "{body}");
        assert!(body.ends_with(",\"v\":2}"), "{body}");
    }

    #[test]
    fn one_resident_does_not_learn_who_another_one_is() {
        let stranger = Record { actor: "resident", organisation: None, basis: None, ..record() };
        let body = stranger.body().unwrap();
        assert!(!body.contains("03030303") && body.contains(",\"actor_hash\":\""), "{body}");
        let another = Record { actor_id: Some([9; 16]), ..stranger };
        assert_ne!(another.body().unwrap(), body, "the entry still says which account it was");
        let own = Record { actor_id: Some([2; 16]), ..stranger };
        assert!(own.body().unwrap().contains("\"actor_id\":\"02020202"));
    }

    #[test]
    fn no_word_passes_for_more_than_itself() {
        for word in ["", "Open", "o\"", "open\",\"actor\":\"system", "a b", "ö", &"a".repeat(33)] {
            assert_eq!(Record { action: word, ..record() }.body(), Err(NotAWord), "{word}");
            assert_eq!(Record { basis: Some(word), ..record() }.body(), Err(NotAWord), "{word}");
        }
    }
}
