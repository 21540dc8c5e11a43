//! JSON, token by token; the body is known to be UTF-8.

use super::text::{Spelling, Text};
use crate::fault::{Fault, Result};

/// Four levels for each map level of a value and some that lead down to it, as in `limits.py`.
const MAX_DEPTH: usize = 4 * 128 + 16;

pub enum Token<'a> {
    Null,
    Bool(bool),
    Number(&'a [u8]),
    String(Text<'a>),
    Array,
    Object,
}

pub struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(body: &'a str) -> Self {
        Self {
            bytes: body.as_bytes(),
            at: 0,
            depth: 0,
        }
    }

    /// How much of the text is read.
    pub fn place(&self) -> usize {
        self.at
    }

    /// The next value, or the begin of an array or object.
    #[inline]
    pub fn token(&mut self) -> Result<Token<'a>> {
        match self.peek() {
            Some(b'"') => Ok(Token::String(self.string()?)),
            Some(b'{') => self.open(Token::Object),
            Some(b'[') => self.open(Token::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number(self.number()?)),
            Some(b'n') => self.word(b"null", Token::Null),
            Some(b't') => self.word(b"true", Token::Bool(true)),
            Some(b'f') => self.word(b"false", Token::Bool(false)),
            _ => Err(self.fault("a value")),
        }
    }

    /// The next member's name within an object, or None at its end.
    #[inline]
    pub fn member(&mut self, is_first: bool) -> Result<Option<Text<'a>>> {
        if !self.more(b'}', is_first)? {
            return Ok(None);
        }
        if self.peek() != Some(b'"') {
            return Err(self.fault("a member's name"));
        }
        let name = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.fault("a colon"));
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Whether the array has another item.
    #[inline]
    pub fn item(&mut self, is_first: bool) -> Result<bool> {
        self.more(b']', is_first)
    }

    #[inline]
    fn more(&mut self, close: u8, is_first: bool) -> Result<bool> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            _ => Err(self.fault("a comma or the end of what is around it")),
        }
    }

    pub fn skip_value(&mut self) -> Result<()> {
        let token = self.token()?;
        self.skip(&token)
    }

    /// Pass over what this token begins.
    pub fn skip(&mut self, token: &Token) -> Result<()> {
        match token {
            Token::Array => self.skip_items(true),
            Token::Object => {
                let mut is_first = true;
                while self.member(is_first)?.is_some() {
                    is_first = false;
                    self.skip_value()?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Pass over the rest of an array.
    pub fn skip_items(&mut self, mut is_first: bool) -> Result<()> {
        while self.item(is_first)? {
            is_first = false;
            self.skip_value()?;
        }
        Ok(())
    }

    /// Nothing may follow but white space.
    pub fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault("the end")),
        }
    }

    /// The byte after white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte > b' ' || !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    #[inline]
    fn open(&mut self, token: Token<'a>) -> Result<Token<'a>> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("JSON is nested more than {MAX_DEPTH} deep");
            return Err(Fault::new(message));
        }
        Ok(token)
    }

    fn word(&mut self, word: &[u8], token: Token<'a>) -> Result<Token<'a>> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.fault("a value"));
        }
        self.at += word.len();
        Ok(token)
    }

    fn number(&mut self) -> Result<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        match number_length(rest) {
            Some(length) => {
                self.at += length;
                Ok(&rest[..length])
            }
            None => Err(self.fault("a number")),
        }
    }

    #[inline]
    fn string(&mut self) -> Result<Text<'a>> {
        let start = self.at + 1;
        self.at = ordinary_end(self.bytes, start);
        let mut spelling = Spelling::Plain;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    spelling = Spelling::Escaped;
                    self.escape()?;
                    self.at = ordinary_end(self.bytes, self.at);
                }
                _ => return Err(self.fault("the rest of a string")),
            }
        }
        let raw = &self.bytes[start..self.at];
        self.at += 1;
        Ok(Text { raw, spelling })
    }

    fn escape(&mut self) -> Result<()> {
        let rest = &self.bytes[self.at + 1..];
        let length = match rest.first() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if rest.len() > 4 && rest[1..5].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(self.fault("an escape")),
        };
        self.at += length;
        Ok(())
    }

    #[cold]
    fn fault(&self, expected: &str) -> Fault {
        let at = self.at;
        Fault::new(format!(
            "the body is not JSON: expected {expected} at byte {at}"
        ))
    }
}

