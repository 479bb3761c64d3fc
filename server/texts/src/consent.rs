//! Consent texts: versioned, hashed, immutable once published (GDPR Art. 7(1), SR-Z09).
//!
//! German is binding. A translation says which German text it translates by that text's hash. The texts here come with the
//! program and are the first ones; further ones are published while it runs and lie in the database.

use std::collections::BTreeSet;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{catalogue::texts, language::Language};

/// The purpose every resident is asked about first: receiving findings at all.
pub const BASE_PURPOSE: &str = "base";

/// One text a resident says yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    /// What the consent is for, e.g. [`BASE_PURPOSE`].
    pub purpose: String,
    /// Counts up with every new wording, from 1.
    pub version: u32,
    /// The language of the text.
    pub language: Language,
    /// The heading.
    pub title: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// SHA-256 over the canonical form, in lower-case hexadecimal: the title and the paragraphs in their order, joined
    /// by two line feeds, in UTF-8, without anything before or after.
    pub sha256: String,
    /// The `sha256` of the German text of the same purpose and version; none for German itself.
    pub translation_of: Option<String>,
}

/// The newest text for a purpose that comes with the program, if there is one.
#[must_use]
pub fn consent_text(purpose: &str, language: Language) -> Option<&'static ConsentText> {
    texts(language).consents.iter().filter(|text| text.purpose == purpose).max_by_key(|text| text.version)
}

/// One text that comes with the program.
#[must_use]
pub fn consent_text_of(purpose: &str, version: u32, language: Language) -> Option<&'static ConsentText> {
    texts(language).consents.iter().find(|text| text.purpose == purpose && text.version == version)
}

/// The purposes for which texts come with the program, each once.
#[must_use]
pub fn consent_purposes() -> BTreeSet<&'static str> {
    texts(Language::De).consents.iter().map(|text| text.purpose.as_str()).collect()
}

/// A consent text as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentWords {
    purpose: String,
    version: u32,
    title: String,
    paragraphs: Vec<String>,
}

impl ConsentWords {
    pub(crate) fn publish(self, language: Language) -> ConsentText {
        let translation_of = match language {
            Language::De => None,
            Language::DeSimple
            | Language::En
            | Language::Tr
            | Language::Ar
            | Language::Fa
            | Language::Ru
            | Language::Pl => texts(Language::De)
                .consents
                .iter()
                .find(|german| german.purpose == self.purpose && german.version == self.version)
                .map(|german| german.sha256.clone()),
        };
        ConsentText {
            sha256: consent_hash(&self.title, &self.paragraphs),
            translation_of,
            purpose: self.purpose,
            version: self.version,
            language,
            title: self.title,
            paragraphs: self.paragraphs,
        }
    }
}

