//! The protobuf wire, written.

/// Lengths are written before what they measure, with room for any.
const ROOM: usize = 5;

#[inline]
pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[inline]
pub fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Leaves room for a length; what follows is measured by `end` with the place returned.
#[inline]
pub fn begin(out: &mut Vec<u8>) -> usize {
    let place = out.len();
    out.extend_from_slice(&[0; ROOM]);
    place
}

/// A short length takes one byte, and what it measures moves up; a long one fills its room.
#[inline]
pub fn end(out: &mut Vec<u8>, place: usize) {
    let length = out.len() - place - ROOM;
    if length < 0x80 {
        out.copy_within(place + ROOM.., place + 1);
        out.truncate(place + 1 + length);
        out[place] = length as u8;
    } else {
        for (index, byte) in out[place..place + ROOM].iter_mut().enumerate() {
            *byte = (length >> (7 * index)) as u8 & 0x7f | 0x80;
        }
        out[place + ROOM - 1] &= 0x7f;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_reads_back() {
        for length in [0, 1, 127, 128, 300, 70_000] {
            let mut out = b"before".to_vec();
            let place = begin(&mut out);
            out.resize(out.len() + length, b'x');
            end(&mut out, place);

            let (head, body) = out.split_at(out.len() - length);
            let digits = head[6..].iter().enumerate();
            let read: usize = digits
                .map(|(at, byte)| usize::from(byte & 0x7f) << (7 * at))
                .sum();
            assert_eq!(read, length);
            assert!(head.starts_with(b"before") && body.iter().all(|byte| *byte == b'x'));
        }
    }
}
