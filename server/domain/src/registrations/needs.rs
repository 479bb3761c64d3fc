//! What somebody needs so that they can take part.

use crate::offers::tags::LanguageTag;

/// What somebody has ticked.
#[derive(Clone, PartialEq, Eq, Default, Hash)]
pub struct Needs {
    /// An interpreter for this language.
    pub interpreter: Option<LanguageTag>,
    /// A way in for a wheelchair.
    pub wheelchair: bool,
    /// Somebody who looks after children.
    pub childcare: bool,
}

/// It tells something about a person.
impl std::fmt::Debug for Needs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Needs(•••)")
    }
}

const WHEELCHAIR: &str = "wheelchair";
const CHILDCARE: &str = "childcare";
const INTERPRETER: &str = "interpreter=";

impl Needs {
    /// As words, to be sealed; none when nothing is needed.
    #[must_use]
    pub fn to_words(&self) -> Option<String> {
        let interpreter = self.interpreter.as_ref().map(|language| format!("{INTERPRETER}{language}"));
        let ticked = [(self.wheelchair, WHEELCHAIR), (self.childcare, CHILDCARE)];
        let ticked = ticked.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned());
        let words: Vec<String> = interpreter.into_iter().chain(ticked).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The needs of these words; none when they are not ours.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        words.split(' ').try_fold(Self::default(), |needs, word| match word {
            WHEELCHAIR => Some(Self { wheelchair: true, ..needs }),
            CHILDCARE => Some(Self { childcare: true, ..needs }),
            other => {
                let language = other.strip_prefix(INTERPRETER)?.parse().ok()?;
                Some(Self { interpreter: Some(language), ..needs })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ticked_comes_back_and_is_not_printed() {
        let all = Needs { interpreter: Some("fa-AF".parse().unwrap()), wheelchair: true, childcare: true };
        let one = Needs { childcare: true, ..Needs::default() };
        for needs in [all, one] {
            assert_eq!(Needs::parse(&needs.to_words().unwrap()), Some(needs.clone()));
            assert_eq!(format!("{needs:?}"), "Needs(•••)");
        }
        assert_eq!(Needs::default().to_words(), None);
        assert_eq!(Needs::parse("lift"), None);
    }
}
