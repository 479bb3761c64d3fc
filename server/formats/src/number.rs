//! Numbers as exact decimals, and what laboratories write where a number is expected.

use std::borrow::Cow;

use nahraum_domain::finding::{Comparator, Quantity, Value};
use nahraum_domain::private::Private;
use rust_decimal::Decimal;

/// A number as an exact decimal: no digit more or less than sent. `None`: more than 28 digits, or no number.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::from_str_exact(text).ok();
    };
    let mut value = Decimal::from_str_exact(mantissa).ok()?;
    let exponent: i64 = exponent.parse().ok()?;
    let scale = i64::from(value.scale()).checked_sub(exponent)?;
    if let Ok(scale) = u32::try_from(scale) {
        value.set_scale(scale).ok()?;
        return Some(value);
    }
    value.set_scale(0).ok()?;
    let zeros = u32::try_from(scale.unsigned_abs()).ok().filter(|zeros| *zeros <= 28)?;
    value.checked_mul(Decimal::from_i128_with_scale(10_i128.pow(zeros), 0))
}

/// A number in words for people: a comparator in front, a comma or a point, an exponent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written {
    pub(crate) comparator: Option<Comparator>,
    pub(crate) value: Decimal,
    /// Whether it has a comparator or a comma, which fields for bare numbers do not provide for.
    pub(crate) irregular: bool,
}

/// Reads `5.10`, `< 0,5`, `5.00E+07` and `1x10^6`. `None`: it is no single number, or it cannot be told which one.
pub(crate) fn written(text: &str) -> Option<Written> {
    let text = text.trim();
    let sign = Comparator::ALL.into_iter().filter(|sign| text.starts_with(sign.as_str()));
    let comparator = sign.max_by_key(|sign| sign.as_str().len());
    let number = text.get(comparator.map_or(0, |sign| sign.as_str().len())..)?.trim_start();
    let comma = number.contains(',');
    let mut plain = Cow::Borrowed(number);
    if comma {
        plain = Cow::Owned(plain.replacen(',', ".", 1));
    }
    if plain.contains("x10^") {
        plain = Cow::Owned(plain.replacen("x10^", "E", 1));
    }
    // Before anything is computed: most of what is asked about are words.
    if !is_plain(&plain) {
        return None;
    }
    let value = decimal(&plain)?;
    Some(Written { comparator, value, irregular: comma || comparator.is_some() })
}

/// A number with its comparator. `1,234` may be a thousand or not, so it is none.
pub(crate) fn certain(sent: &str) -> Option<(Option<Comparator>, Decimal)> {
    let sent = sent.trim();
    let signs =
        if sent.is_ascii() { Cow::Borrowed(sent) } else { Cow::Owned(sent.replace('≤', "<=").replace('≥', ">=")) };
    let sent = signs.strip_prefix('+').unwrap_or(&signs);
    if let Some((whole, part)) = sent.split_once(',')
        && part.len() == 3
        && whole.bytes().any(|digit| matches!(digit, b'1'..=b'9'))
    {
        return None;
    }
    written(sent).map(|number| (number.comparator, number.value))
}

/// Digits, at most one point between digits, at most one exponent; in front at most a minus.
fn is_plain(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let (whole, part) = mantissa.split_once('.').map_or((mantissa, None), |(w, p)| (w, Some(p)));
    digits(whole)
        && part.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// A titre such as `1:80` or `<1:2`, as a proportion; the comparator stands before its first number.
pub(crate) fn titre(text: &str) -> Option<Value> {
    let (left, right) = text.split_once(':')?;
    let (left, right) = (written(left)?, written(right)?);
    let bare = right.comparator.is_none() && !left.value.is_sign_negative() && !right.value.is_sign_negative();
    let quantity = |written: Written| Quantity {
        comparator: written.comparator,
        value: Private::new(written.value),
        unit: None,
        ucum: None,
    };
    bare.then(|| Value::Ratio { numerator: quantity(left), denominator: quantity(right) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_every_digit() {
        for (sent, kept) in [
            ("5.10", Some("5.10")),
            ("-0.5", Some("-0.5")),
            ("88", Some("88")),
            ("1e3", Some("1000")),
            ("1.50E+2", Some("150")),
            ("1.505e2", Some("150.5")),
            ("5e-3", Some("0.005")),
            ("1e-40", None),
            ("1e40", None),
            ("1e99999999999999999999", None),
            ("0.12345678901234567890123456789012345", None),
            ("5,1", None),
            ("", None),
        ] {
            assert_eq!(decimal(sent).map(|d| d.to_string()).as_deref(), kept, "{sent}");
        }
    }

    #[test]
    fn numbers_are_read_as_laboratories_write_them() {
        let of = |text: &str| {
            written(text).map(|w| (w.comparator.map_or("", Comparator::as_str), w.value.to_string(), w.irregular))
        };
        for (text, sign, value, irregular) in [
            ("5.10", "", "5.10", false),
            (" 88 ", "", "88", false),
            ("-2.5", "", "-2.5", false),
            ("4,7", "", "4.7", true),
            ("<0,5", "<", "0.5", true),
            ("> 1000", ">", "1000", true),
            (">=60", ">=", "60", true),
            ("<= 60", "<=", "60", true),
            ("5.00E+07", "", "50000000", false),
            ("1x10^6", "", "1000000", false),
            ("<10^", "", "", false),
        ] {
            let expected = (!value.is_empty()).then(|| (sign, value.to_owned(), irregular));
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_could_be_two_numbers_is_none() {
        for text in [
            "1,234.5", "1.234,5", "1,2,3", "1_000", "5-7", "+", "", "<", ".5", "5.", "1e", "<>5", "negativ", "1 2", "١",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }

    #[test]
    fn titres_are_proportions() {
        assert!(matches!(titre("1:80"), Some(Value::Ratio { .. })));
        let Some(Value::Ratio { numerator, .. }) = titre("<1:2") else { panic!("a titre") };
        assert_eq!(numerator.comparator, Some(Comparator::Less));
        for text in ["1:<2", "08:30:00", "a:1", "1:", "-1:2", "1"] {
            assert_eq!(titre(text), None, "{text}");
        }
    }
}
