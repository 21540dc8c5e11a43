//! Bytes as JSON writes them: ids in hex, others in base64.

const NONE: u8 = 0xff;
const HEX: [u8; 256] = table(b"0123456789abcdef", b"0123456789ABCDEF");
const STANDARD: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64: [u8; 256] = table(STANDARD, URL_SAFE);

/// Each digit's value, in either of two alphabets.
const fn table(one: &[u8], other: &[u8]) -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < one.len() {
        values[one[value] as usize] = value as u8;
        values[other[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// Append the bytes; false, with nothing appended, where the text is no hex.
pub fn hex(text: &[u8], out: &mut Vec<u8>) -> bool {
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return false;
    }
    let start = out.len();
    let mut seen = 0;
    out.extend(pairs.map(|pair| {
        let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
        seen |= high | low;
        high << 4 | low & 0xf
    }));
    if seen == NONE {
        out.truncate(start);
    }
    seen != NONE
}

/// Append the bytes; false where the text is no base64 of either alphabet, padded or not.
pub fn base64(text: &[u8], out: &mut Vec<u8>) -> bool {
    let length = text.iter().rposition(|byte| *byte != b'=');
    let digits = &text[..length.map_or(0, |last| last + 1)];
    let mut seen = 0;
    for group in digits.chunks(4) {
        let mut bits = 0u32;
        for digit in group {
            let value = BASE64[usize::from(*digit)];
            seen |= value;
            bits = bits << 6 | u32::from(value & 0x3f);
        }
        bits <<= 6 * (4 - group.len());
        let bytes = bits.to_be_bytes();
        out.extend_from_slice(&bytes[1..group.len().max(1)]);
    }
    seen != NONE && digits.len() % 4 != 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(of: fn(&[u8], &mut Vec<u8>) -> bool, text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        of(text.as_bytes(), &mut out).then_some(out)
    }

    #[test]
    fn hex_in_either_case() {
        assert_eq!(read(hex, "00fFAb"), Some(vec![0, 0xff, 0xab]));
        assert_eq!(read(hex, ""), Some(vec![]));
        for text in ["0", "0g", "é", "0x", " 0"] {
            assert_eq!(read(hex, text), None, "{text}");
        }
    }

    #[test]
    fn base64_of_either_alphabet_padded_or_not() {
        for text in ["+/8=", "-_8", "+_8", "-/8=="] {
            assert_eq!(read(base64, text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(read(base64, "AAEC"), Some(vec![0, 1, 2]));
        assert_eq!(read(base64, "=="), Some(vec![]));
        for text in ["A", "AAAAA", "A=A=", "AA A", "é", "A*"] {
            assert_eq!(read(base64, text), None, "{text}");
        }
    }
}
