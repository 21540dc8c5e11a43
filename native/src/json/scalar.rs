//! Scalars: from what JSON may say to what the wire holds.

use super::number::{self, NOT_A_NUMBER, within};
use super::octets;
use super::scanner::Token;
use super::text::Text;
use super::transcoder::{Transcoder, Verdict};
use super::write;
use crate::fault::{Fault, Result};
use crate::schema::{Enum, Kind};

/// What an id that is no hex becomes: its item's own rules then reject it.
const WRONG_ID: &[u8] = &[0, 1];
const HALF_OF_A_PAIR: &str = "holds half of a surrogate pair";

type Written = std::result::Result<(), &'static str>;

/// Write a scalar without its tag.
#[inline]
pub fn scalar<'a>(own: &mut Transcoder<'a>, kind: Kind, token: Token<'a>) -> Result<Verdict> {
    let written = match (kind, token) {
        (Kind::Text, Token::String(text)) => string(own, text),
        (Kind::Id, Token::String(text)) => id(own, text),
        (Kind::Base64, Token::String(text)) => base64(own, text),
        (Kind::Text | Kind::Id | Kind::Base64, other) => {
            return own.refuse(&other, "must be a string");
        }
        (Kind::Bool, Token::Bool(value)) => {
            own.out.push(u8::from(value));
            Ok(())
        }
        (Kind::Bool, other) => return own.refuse(&other, "must be true or false"),
        (Kind::Double, Token::String(text)) => double_of_text(own, text),
        (Kind::Double, Token::Number(digits)) => double(&mut own.out, digits),
        (Kind::Enum(names), Token::String(text)) => return Ok(enum_of_text(own, names, text)),
        (kind, Token::Number(digits)) => integer(&mut own.out, kind, digits),
        (kind, Token::String(text)) => {
            let digits = text.plain(&mut own.scratch).unwrap_or_default();
            integer(&mut own.out, kind, digits)
        }
        (_, other) => return own.refuse(&other, NOT_A_NUMBER),
    };
    Ok(written.map_err(Fault::new))
}

#[inline]
fn string(own: &mut Transcoder, text: Text) -> Written {
    let plain = text.plain(&mut own.scratch).ok_or(HALF_OF_A_PAIR)?;
    write::bytes(&mut own.out, plain);
    Ok(())
}

#[inline]
fn id(own: &mut Transcoder, text: Text) -> Written {
    let plain = text.plain(&mut own.scratch).ok_or(HALF_OF_A_PAIR)?;
    let begin = own.out.len();
    write::varint(&mut own.out, (plain.len() / 2) as u64);
    if !octets::hex(plain, &mut own.out) {
        own.out.truncate(begin);
        write::bytes(&mut own.out, WRONG_ID);
    }
    Ok(())
}

fn base64(own: &mut Transcoder, text: Text) -> Written {
    let plain = text.plain(&mut own.scratch).ok_or(HALF_OF_A_PAIR)?;
    let place = write::begin(&mut own.out);
    let is_base64 = octets::base64(plain, &mut own.out);
    write::end(&mut own.out, place);
    is_base64.then_some(()).ok_or("is no base64")
}

fn double_of_text(own: &mut Transcoder, text: Text) -> Written {
    let plain = text.plain(&mut own.scratch).unwrap_or_default();
    let value = match plain {
        b"NaN" => f64::NAN,
        b"Infinity" => f64::INFINITY,
        b"-Infinity" => f64::NEG_INFINITY,
        digits if number::is_number(digits) => return double(&mut own.out, digits),
        _ => return Err(NOT_A_NUMBER),
    };
    own.out.extend_from_slice(&value.to_le_bytes());
    Ok(())
}

#[inline]
fn double(out: &mut Vec<u8>, digits: &[u8]) -> Written {
    out.extend_from_slice(&number::double(digits)?.to_le_bytes());
    Ok(())
}

fn enum_of_text(own: &mut Transcoder, names: &Enum, text: Text) -> Verdict {
    let plain = text.plain(&mut own.scratch).unwrap_or_default();
    if number::is_number(plain) {
        return integer(&mut own.out, Kind::Int32, plain).map_err(Fault::new);
    }
    let is_it = |name: &&str| name.as_bytes() == plain;
    let Some(value) = names.values.iter().position(is_it) else {
        let said = String::from_utf8_lossy(plain);
        return Err(Fault::new(format!("{said:?} is no {}", names.name)));
    };
    own.warned.enum_name = true;
    write::varint(&mut own.out, value as u64);
    Ok(())
}

#[inline]
fn integer(out: &mut Vec<u8>, kind: Kind, digits: &[u8]) -> Written {
    match kind {
        Kind::Fixed64 => out.extend_from_slice(&within::<u64>(digits)?.to_le_bytes()),
        Kind::Sfixed64 => out.extend_from_slice(&within::<i64>(digits)?.to_le_bytes()),
        Kind::Fixed32 => out.extend_from_slice(&within::<u32>(digits)?.to_le_bytes()),
        Kind::Uint64 => write::varint(out, within(digits)?),
        Kind::Uint32 => write::varint(out, u64::from(within::<u32>(digits)?)),
        Kind::Int64 => write::varint(out, within::<i64>(digits)? as u64),
        Kind::Sint32 => {
            let value = within::<i32>(digits)?;
            write::varint(out, u64::from((value << 1 ^ value >> 31) as u32));
        }
        _ => write::varint(out, i64::from(within::<i32>(digits)?) as u64),
    }
    Ok(())
}
