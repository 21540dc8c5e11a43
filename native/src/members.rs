//! The members of an attributes object in its canonical JSON, each with its place in the text.

use std::borrow::Cow;

use crate::attributes::Fit;
use crate::fault::Result;
use crate::json::scanner::{Scanner, Token};
use crate::json::text::Text;

pub struct Member<'a> {
    pub key: Cow<'a, str>,
    /// None for what no promoted column takes: null, arrays, maps, bytes, NaN and infinity.
    pub value: Option<Fit<'a>>,
    /// Key and value as they stand.
    pub text: &'a str,
}

/// Put the object's members into `members`, instead of those that are there.
///
/// None are left where the text is no JSON object.
pub fn read<'a>(object: &'a str, members: &mut Vec<Member<'a>>) {
    members.clear();
    if read_all(object, members).is_err() {
        members.clear();
    }
}

fn read_all<'a>(object: &'a str, members: &mut Vec<Member<'a>>) -> Result<()> {
    let mut scanner = Scanner::new(object);
    if !matches!(scanner.token()?, Token::Object) {
        return Ok(());
    }
    while let Some(name) = scanner.member(members.is_empty())? {
        let start = name.raw.as_ptr() as usize - object.as_ptr() as usize - 1;
        let token = scanner.token()?;
        scanner.skip(&token)?;
        members.push(Member {
            key: plain(name).unwrap_or_default(),
            value: value(&token),
            text: &object[start..scanner.place()],
        });
    }
    scanner.end()
}

fn value<'a>(token: &Token<'a>) -> Option<Fit<'a>> {
    match token {
        Token::Bool(truth) => Some(Fit::Bool(*truth)),
        Token::String(text) => plain(*text).map(Fit::Text),
        Token::Number(digits) => number(std::str::from_utf8(digits).ok()?),
        _ => None,
    }
}

/// A number with a point or an exponent is a double, any other an integer.
fn number(digits: &str) -> Option<Fit<'static>> {
    if digits.contains(['.', 'e', 'E']) {
        let number = digits.parse::<f64>().ok()?;
        return number.is_finite().then_some(Fit::Double(number));
    }
    // Its sign would be lost.
    if digits == "-0" {
        return None;
    }
    digits.parse().ok().map(Fit::Int)
}

/// None where an escape is half of a surrogate pair.
fn plain(text: Text<'_>) -> Option<Cow<'_, str>> {
    let raw = std::str::from_utf8(text.raw).ok()?;
    if !raw.contains('\\') {
        return Some(Cow::Borrowed(raw));
    }
    let mut scratch = Vec::new();
    let said = text.plain(&mut scratch)?;
    String::from_utf8(said.to_vec()).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(object: &str) -> Vec<(String, &'static str, &str)> {
        let mut members = Vec::new();
        read(object, &mut members);
        let found = members.into_iter();
        found
            .map(|member| {
                let kind = match member.value {
                    Some(Fit::Text(_)) => "string",
                    Some(Fit::Int(_)) => "int",
                    Some(Fit::Double(_)) => "double",
                    Some(Fit::Bool(_)) => "bool",
                    None => "other",
                };
                (member.key.into_owned(), kind, member.text)
            })
            .collect()
    }

    #[test]
    fn each_value_has_its_kind_and_its_text() {
        let object = r#"{"a":1,"b":1.0,"c":"x,\"","d":true,"e":null,"":[1,{"a":2}],"g":{"$double":"NaN"},"h":-9223372036854775808,"i":9223372036854775808,"j":1e-05,"k\n\u0001\"\\é":-0.0,"l":1e999,"m":-0}"#;
        let expected = [
            ("a", "int", r#""a":1"#),
            ("b", "double", r#""b":1.0"#),
            ("c", "string", r#""c":"x,\"""#),
            ("d", "bool", r#""d":true"#),
            ("e", "other", r#""e":null"#),
            ("", "other", r#""":[1,{"a":2}]"#),
            ("g", "other", r#""g":{"$double":"NaN"}"#),
            ("h", "int", r#""h":-9223372036854775808"#),
            ("i", "other", r#""i":9223372036854775808"#),
            ("j", "double", r#""j":1e-05"#),
            ("k\n\u{1}\"\\é", "double", r#""k\n\u0001\"\\é":-0.0"#),
            ("l", "other", r#""l":1e999"#),
            ("m", "other", r#""m":-0"#),
        ];
        let found = kinds(object);
        let found: Vec<_> = found
            .iter()
            .map(|(key, kind, text)| (key.as_str(), *kind, *text))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in [
            "",
            "{}",
            "[1]",
            r#"{"a":1"#,
            r#"{"a":1}x"#,
            r#"{"a":1,}"#,
            "1",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
