//! AnyValues, read from the wire and written as canonical JSON (docs/decoding.md, section 2).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustc_hash::FxHashSet;

use crate::counts::Counts;
use crate::fault::{Fault, Result};
use crate::schema::{ANY_VALUE, ARRAY_VALUE, KEY_VALUE_LIST};
use crate::structure::check;
use crate::text::{push_double, push_integer, push_json_string, utf8};
use crate::wire::{Fields, Payload};

/// `limits.MAX_VALUE_DEPTH`.
const MAX_DEPTH: u32 = 128;
/// Above this many keys a set finds duplicates sooner than comparing all pairs.
const MANY_KEYS: usize = 16;

/// The member of the oneof that is set.
pub enum AnyValue<'a> {
    Unset,
    Text(&'a [u8]),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(&'a [u8]),
    Array(Cow<'a, [u8]>),
    Map(Cow<'a, [u8]>),
    StringIndex(i32),
}

mod tag {
    use crate::wire::{bytes_tag, fixed64_tag, varint_tag};

    pub const STRING: u32 = bytes_tag(1);
    pub const BOOL: u32 = varint_tag(2);
    pub const INT: u32 = varint_tag(3);
    pub const DOUBLE: u32 = fixed64_tag(4);
    pub const ARRAY: u32 = bytes_tag(5);
    pub const KVLIST: u32 = bytes_tag(6);
    pub const BYTES: u32 = bytes_tag(7);
    pub const STRINDEX: u32 = varint_tag(8);
}

impl<'a> AnyValue<'a> {
    /// The last member stays; an array or a map that follows its like is merged with it.
    #[inline]
    pub fn read(buffer: &'a [u8]) -> Result<Self> {
        let mut found = Self::Unset;
        let mut fields = Fields::new(buffer);
        loop {
            let next = match fields.tag_or_end()? {
                0 => return Ok(found),
                tag::STRING => Self::Text(fields.bytes()?),
                tag::BOOL => Self::Bool(fields.varint()? != 0),
                tag::INT => Self::Int(fields.varint()? as i64),
                tag::DOUBLE => Self::Double(f64::from_bits(fields.fixed64()?)),
                tag::ARRAY => Self::Array(Cow::Borrowed(fields.bytes()?)),
                tag::KVLIST => Self::Map(Cow::Borrowed(fields.bytes()?)),
                tag::BYTES => Self::Bytes(fields.bytes()?),
                tag::STRINDEX => Self::StringIndex(fields.varint()? as i32),
                other => {
                    fields.other(other, &ANY_VALUE)?;
                    continue;
                }
            };
            found = match found {
                Self::Array(_) | Self::Map(_) => found.replaced_by(next)?,
                _ => next,
            };
        }
    }

    #[cold]
    fn replaced_by(self, next: Self) -> Result<Self> {
        match (self, next) {
            (Self::Array(before), Self::Array(after)) => Ok(Self::Array(merged(before, &after))),
            (Self::Map(before), Self::Map(after)) => Ok(Self::Map(merged(before, &after))),
            (Self::Array(before), next) => check(&before, &ARRAY_VALUE).map(|()| next),
            (Self::Map(before), next) => check(&before, &KEY_VALUE_LIST).map(|()| next),
            (_, next) => Ok(next),
        }
    }
}

/// A message that occurs again is merged, and merging is concatenation.
pub fn merged<'a>(before: Cow<'a, [u8]>, after: &[u8]) -> Cow<'a, [u8]> {
    let mut both = before.into_owned();
    both.extend_from_slice(after);
    Cow::Owned(both)
}

/// One KeyValue: the key made valid, the value's bytes.
pub struct Pair<'a> {
    pub key: Cow<'a, str>,
    pub value: Cow<'a, [u8]>,
}

impl<'a> Pair<'a> {
    #[inline]
    pub fn read(buffer: &'a [u8], warnings: &mut Counts) -> Result<Self> {
        let mut key: &[u8] = b"";
        let mut value: Cow<'a, [u8]> = Cow::Borrowed(b"");
        let mut index = 0;
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => key = payload.bytes("key")?,
                2 if value.is_empty() => value = Cow::Borrowed(payload.bytes("value")?),
                2 => value = merged(value, payload.bytes("value")?),
                3 => index = payload.int32("key_strindex")?,
                _ => {}
            }
        }
        if index != 0 {
            warnings.add("string_index");
        }
        Ok(Self {
            key: utf8(key, warnings),
            value,
        })
    }
}

/// Append the canonical JSON of a value; `depth` arrays and maps are around it.
pub fn push_value(
    out: &mut Vec<u8>,
    buffer: &[u8],
    depth: u32,
    warnings: &mut Counts,
) -> Result<()> {
    push_any(out, &AnyValue::read(buffer)?, depth, warnings)
}