/// The SHA-256 of a text in its canonical form, see [`ConsentText::sha256`].
#[must_use]
pub fn consent_hash(title: &str, paragraphs: &[String]) -> String {
    let mut hash = Sha256::new();
    hash.update(title);
    for paragraph in paragraphs {
        hash.update("\n\n");
        hash.update(paragraph);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// People have agreed to exactly these words. A hash here is never changed: write a new version instead.
    const PUBLISHED: [(&str, u32, Language, &str); 56] = [
        (BASE_PURPOSE, 1, Language::De, "f0c4603423d4c13ac4d796d5fef697f55bc2800d9b045e3ded4108485286646e"),
        (BASE_PURPOSE, 1, Language::DeSimple, "937a530edcf84a4f9ce0afd810e632927ff1c25e101248b971858868e4aeb691"),
        (BASE_PURPOSE, 1, Language::En, "639173bcb2baf54721938d1481270d2182d2dbbe52c457b73c19136a20fb5f94"),
        (BASE_PURPOSE, 1, Language::Tr, "cfa5a539619da195a307b093b5c1f3dc2ffeb02c8efe7893ad188b58e3fbc2f4"),
        (BASE_PURPOSE, 1, Language::Ar, "30f8ce342a893fcdf3d28a5c87a0f36f100350b635b6b734d4057b25999a0457"),
        (BASE_PURPOSE, 1, Language::Fa, "93035fe207b37971cfeee46691e038f51664f98d12539c0d667d5b11f0ac254a"),
        (BASE_PURPOSE, 1, Language::Ru, "036fc8ce2d96a314575df8c7111ba3ee89e05e779d297f5b4ff2ef08adbf7147"),
        (BASE_PURPOSE, 1, Language::Pl, "327290eab8085678152b8d4cb871e3a98adbe46dacfd5080c491bedb1415a44c"),
        (BASE_PURPOSE, 2, Language::De, "f76f9bfe83ec86b327bcf893c65e72c64e96ec928d81e06929742a178cfe85f4"),
        (BASE_PURPOSE, 2, Language::DeSimple, "02c4c7c97bcee87f0651461b29192d4fe4ece39b6b06e69a0b3a541d58d3e05d"),
        (BASE_PURPOSE, 2, Language::En, "97c40b7fb826501231ee9aaf7ebaf0d4c20a87a751f3242a39d13807ee3cbeea"),
        (BASE_PURPOSE, 2, Language::Tr, "b915495224e6b73fa083030db98be333aaafc367928be095749f7106d465151e"),
        (BASE_PURPOSE, 2, Language::Ar, "a35578b36e4b94b3090b28cbb7dff43cae57084284c1f417139f4c69c18aeb57"),
        (BASE_PURPOSE, 2, Language::Fa, "aac4e0a17e456b754a66348814e91678e4c864cbf18b47c951502eaa413c994f"),
        (BASE_PURPOSE, 2, Language::Ru, "65a4b21253d040aaa50250a9c7ddf2e937674af96867e461e8e2e3f6cfad86e6"),
        (BASE_PURPOSE, 2, Language::Pl, "d034373d2799b2bc006c305ae8ed61bd48fa7bef3ebfb0a72a21f4a943d14cf2"),
        (BASE_PURPOSE, 3, Language::De, "52aece0169363e7c8309a6c2e9cc6e57aeab68c9b4a4d7316a4fc02bfb35f5a6"),
        (BASE_PURPOSE, 3, Language::DeSimple, "fe2dd441beef52423fe0c21781d9ae050ca0bc285ca9dc156d4123c033a15919"),
        (BASE_PURPOSE, 3, Language::En, "21109aff268f57380526b13b803507fcc01d924dd5f42376300b470b0872dd63"),
        (BASE_PURPOSE, 3, Language::Tr, "05af51806d049bc245211c418daab07805db26ff855de5a3ddb8bf612b0c1a71"),
        (BASE_PURPOSE, 3, Language::Ar, "95a2facabc5d78c77e5e57c6ae7c54aed74b90614565a248e52370ba96ba75a7"),
        (BASE_PURPOSE, 3, Language::Fa, "959495480391a221d79d95b6fcd3885e18fa07c28290cf875d3bb8211975c0c7"),
        (BASE_PURPOSE, 3, Language::Ru, "ed1278ba2fb2b143a32eebd8c567983dba3d713229aac501f6c5a375fef3d11c"),
        (BASE_PURPOSE, 3, Language::Pl, "6055032c6999aed065633cf6303838cb92f3cd3701be31860502ec53ef83b535"),
        ("treatment", 1, Language::De, "37b034150a2fa2a87ecdbbc744c76945b6a968b6314acaa52b85bc3fecf86e76"),
        ("treatment", 1, Language::DeSimple, "723b767ec6b5d4620da5744b0ad198f469a8cda651ace811ed8aeddf44c7cfd6"),
        ("treatment", 1, Language::En, "0fc846fa7a43784099cc31ea7bc7870fd9a6f837e5d412825cd1be90a14dbac2"),
        ("treatment", 1, Language::Tr, "6c507d40547478c644fc3cbf14b4b7e66c922e66019be463f3305500dfe57aef"),
        ("treatment", 1, Language::Ar, "afb8ff44b5c0fa52ad903b7d1810348c8ff770ba0e08a681b8a52e4ced0ed470"),
        ("treatment", 1, Language::Fa, "3bb4b112570f336b54f8d449b25b7f8d4e3ea6c6bee6fd43bbfb2a248939e94d"),
        ("treatment", 1, Language::Ru, "753a2b827b515f4f7817d0122bec79477233ddf5f53bfabab782b60dd5957f3e"),
        ("treatment", 1, Language::Pl, "e81ba126e219b37d7b4f685ae6d6b6a5ae1f0bc5bd0a5e8820e5c395de3be6de"),
        ("explanation", 1, Language::De, "62eb5f0e757bbb822b178f62982cfb7db18653f950ca507ce65e9bf17996baa8"),
        ("explanation", 1, Language::DeSimple, "283b67c566a2826a7f88204d73945d8d619004b4695b05961b5e0431809cfc75"),
        ("explanation", 1, Language::En, "a44357486d5f231ea3b2bf212c432aa90f010bf1f5ae7317c31fd4abaecbb500"),
        ("explanation", 1, Language::Tr, "44f81e875f4607dda442c88a2741c80eb4a3b03047403d4c4c6d71df84ca0834"),
        ("explanation", 1, Language::Ar, "4f6d1e81c73a2c715aa4cce4ef4a135dc6e01d510d0fb8320825de2acb5b37e7"),
        ("explanation", 1, Language::Fa, "31a0fb117d79aae7a4359dcbeff6705ec53fe5fe6520cab15a9f5d0d16497c53"),
        ("explanation", 1, Language::Ru, "f691865aee774a4ab6cd9004ee3401816773c5ca54309336f6d5c0c64481c9de"),
        ("explanation", 1, Language::Pl, "273e2da198ff60cbc209e2f49d5d693b7371619b2bd1a56ddb5878d984cff000"),
        ("representation", 1, Language::De, "c1597ba6458adad0b61720d9af7799d2984ffabc7f52f93168f6fd2daeb68520"),
        ("representation", 1, Language::DeSimple, "dc19729f23a7a482a73d8f4b8defd890d5e1fc7721f151f8d17b9c5d42c16109"),
        ("representation", 1, Language::En, "7de4fdc3b7df3be84362f438a9c59098487311fefd2248ea17b7fbcfebcbacf2"),
        ("representation", 1, Language::Tr, "8ec6300225e27cfff31cc17ae7ad3dede5dfd2f3fa43b62e9194c91578b43d39"),
        ("representation", 1, Language::Ar, "2ed4329e25df764064c9c32a3bae7d407cb3c40264c24a1932cbc8779448c4e9"),
        ("representation", 1, Language::Fa, "7c9e69aacdc1097fdf0a4530883530dbf3103077f39428ad3d1111c3519f27f0"),
        ("representation", 1, Language::Ru, "e00dab44fbdb16beb625cb76327861e060e3e92fdb251a6409b31a181058ffce"),
        ("representation", 1, Language::Pl, "3961982d6ea1107ab0ebc87bab1020187d3a9bca7204e1df894d64539fbef315"),
        ("link", 1, Language::De, "9bbb22cd6e16b2de3fdc34d3d099fa2f2a48c486546881eee6bfcbb9781966a8"),
        ("link", 1, Language::DeSimple, "c5ebd32633d4c16eba48f008c5cadb69a5457b5dbece29df850a90ea59bed01f"),
        ("link", 1, Language::En, "d68e802b72ba5feb126f7cbac78300bccad8a03599b96c7162ef5e83fe5f6812"),
        ("link", 1, Language::Tr, "79be66d7d63fd72f95fbc28c6c270aab9dce901a77546f924a24ec72f723768b"),
        ("link", 1, Language::Ar, "4e782d43beab4a0ebac37690f2deb621d8ceea9d144715b43cc45b11cfaa59e2"),
        ("link", 1, Language::Fa, "8306197545009a8ea44d95a5db9ee4efee633857ee7d325a812d0604e8a9854e"),
        ("link", 1, Language::Ru, "a830a41fe9bcc69d3cf233b1a77dc7ca1799bbae0f26427673fd1b75ec11af42"),
        ("link", 1, Language::Pl, "3f5148d830d339c34906398a4c934a44ceba85487ed2d2478a6bfead211d9908"),
    ];

    #[test]
    fn published_texts_have_not_changed() {
        for (purpose, version, language, sha256) in PUBLISHED {
            let text = texts(language).consents.iter().find(|t| t.purpose == purpose && t.version == version).unwrap();
            assert_eq!(text.sha256, sha256, "{}", language.tag());
        }
    }

    #[test]
    fn every_text_is_pinned_and_translates_the_german_one() {
        for language in Language::ALL {
            for text in &texts(language).consents {
                assert!(PUBLISHED.iter().any(|p| (p.0, p.1, p.2) == (text.purpose.as_str(), text.version, language)));
                assert_eq!(text.translation_of.is_none(), language == Language::De);
                let mut germans = texts(Language::De).consents.iter().filter(|german| german.version == text.version);
                if let Some(german) = &text.translation_of {
                    assert!(germans.any(|other| other.purpose == text.purpose && &other.sha256 == german));
                }
            }
        }
        assert!(consent_text("unknown", Language::De).is_none());
    }

    #[test]
    fn the_canonical_form_is_as_documented() {
        let text = consent_text(BASE_PURPOSE, Language::Ar).unwrap();
        let whole = std::iter::once(&text.title).chain(&text.paragraphs).cloned().collect::<Vec<_>>().join("\n\n");
        let hex: String = Sha256::digest(whole).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, text.sha256);
    }
}
