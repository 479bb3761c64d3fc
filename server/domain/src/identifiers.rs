//! Numbers of German health care and what their check digits say. A number that fits is well written, nothing more: it
//! is no evidence of whose it is.

/// Whether this is written like the insurance number of a person (Krankenversichertennummer, ten places) and its check
/// digit fits: the sum of the digit sums of the products with 1, 2, 1, 2, …, modulo 10, the letter being two digits.
#[must_use]
pub fn insurance_number_fits(text: &str) -> bool {
    let Some((letter, digits)) = text.as_bytes().split_first() else { return false };
    let Some(place) = letter.checked_sub(b'A').filter(|place| *place < 26) else { return false };
    let Some((check, rest)) = nine_digits(digits) else { return false };
    // It fits, but is given to nobody (KBV Feld- und Regelkatalog, FK 3119).
    if text == "T555558879" {
        return false;
    }
    let all = [(place + 1) / 10, (place + 1) % 10].into_iter().chain(rest);
    let products = all.zip([1, 2].into_iter().cycle()).map(|(digit, weight)| u32::from(digit) * weight);
    products.map(|product| product / 10 + product % 10).sum::<u32>() % 10 == check
}

/// Whether this is written like the number of a physician (Lebenslange Arztnummer, nine digits) and its check digit, the
/// seventh, fits. Many real numbers do not fit, so this never refuses anything.
#[must_use]
pub fn physician_number_fits(text: &str) -> bool {
    // "No number", and the pseudo-numbers of hospitals.
    if text == "999999900" || (text.len() == 9 && text.starts_with("555555")) {
        return nine_digits(text.as_bytes()).is_some();
    }
    let Some((_, digits)) = nine_digits(text.as_bytes()) else { return false };
    let [first @ .., check, _] = digits;
    let sum: u32 = first.iter().zip([4, 9].into_iter().cycle()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    (10 - sum % 10) % 10 == u32::from(check)
}

/// Whether this is written like the number of a place of practice (Betriebsstättennummer, nine digits beginning with
/// those of a region, or with `35` for what hospitals do for outpatients). It has no check digit.
#[must_use]
pub fn place_number_fits(text: &str) -> bool {
    let Some((_, [a, b, c, d, ..])) = nine_digits(text.as_bytes()) else { return false };
    is_region(a, b) || ((a, b) == (3, 5) && is_region(c, d))
}

/// The regions of the associations of statutory health insurance physicians: `02` is Hamburg.
const fn is_region(first: u8, second: u8) -> bool {
    match first {
        0 => matches!(second, 1..=3 | 6..=9),
        1 | 4..=6 => true,
        2 => matches!(second, 0 | 1 | 4 | 5 | 7 | 8),
        3 => matches!(second, 1 | 7..=9),
        7 => matches!(second, 0..=3 | 8 | 9),
        8 => matches!(second, 0 | 1 | 3 | 5..=8),
        9 => matches!(second, 3..=6 | 8 | 9),
        _ => false,
    }
}

/// The last of nine digits, and the eight before it.
fn nine_digits(text: &[u8]) -> Option<(u32, [u8; 8])> {
    let digits: &[u8; 9] = text.try_into().ok()?;
    let [first @ .., last] = digits.map(|byte| byte.wrapping_sub(b'0'));
    (last < 10 && first.iter().all(|digit| *digit < 10)).then_some((u32::from(last), first))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn insurance_numbers_fit_by_the_sum_itself() {
        for number in ["A123456780", "S040464113", "X110411675", "K220645122", "T012345678", "A000500015", "C000500021"]
        {
            assert!(insurance_number_fits(number), "{number}");
        }
        let wrong = ["K220645129", "T012345679", "A005000112", "C000500020", "T555558879", "G995030567"];
        let misshaped = ["", "A", "a123456780", "Ä12345678", "A12345678", "A1234567800", "1123456780", "A12345678X"];
        for number in wrong.into_iter().chain(misshaped) {
            assert!(!insurance_number_fits(number), "{number}");
        }
    }

    #[test]
    fn physician_numbers_fit_by_the_difference_to_ten() {
        for number in ["838382202", "754236701", "991234300", "582369858", "999999900", "555555101"] {
            assert!(physician_number_fits(number), "{number}");
        }
        for number in ["123456700", "838382302", "83838220", "8383822022", "83838220X", ""] {
            assert!(!physician_number_fits(number), "{number}");
        }
    }

    #[test]
    fn places_of_practice_begin_with_a_region() {
        for number in ["021234500", "350212345", "721111100", "102345600"] {
            assert!(place_number_fits(number), "{number}");
        }
        for number in ["041234500", "221234500", "350412345", "02123450", "0212345000", "02123450A"] {
            assert!(!place_number_fits(number), "{number}");
        }
    }

    proptest! {
        /// Of ten numbers that differ in the check digit only, exactly one fits.
        #[test]
        fn one_check_digit_fits(letter in "[A-Z]", eight in "[0-9]{8}", six in "[0-46-9][0-9]{5}", two in "[0-9]{2}") {
            let insurance = (0..10).filter(|check| insurance_number_fits(&format!("{letter}{eight}{check}"))).count();
            let given_to_nobody = letter == "T" && eight == "55555887";
            prop_assert!(insurance == 1 || given_to_nobody);
            if six != "999999" {
                let physician = (0..10).filter(|check| physician_number_fits(&format!("{six}{check}{two}"))).count();
                prop_assert_eq!(physician, 1);
            }
        }

        /// A single mistyped digit never goes unnoticed.
        #[test]
        fn a_mistyped_digit_does_not_fit(eight in "[0-9]{8}", at in 1..9_usize, other in 0..10_u32) {
            let number = (0..10).map(|check| format!("K{eight}{check}")).find(|number| insurance_number_fits(number));
            let number = number.unwrap();
            let mut typed = number.clone();
            typed.replace_range(at..=at, &other.to_string());
            prop_assert!(typed == number || !insurance_number_fits(&typed));
        }

        #[test]
        fn any_text_is_judged(text in "\\PC{0,12}") {
            let _ = (insurance_number_fits(&text), physician_number_fits(&text), place_number_fits(&text));
        }
    }
}
