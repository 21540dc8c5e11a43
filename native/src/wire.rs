//! The protobuf wire: fields one by one, groups skipped, everything bounded by what is there.

use crate::fault::{Fault, Result};
use crate::schema::Message;

/// The tags of fields, as `Fields::tag_or_end` gives them.
pub const fn varint_tag(number: u32) -> u32 {
    number << 3
}

pub const fn fixed64_tag(number: u32) -> u32 {
    number << 3 | 1
}

pub const fn bytes_tag(number: u32) -> u32 {
    number << 3 | 2
}

pub const fn fixed32_tag(number: u32) -> u32 {
    number << 3 | 5
}

/// The payload of one field.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

impl<'a> Payload<'a> {
    #[inline]
    pub fn varint(self, field: &'static str) -> Result<u64> {
        match self {
            Self::Varint(value) => Ok(value),
            other => Err(other.wrong(field)),
        }
    }

    /// A 32-bit integer or enum: 64 bits are read and cut.
    #[inline]
    pub fn int32(self, field: &'static str) -> Result<i32> {
        Ok(self.varint(field)? as i32)
    }

    #[inline]
    pub fn fixed64(self, field: &'static str) -> Result<u64> {
        match self {
            Self::Fixed64(value) => Ok(value),
            other => Err(other.wrong(field)),
        }
    }

    #[inline]
    pub fn double(self, field: &'static str) -> Result<f64> {
        Ok(f64::from_bits(self.fixed64(field)?))
    }

    #[inline]
    pub fn fixed32(self, field: &'static str) -> Result<u32> {
        match self {
            Self::Fixed32(value) => Ok(value),
            other => Err(other.wrong(field)),
        }
    }

    #[inline]
    pub fn bytes(self, field: &'static str) -> Result<&'a [u8]> {
        match self {
            Self::Bytes(value) => Ok(value),
            other => Err(other.wrong(field)),
        }
    }

    /// The elements of a repeated fixed64 or double, packed or not.
    pub fn each_fixed64(self, field: &'static str, mut take: impl FnMut(u64)) -> Result<()> {
        match self {
            Self::Fixed64(value) => take(value),
            Self::Bytes(packed) => {
                let chunks = packed.chunks_exact(8);
                if !chunks.remainder().is_empty() {
                    return Err(Fault::new("cut off").within(field));
                }
                chunks.for_each(|chunk| take(u64::from_le_bytes(chunk.try_into().expect("8"))));
            }
            other => return Err(other.wrong(field)),
        }
        Ok(())
    }

    /// The elements of a repeated varint, packed or not.
    pub fn each_varint(self, field: &'static str, mut take: impl FnMut(u64)) -> Result<()> {
        match self {
            Self::Varint(value) => take(value),
            Self::Bytes(packed) => {
                let mut rest = Fields::new(packed);
                while !rest.is_at_end() {
                    take(rest.varint().map_err(|fault| fault.within(field))?);
                }
            }
            other => return Err(other.wrong(field)),
        }
        Ok(())
    }

    #[cold]
    fn wrong(self, field: &'static str) -> Fault {
        let kind = match self {
            Self::Varint(_) => 0,
            Self::Fixed64(_) => 1,
            Self::Bytes(_) => 2,
            Self::Fixed32(_) => 5,
        };
        Fault::new(format!("has wire type {kind}: is it another signal's?")).within(field)
    }
}

/// Walks the fields of one message.
pub struct Fields<'a> {
    buffer: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    #[inline]
    pub fn new(buffer: &'a [u8]) -> Self {
        Self { buffer, at: 0 }
    }

    #[inline]
    pub fn is_at_end(&self) -> bool {
        self.at >= self.buffer.len()
    }

    /// The next field's number and payload; groups are passed over.
    #[inline]
    pub fn next(&mut self) -> Result<Option<(u32, Payload<'a>)>> {
        loop {
            if self.is_at_end() {
                return Ok(None);
            }
            let (number, kind) = self.tag()?;
            match kind {
                3 => self.skip_group(number)?,
                4 => return Err(Fault::new("a group ends that did not begin")),
                _ => return Ok(Some((number, self.payload(kind)?))),
            }
        }
    }

