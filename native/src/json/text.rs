//! JSON strings, escapes and all.

/// A JSON string between its quotes; the scanner has checked its escapes.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    pub raw: &'a [u8],
    pub spelling: Spelling,
}

/// A word wide: a byte would be copied with its padding, in pieces that stall the processor.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Spelling {
    Plain,
    Escaped,
}

impl<'a> Text<'a> {
    /// What the string says, held in `scratch` where it has escapes.
    ///
    /// None where an escape is half of a surrogate pair.
    #[inline]
    pub fn plain<'s>(self, scratch: &'s mut Vec<u8>) -> Option<&'s [u8]>
    where
        'a: 's,
    {
        if self.spelling == Spelling::Plain {
            return Some(self.raw);
        }
        scratch.clear();
        unescape(self.raw, scratch)?;
        Some(scratch)
    }
}

fn unescape(raw: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = raw;
    while let Some(place) = rest.iter().position(|byte| *byte == b'\\') {
        out.extend_from_slice(&rest[..place]);
        let letter = rest[place + 1];
        rest = &rest[place + 2..];
        match letter {
            b'u' => rest = unescape_unit(rest, out)?,
            _ => out.push(simple(letter)),
        }
    }
    out.extend_from_slice(rest);
    Some(())
}

fn simple(letter: u8) -> u8 {
    match letter {
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        itself => itself,
    }
}

/// Four digits and, for half of a pair, the other half's escape; what follows is returned.
fn unescape_unit<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (mut code, mut rest) = (unit(rest), &rest[4..]);
    if (0xd800..0xdc00).contains(&code) {
        let low = unit(rest.strip_prefix(b"\\u")?);
        if !(0xdc00..0xe000).contains(&low) {
            return None;
        }
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
        rest = &rest[6..];
    }
    let character = char::from_u32(code)?;
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(rest)
}

fn unit(digits: &[u8]) -> u32 {
    let digits = digits[..4].iter();
    digits.fold(0, |code, digit| {
        code << 4 | char::from(*digit).to_digit(16).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(raw: &str) -> Option<String> {
        let mut scratch = Vec::new();
        let text = Text {
            raw: raw.as_bytes(),
            spelling: Spelling::Escaped,
        };
        let said = text.plain(&mut scratch)?;
        Some(String::from_utf8(said.to_vec()).expect("UTF-8"))
    }

    #[test]
    fn escapes_become_what_they_mean() {
        let said = plain(r#"\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\uDE00é"#);
        assert_eq!(said.as_deref(), Some("\"\\/\x08\x0c\n\r\té€😀é"));
    }

    #[test]
    fn half_of_a_pair_says_nothing() {
        for raw in [
            r"\ud800",
            r"\udc00",
            r"\ud800A",
            r"\ud800\u0041",
            r"\ud800\ud800\udc00",
        ] {
            assert_eq!(plain(raw), None, "{raw}");
        }
    }
}
