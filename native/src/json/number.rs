//! Numbers as JSON writes them, in numbers and in strings, read exactly.

use super::scanner::number_length;

pub const NOT_A_NUMBER: &str = "must be a number or a string of one";
const OUT_OF_RANGE: &str = "is out of range";

pub fn is_number(text: &[u8]) -> bool {
    number_length(text) == Some(text.len())
}

/// An integer, which may be written with a fraction or an exponent that leaves one.
#[inline]
pub fn integer(text: &[u8]) -> Result<i128, &'static str> {
    match text {
        [b'0'] => Ok(0),
        [b'1'..=b'9', rest @ ..] if rest.len() < 19 && rest.iter().all(u8::is_ascii_digit) => {
            let value = text.iter().fold(0, add_digit);
            Ok(i128::from(value))
        }
        _ => any_integer(text),
    }
}

/// Nineteen digits fit, whatever they are.
#[inline]
fn add_digit(value: u64, digit: &u8) -> u64 {
    value * 10 + u64::from(digit - b'0')
}

fn any_integer(text: &[u8]) -> Result<i128, &'static str> {
    if !is_number(text) {
        return Err(NOT_A_NUMBER);
    }
    let (is_negative, text) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let is_exponent = |byte: &u8| matches!(byte, b'e' | b'E');
    let mut parts = text.splitn(2, is_exponent);
    let mantissa = parts.next().unwrap_or_default();
    let exponent = parts.next().map_or(0, exponent);
    let magnitude = magnitude(mantissa, exponent)?;
    Ok(if is_negative { -magnitude } else { magnitude })
}

fn magnitude(mantissa: &[u8], exponent: i64) -> Result<i128, &'static str> {
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let fraction = point.map_or(0, |point| mantissa.len() - point - 1) as i64;
    let mut digits: Vec<u8> = mantissa.iter().copied().filter(|b| *b != b'.').collect();
    let mut exponent = exponent.saturating_sub(fraction);
    while digits.last() == Some(&b'0') {
        digits.pop();
        exponent = exponent.saturating_add(1);
    }
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    let digits = &digits[zeros..];
    if digits.is_empty() {
        return Ok(0);
    }
    if exponent < 0 {
        return Err("is no integer");
    }
    // Longer than any integer of 64 bits.
    if exponent.saturating_add(digits.len() as i64) > 30 {
        return Err(OUT_OF_RANGE);
    }
    let significant = digits
        .iter()
        .fold(0i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    Ok(significant * 10i128.pow(exponent as u32))
}

/// As far as 64 bits go: no body is long enough for the difference to matter.
fn exponent(text: &[u8]) -> i64 {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    let size = digits.iter().fold(0i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    sign * size
}

/// An integer within bounds.
#[inline]
pub fn within<T: TryFrom<i128>>(text: &[u8]) -> Result<T, &'static str> {
    T::try_from(integer(text)?).map_err(|_| OUT_OF_RANGE)
}

pub fn double(text: &[u8]) -> Result<f64, &'static str> {
    let text = std::str::from_utf8(text).map_err(|_| NOT_A_NUMBER)?;
    let value: f64 = text.parse().map_err(|_| NOT_A_NUMBER)?;
    if value.is_infinite() {
        return Err("is too large for a double");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact() {
        let cases = [
            ("0", 0),
            ("-0.0", 0),
            ("1.0", 1),
            ("1e3", 1000),
            ("-12.50e1", -125),
            ("1000e-3", 1),
            ("9007199254740993", (1 << 53) + 1),
            ("18446744073709551615", i128::from(u64::MAX)),
            ("9999999999999999999", 9_999_999_999_999_999_999),
            ("-9223372036854775808", i128::from(i64::MIN)),
            ("0e99999999999999999999999", 0),
            ("1e00000000000000000000001", 10),
        ];
        for (text, value) in cases {
            assert_eq!(integer(text.as_bytes()), Ok(value), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_integers() {
        let cases = [
            "",
            "-",
            "01",
            "+1",
            " 1",
            "1 ",
            "1.5",
            "1e-1",
            "0x1",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "1_0",
            "NaN",
        ];
        for text in cases {
            assert!(integer(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn bounds_are_each_type_s_own() {
        assert_eq!(within::<u32>(b"4294967295"), Ok(u32::MAX));
        assert!(within::<u32>(b"4294967296").is_err());
        assert!(within::<u64>(b"-1").is_err());
        assert!(within::<i64>(b"9223372036854775808").is_err());
        assert!(within::<u64>(b"18446744073709551616").is_err());
    }

    #[test]
    fn a_double_has_to_be_finite() {
        assert_eq!(double(b"-1.5e-3"), Ok(-0.0015));
        assert!(double(b"1e400").is_err());
    }
}
