//! How many items a body has at most, told without decoding it: so that they can be waited for.

use crate::group::Encoding;
use crate::signal::Signal;

/// Field numbers that lead from the request to the items; of a metric, to its points.
const ENVELOPES: [&[u64]; 3] = [&[1], &[2], &[2]];
const METRICS: [&[u64]; 5] = [&[1], &[2], &[2], &[5, 7, 9, 10, 11], &[1]];
/// How deep an item's object is in JSON: `{"…":[{"…":[{"…":[{`, and in it `"gauge":{"…":[{`.
const ITEM_DEPTH: usize = 7;
const POINT_DEPTH: usize = 10;

/// No fewer than decoding would find. What cannot be read is not looked at further: decoding
/// refuses it.
pub fn items(signal: Signal, encoding: Encoding, body: &[u8]) -> usize {
    let is_metric = signal == Signal::Metrics;
    match encoding {
        Encoding::Protobuf if is_metric => fields(body, &METRICS),
        Encoding::Protobuf => fields(body, &ENVELOPES),
        Encoding::Json => objects(body, if is_metric { POINT_DEPTH } else { ITEM_DEPTH }),
    }
}

fn fields(mut rest: &[u8], path: &[&[u64]]) -> usize {
    let mut found = 0;
    while let Some(tag) = varint(&mut rest) {
        let size = match tag & 7 {
            0 => varint(&mut rest).map(|_| 0),
            1 => Some(8),
            2 => varint(&mut rest).and_then(|length| usize::try_from(length).ok()),
            5 => Some(4),
            // The ends of groups: what is in them counts too, which does no harm.
            _ => Some(0),
        };
        let Some((content, behind)) = size.and_then(|size| rest.split_at_checked(size)) else {
            break;
        };
        rest = behind;
        if tag & 7 == 2 && path[0].contains(&(tag >> 3)) {
            found += match &path[1..] {
                [] => 1,
                below => fields(content, below),
            };
        }
    }
    found
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (&byte, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Objects at that depth.
fn objects(body: &[u8], item_depth: usize) -> usize {
    let (mut found, mut depth, mut at) = (0, 0_usize, 0);
    while let Some(&byte) = body.get(at) {
        at += 1;
        match byte {
            b'"' => at = after_string(body, at),
            b'{' | b'[' => {
                depth += 1;
                found += usize::from(byte == b'{' && depth == item_depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

fn after_string(body: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = body.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    at
}
