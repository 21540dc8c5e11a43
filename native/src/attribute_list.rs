//! The attributes of one item as they lie on the wire, not looked into any further than needed.

use crate::counts::Counts;
use crate::fault::Result;
use crate::schema::KEY_VALUE;
use crate::value::{Pair, drop_duplicates};
use crate::wire::{Fields, bytes_tag, varint_tag};

const KEY: u32 = bytes_tag(1);
const VALUE: u32 = bytes_tag(2);
const KEY_STRINDEX: u32 = varint_tag(3);

#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    whole: &'a [u8],
}

#[derive(Default)]
pub struct AttributeList<'a> {
    pub items: Vec<Attribute<'a>>,
    /// Some key or value is not said in the one plain way: `pairs` has to look at them.
    pub is_odd: bool,
}

impl<'a> AttributeList<'a> {
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            items: Vec::with_capacity(capacity),
            is_odd: false,
        }
    }

    #[inline]
    pub fn push(&mut self, whole: &'a [u8]) -> Result<()> {
        let index = self.items.len();
        let read = self.read(whole);
        read.map_err(|fault| fault.within_item("attributes", index))
    }

    #[inline]
    fn read(&mut self, whole: &'a [u8]) -> Result<()> {
        let (mut key, mut value): (&[u8], &[u8]) = (b"", b"");
        let mut has_value = false;
        let mut fields = Fields::new(whole);
        loop {
            match fields.tag_or_end()? {
                0 => break,
                KEY => key = fields.bytes()?,
                VALUE => {
                    self.is_odd |= std::mem::replace(&mut has_value, true);
                    value = fields.bytes()?;
                }
                KEY_STRINDEX => {
                    fields.varint()?;
                    self.is_odd = true;
                }
                other => fields.other(other, &KEY_VALUE)?,
            }
        }
        self.items.push(Attribute { key, value, whole });
        Ok(())
    }

    /// The attributes without duplicates, keys valid.
    pub fn pairs(&self, warnings: &mut Counts) -> Result<Vec<Pair<'a>>> {
        let mut pairs = self
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                Pair::read(item.whole, warnings)
                    .map_err(|fault| fault.within_item("attributes", index))
            })
            .collect::<Result<Vec<_>>>()?;
        drop_duplicates(&mut pairs, 0, warnings)?;
        Ok(pairs)
    }
}