pub fn push_any(
    out: &mut Vec<u8>,
    value: &AnyValue<'_>,
    depth: u32,
    warnings: &mut Counts,
) -> Result<()> {
    match value {
        AnyValue::Unset => out.extend_from_slice(b"null"),
        AnyValue::StringIndex(index) => {
            if *index != 0 {
                warnings.add("string_index");
            }
            out.extend_from_slice(b"null");
        }
        AnyValue::Text(bytes) => push_json_string(out, &utf8(bytes, warnings)),
        AnyValue::Bool(true) => out.extend_from_slice(b"true"),
        AnyValue::Bool(false) => out.extend_from_slice(b"false"),
        AnyValue::Int(number) => push_integer(out, *number),
        AnyValue::Double(number) => push_double(out, *number),
        AnyValue::Bytes(bytes) => {
            out.extend_from_slice(b"{\"$bytes\":\"");
            out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
            out.extend_from_slice(b"\"}");
        }
        AnyValue::Array(items) => push_array(out, items, below(depth)?, warnings)?,
        AnyValue::Map(pairs) => push_map(out, pairs, below(depth)?, warnings)?,
    }
    Ok(())
}

fn below(depth: u32) -> Result<u32> {
    if depth >= MAX_DEPTH {
        return Err(Fault::new(format!(
            "arrays and maps are nested more than {MAX_DEPTH} deep"
        )));
    }
    Ok(depth + 1)
}

fn push_array(out: &mut Vec<u8>, buffer: &[u8], depth: u32, warnings: &mut Counts) -> Result<()> {
    out.push(b'[');
    let mut first = true;
    let mut fields = Fields::new(buffer);
    while let Some((number, payload)) = fields.next()? {
        if number == 1 {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            push_value(out, payload.bytes("values")?, depth, warnings)?;
        }
    }
    out.push(b']');
    Ok(())
}

fn push_map(out: &mut Vec<u8>, buffer: &[u8], depth: u32, warnings: &mut Counts) -> Result<()> {
    let mut pairs = Vec::new();
    let mut fields = Fields::new(buffer);
    while let Some((number, payload)) = fields.next()? {
        if number == 1 {
            pairs.push(Pair::read(payload.bytes("values")?, warnings)?);
        }
    }
    drop_duplicates(&mut pairs, depth, warnings)?;
    let wrapped = pairs.len() == 1 && pairs[0].key.starts_with('$');
    if wrapped {
        out.extend_from_slice(b"{\"$map\":");
    }
    push_object(out, &pairs, depth, warnings)?;
    if wrapped {
        out.push(b'}');
    }
    Ok(())
}

/// Append the pairs as an object, as they stand; `depth` counts the object itself.
pub fn push_object(
    out: &mut Vec<u8>,
    pairs: &[Pair<'_>],
    depth: u32,
    warnings: &mut Counts,
) -> Result<()> {
    out.push(b'{');
    for (index, pair) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(out, &pair.key);
        out.push(b':');
        push_value(out, &pair.value, depth, warnings)?;
    }
    out.push(b'}');
    Ok(())
}

/// Keep the last of equal keys, at its place. What is dropped is read, so that it counts as sent.
pub fn drop_duplicates(pairs: &mut Vec<Pair<'_>>, depth: u32, warnings: &mut Counts) -> Result<()> {
    if !has_duplicates(pairs) {
        return Ok(());
    }
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut kept = Vec::with_capacity(pairs.len());
    let mut dropped = Vec::new();
    for pair in pairs.drain(..).rev() {
        if seen.insert(pair.key.clone().into_owned()) {
            kept.push(pair);
        } else {
            push_value(&mut dropped, &pair.value, depth, warnings)?;
        }
    }
    kept.reverse();
    *pairs = kept;
    Ok(())
}

fn has_duplicates(pairs: &[Pair<'_>]) -> bool {
    if pairs.len() > MANY_KEYS {
        let mut seen = FxHashSet::default();
        return !pairs.iter().all(|pair| seen.insert(&*pair.key));
    }
    pairs
        .iter()
        .enumerate()
        .any(|(index, pair)| pairs[..index].iter().any(|before| before.key == pair.key))
}

/// Read the KeyValue of a repeated `attributes` field into `pairs`.
#[inline]
pub fn read_pair<'a>(
    pairs: &mut Vec<Pair<'a>>,
    payload: Payload<'a>,
    field: &'static str,
    warnings: &mut Counts,
) -> Result<()> {
    let index = pairs.len();
    let pair = Pair::read(payload.bytes(field)?, warnings)
        .map_err(|fault| fault.within_item(field, index))?;
    pairs.push(pair);
    Ok(())
}
