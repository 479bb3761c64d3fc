//! The languages this server speaks, and how it chooses one for a request.

/// A language of the residents. Plain German counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// German, the binding one.
    De,
    /// Plain German.
    DeSimple,
    /// English.
    En,
    /// Turkish.
    Tr,
    /// Arabic.
    Ar,
    /// Persian, also read by speakers of Dari.
    Fa,
    /// Russian.
    Ru,
    /// Polish.
    Pl,
}

/// The writing direction of a language, as HTML's `dir` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

impl Direction {
    /// `ltr` or `rtl`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

impl Language {
    /// Every language, German first.
    pub const ALL: [Self; 8] = [Self::De, Self::DeSimple, Self::En, Self::Tr, Self::Ar, Self::Fa, Self::Ru, Self::Pl];

    /// The BCP 47 tag (RFC 5646). `simple` is a registered variant, so `de-simple` is a valid tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::DeSimple => "de-simple",
            Self::En => "en",
            Self::Tr => "tr",
            Self::Ar => "ar",
            Self::Fa => "fa",
            Self::Ru => "ru",
            Self::Pl => "pl",
        }
    }

    /// The direction it is written in.
    #[must_use]
    pub const fn dir(self) -> Direction {
        match self {
            Self::Ar | Self::Fa => Direction::Rtl,
            Self::De | Self::DeSimple | Self::En | Self::Tr | Self::Ru | Self::Pl => Direction::Ltr,
        }
    }

    /// The language with exactly this tag, in any case.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    /// Chooses for an `Accept-Language` header (RFC 9110, 12.5.4) by lookup (RFC 4647, 3.4); German if nothing fits.
    ///
    /// Ranges are tried by falling weight, equal weights in the order sent. What cannot be read is passed over, and
    /// `*` is passed over too, as lookup asks: it stands for the default.
    #[must_use]
    pub fn negotiate(accept_language: &str) -> Self {
        accepted(accept_language).into_iter().find_map(Self::lookup).unwrap_or(Self::De)
    }

    /// Shortens a range from its end until it is one of our tags.
    fn lookup(range: &str) -> Option<Self> {
        let mut rest = range;
        loop {
            if let Some(language) = Self::parse(rest) {
                return Some(language);
            }
            rest = rest.rsplit_once('-')?.0;
        }
    }
}

/// The ranges of an `Accept-Language` header (RFC 9110, 12.5.4) by falling weight, equal weights in the order sent. What cannot be
/// read, and what is not wanted (`q=0`), is passed over.
#[must_use]
pub fn accepted(accept_language: &str) -> Vec<&str> {
    let mut ranges: Vec<(&str, u16)> = accept_language.split(',').filter_map(weighted).collect();
    ranges.sort_by_key(|&(_, weight)| std::cmp::Reverse(weight));
    ranges.into_iter().filter(|&(_, weight)| weight > 0).map(|(range, _)| range).collect()
}

/// One element of the header: the range and its weight in thousandths.
fn weighted(element: &str) -> Option<(&str, u16)> {
    let (range, parameter) = element.split_once(';').unwrap_or((element, "q=1"));
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    Some((range.trim(), thousandths(value.trim())?))
}

/// `0`, `0.8`, `0.125`, `1`, `1.000`: a `qvalue` of RFC 9110.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_parsed_back_in_any_case() {
        for language in Language::ALL {
            assert_eq!(Language::parse(&language.tag().to_uppercase()), Some(language));
        }
        assert_eq!(Language::parse("de-AT"), None);
        assert_eq!(Language::parse(""), None);
    }

    #[test]
    fn negotiation_table() {
        for (header, expected) in [
            ("", Language::De),
            ("*", Language::De),
            ("xx, yy;q=0.5", Language::De),
            ("tr", Language::Tr),
            ("tr-TR", Language::Tr),
            ("fa-AF", Language::Fa),
            ("zh-Hant-TW, ar-SY;q=0.7", Language::Ar),
            ("de-simple", Language::DeSimple),
            ("DE-Simple, de;q=0.9", Language::DeSimple),
            ("de-DE, en;q=0.9", Language::De),
            ("en;q=0.2, ru;q=0.9", Language::Ru),
            ("en;q=0, pl;q=0.1", Language::Pl),
            ("en;q=0", Language::De),
            ("en;q=0.5,tr;q=0.5", Language::En),
            ("en;q=2, tr;q=0.1", Language::Tr),
            ("en;q=0.1234, tr;q=0.1", Language::Tr),
            ("en;level=1, pl", Language::Pl),
            (";;;,,,q=1, ru ; q = 1.000", Language::Ru),
        ] {
            assert_eq!(Language::negotiate(header), expected, "{header:?}");
        }
    }
}
