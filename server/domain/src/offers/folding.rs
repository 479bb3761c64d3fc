//! Words as they are compared when somebody searches: without case, accents and the ways in which one letter is written in two,
//! in every script that has words. Whoever writes "Ojendorf" finds "Öjendorf", and whoever has an Arabic keyboard finds Persian.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The longest word that is kept, in characters.
const LONGEST: usize = 40;

/// The words of a text, folded, in their order.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let folded: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(one).collect();
    let words: Vec<String> = folded
        .replace('ß', "ss")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST).collect())
        .collect();
    words.into_iter()
}

/// Letters that stand for one another.
const fn one(c: char) -> char {
    match c {
        // Turkish: i with and without a dot.
        'ı' => 'i',
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        // Arabic and Persian: yeh, kaf, heh, alef in their forms.
        'ى' | 'ی' | 'ے' => 'ي',
        'ک' => 'ك',
        'ة' | 'ۀ' | 'ہ' | 'ە' => 'ه',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        // Cyrillic yo.
        'ё' => 'е',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).collect()
    }

    #[test]
    fn one_word_is_found_however_it_is_typed() {
        for (one, other) in [
            ("Öjendorfer Park", "ojendorfer PARK"),
            ("Straße", "STRASSE"),
            ("İstanbul ılık", "istanbul ilik"),
            ("Żółć", "zolc"),
            ("گروه پیاده‌روی", "گروه پیاده روي"),
            ("مَدْرَسَة", "مدرسه"),
            ("Ёлка", "елка"),
            ("ﬁt", "fit"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_eq!(
            folded("Blutdruck messen – offene Sprechstunde, 10.30 Uhr"),
            ["blutdruck", "messen", "offene", "sprechstunde", "10", "30", "uhr"]
        );
        assert_eq!(folded(" — "), Vec::<String>::new());
        assert_eq!(folded(&"x".repeat(99))[0].len(), LONGEST);
    }
}
