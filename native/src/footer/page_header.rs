//! The header before each page, which is Thrift's compact protocol; only what is needed of it.

/// A page of type 0 (data) or 2 (dictionary), and its encodings by their numbers.
#[derive(Debug, Default, PartialEq)]
pub struct PageHeader {
    pub kind: i64,
    pub unpacked_bytes: i64,
    pub packed_bytes: i64,
    pub checksum: Option<u32>,
    pub values: i64,
    pub encoding: i64,
    pub definition: i64,
    pub repetition: i64,
    /// Of the header itself.
    pub header_bytes: usize,
}

impl PageHeader {
    /// None where there is none at the beginning of these bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut input = bytes;
        let mut header = Self::default();
        structure(
            &mut input,
            &mut |outer, field, value| match (outer, field) {
                (None, 1) => header.kind = value,
                (None, 2) => header.unpacked_bytes = value,
                (None, 3) => header.packed_bytes = value,
                (None, 4) => header.checksum = Some(value as u32),
                (Some(5 | 7), 1) => header.values = value,
                (Some(5 | 7), 2) => header.encoding = value,
                (Some(5), 3) => header.definition = value,
                (Some(5), 4) => header.repetition = value,
                _ => {}
            },
        )?;
        header.header_bytes = bytes.len() - input.len();
        Some(header)
    }
}

/// Takes the structure's field, the field in it, and the value.
type Found<'a> = &'a mut dyn FnMut(Option<i64>, i64, i64);
/// Reads a field of that type on.
type Each<'a> = &'a mut dyn FnMut(&mut &[u8], i64, u8) -> Option<()>;

fn structure(input: &mut &[u8], found: Found) -> Option<()> {
    fields(input, &mut |input, field, kind| {
        if kind != STRUCT {
            return simple(input, kind).map(|value| found(None, field, value));
        }
        fields(input, &mut |input, inner, kind| {
            if kind != STRUCT {
                return simple(input, kind).map(|value| found(Some(field), inner, value));
            }
            // Statistics, which have no structures within.
            fields(input, &mut |input, _, kind| simple(input, kind).map(|_| ()))
        })
    })
}

const STRUCT: u8 = 12;

fn fields(input: &mut &[u8], each: Each) -> Option<()> {
    let mut field = 0;
    loop {
        let head = byte(input)?;
        if head == 0 {
            return Some(());
        }
        field = match head >> 4 {
            0 => zigzag(varint(input)?),
            delta => field + i64::from(delta),
        };
        each(input, field, head & 15)?;
    }
}

/// A value that is no structure: its number, or 0 for what is skipped.
fn simple(input: &mut &[u8], kind: u8) -> Option<i64> {
    match kind {
        1 => Some(1),
        2 => Some(0),
        3 => byte(input).map(i64::from),
        4..=6 => varint(input).map(zigzag),
        7 => skip(input, 8),
        8 => {
            let length = usize::try_from(varint(input)?).ok()?;
            skip(input, length)
        }
        _ => None,
    }
}

fn byte(input: &mut &[u8]) -> Option<u8> {
    let (first, rest) = input.split_first()?;
    *input = rest;
    Some(*first)
}

fn skip(input: &mut &[u8], length: usize) -> Option<i64> {
    *input = input.get(length..)?;
    Some(0)
}

fn varint(input: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let next = byte(input)?;
        value |= u64::from(next & 127) << shift;
        if next < 128 {
            return Some(value);
        }
    }
    None
}

fn zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_page_with_statistics() {
        let bytes = [
            0x15, 0x00, 0x15, 0x14, 0x15, 0x10, 0x15, 0x02, 0x1c, 0x15, 0x06, 0x15, 0x10, 0x15,
            0x06, 0x15, 0x06, 0x1c, 0x36, 0x00, 0x28, 0x01, b'a', 0x18, 0x01, b'a', 0x11, 0x00,
            0x00, 0x00, b'x',
        ];
        let header = PageHeader::of(&bytes).expect("it is one");
        let expected = PageHeader {
            kind: 0,
            unpacked_bytes: 10,
            packed_bytes: 8,
            checksum: Some(1),
            values: 3,
            encoding: 8,
            definition: 3,
            repetition: 3,
            header_bytes: 30,
        };
        assert_eq!(header, expected);
        for cut in 0..30 {
            assert_eq!(PageHeader::of(&bytes[..cut]), None);
        }
    }
}
