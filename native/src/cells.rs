//! Single values into columns, by the rules that all tables share (docs/decoding.md, section 3).

use arrow_array::types::{TimestampNanosecondType, UInt64Type};

use crate::columns::{Numbers, Strings, Words};
use crate::counts::Counts;
use crate::envelope::{Time, is_id};
use crate::text::{push_hex, utf8};

/// A number of a closed set by its word, of an unknown one by its digits.
pub fn push_word(column: &mut Words, number: i32, known: usize) {
    match usize::try_from(number) {
        Ok(key) if key < known => column.push_key(number),
        _ => {
            let key = column.key(number.to_string().as_bytes());
            column.push_key(key);
        }
    }
}

pub fn set_text(column: &mut Strings, row: usize, bytes: &[u8], warnings: &mut Counts) {
    if !bytes.is_empty() {
        column.set(row, utf8(bytes, warnings).as_bytes());
    }
}

pub fn set_id(column: &mut Strings, row: usize, bytes: &[u8], size: usize) {
    if is_id(bytes, size) {
        column.pad_to(row);
        push_hex(&mut column.data, bytes);
        column.end_row();
    }
}

pub fn set_time(
    times: &mut Numbers<TimestampNanosecondType>,
    raw: &mut Numbers<UInt64Type>,
    row: usize,
    time: &Time,
) {
    match time {
        Time::Unknown => {}
        Time::Known(nanoseconds) => times.set(row, *nanoseconds),
        Time::Beyond(nanoseconds) => raw.set(row, *nanoseconds),
    }
}