    /// The next tag whole, number and wire type; 0 at the end. For the messages that are many:
    /// match it, take the payload by its type, and leave what is left to `other`.
    #[inline(always)]
    pub fn tag_or_end(&mut self) -> Result<u32> {
        match self.buffer.get(self.at) {
            None => Ok(0),
            Some(&byte) if (8..0x80).contains(&byte) => {
                self.at += 1;
                Ok(u32::from(byte))
            }
            Some(_) => self.tag().map(|(number, kind)| number << 3 | kind),
        }
    }

    #[inline(always)]
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.varint()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    #[inline(always)]
    pub fn fixed64(&mut self) -> Result<u64> {
        self.take(8)
            .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("8")))
    }

    #[inline(always)]
    pub fn fixed32(&mut self) -> Result<u32> {
        self.take(4)
            .map(|bytes| u32::from_le_bytes(bytes.try_into().expect("4")))
    }

    /// Pass over a field that the message's reader does not know by its tag: an unknown one, or a
    /// known one of a wrong wire type, which is refused.
    #[cold]
    pub fn other(&mut self, tag: u32, message: &Message) -> Result<()> {
        let (number, kind) = (tag >> 3, tag & 7);
        match kind {
            3 => return self.skip_group(number),
            4 => return Err(Fault::new("a group ends that did not begin")),
            _ => {}
        }
        let payload = self.payload(kind)?;
        match message.fields.iter().find(|field| field.tag >> 3 == number) {
            Some(field) => Err(payload.wrong(field.snake)),
            None => Ok(()),
        }
    }

    #[inline(always)]
    pub fn varint(&mut self) -> Result<u64> {
        if let Some(&byte) = self.buffer.get(self.at)
            && byte < 0x80
        {
            self.at += 1;
            return Ok(u64::from(byte));
        }
        self.long_varint()
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for index in 0..10 {
            let Some(&byte) = self.buffer.get(self.at) else {
                return Err(Fault::new("cut off within a varint"));
            };
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::new("a varint is longer than 10 bytes"))
    }

    fn tag(&mut self) -> Result<(u32, u32)> {
        let tag = self.varint()?;
        let Ok(tag) = u32::try_from(tag) else {
            return Err(Fault::new("a tag is over 32 bits"));
        };
        let (number, kind) = (tag >> 3, tag & 7);
        if number == 0 {
            return Err(Fault::new("a field has number 0"));
        }
        Ok((number, kind))
    }

    #[inline]
    fn payload(&mut self, kind: u32) -> Result<Payload<'a>> {
        match kind {
            0 => Ok(Payload::Varint(self.varint()?)),
            1 => {
                let bytes = self.take(8)?;
                Ok(Payload::Fixed64(u64::from_le_bytes(
                    bytes.try_into().expect("8"),
                )))
            }
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                Ok(Payload::Bytes(self.take(length)?))
            }
            5 => {
                let bytes = self.take(4)?;
                Ok(Payload::Fixed32(u32::from_le_bytes(
                    bytes.try_into().expect("4"),
                )))
            }
            _ => Err(Fault::new(format!("a field has wire type {kind}"))),
        }
    }

    #[inline(always)]
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let rest = &self.buffer[self.at..];
        if length > rest.len() {
            return Err(Fault::new("a length exceeds what remains"));
        }
        self.at += length;
        Ok(&rest[..length])
    }

    /// Groups within groups are kept on a list, not on the stack.
    #[cold]
    fn skip_group(&mut self, number: u32) -> Result<()> {
        let mut open = vec![number];
        while let Some(&innermost) = open.last() {
            if self.is_at_end() {
                return Err(Fault::new("a group does not end"));
            }
            let (number, kind) = self.tag()?;
            match kind {
                3 => open.push(number),
                4 if number == innermost => {
                    open.pop();
                }
                4 => return Err(Fault::new("a group ends with another number")),
                _ => {
                    self.payload(kind)?;
                }
            }
        }
        Ok(())
    }
}