/// Where a quote, a backslash or a control character stands at or after `from`.
#[inline]
fn ordinary_end(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word & HIGH;
    let mut at = from;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(chunk.try_into().expect("8"));
        // A borrow may mark bytes after the first marked, but none before it.
        let marks = below(word, 0x20)
            | below(word ^ (ONES * u64::from(b'"')), 1)
            | below(word ^ (ONES * u64::from(b'\\')), 1);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default().iter();
    let ordinary = |byte: &&u8| **byte >= 0x20 && !matches!(**byte, b'"' | b'\\');
    at + rest.take_while(ordinary).count()
}

/// How much of the text's beginning is a JSON number.
pub fn number_length(text: &[u8]) -> Option<usize> {
    let mut at = usize::from(text.first() == Some(&b'-'));
    at += match text.get(at) {
        Some(b'0') => 1,
        Some(b'1'..=b'9') => digits(&text[at..]),
        _ => return None,
    };
    if text.get(at) == Some(&b'.') {
        at += match digits(&text[at + 1..]) {
            0 => return None,
            count => count + 1,
        };
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        at += match digits(&text[at + 1 + sign..]) {
            0 => return None,
            count => count + 1 + sign,
        };
    }
    Some(at)
}

#[inline]
fn digits(text: &[u8]) -> usize {
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    text.iter().take_while(is_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_json(body: &str) -> bool {
        let mut scanner = Scanner::new(body);
        scanner.skip_value().and_then(|()| scanner.end()).is_ok()
    }

    #[test]
    fn what_is_json() {
        let good = [
            "0",
            "-0",
            "1.5e+3",
            "12E-1",
            "\"\"",
            r#""\u00eF\/""#,
            "[]",
            "{ }",
            "\t[1 ,\r\n{}] ",
            r#"{"a":{"b":[true,false,null]},"":"a long string, längere"}"#,
            "\"\x7f\"",
        ];
        let bad = [
            "",
            " ",
            "01",
            "-",
            "+1",
            ".5",
            "1.",
            "1e",
            "1e+",
            "NaN",
            "-Infinity",
            "nul",
            "truex",
            "\"",
            "\"a\n\"",
            r#""\x""#,
            r#""\u12g4""#,
            r#""\u123"#,
            "\"\\",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{,}",
            "{1:2}",
            "[}",
            "{]",
            "1 2",
            "\u{b}1",
        ];
        for body in good {
            assert!(is_json(body), "{body}");
        }
        for body in bad {
            assert!(!is_json(body), "{body}");
        }
    }

    #[test]
    fn a_string_ends_at_its_first_quote_wherever_that_is() {
        for length in 0..40 {
            for filler in ["x", "é", "\u{80}"] {
                let said = filler.repeat(length);
                let body = format!("\"{said}\"\"");
                let raw = match Scanner::new(&body).token() {
                    Ok(Token::String(text)) => text.raw,
                    _ => b"no string",
                };
                assert_eq!(raw, said.as_bytes());
                assert!(!is_json(&format!("\"{said}\u{1f}\"")));
            }
        }
    }

    #[test]
    fn depth_has_a_bound() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_json(&nested(MAX_DEPTH)));
        assert!(!is_json(&nested(MAX_DEPTH + 1)));
        let beside = format!("[{}1]", "[[]],".repeat(MAX_DEPTH));
        assert!(is_json(&beside));
    }
}
