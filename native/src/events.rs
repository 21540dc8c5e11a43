//! The events of spans: a list of structs beside each row.

use arrow_array::ArrayRef;
use arrow_array::types::{Int64Type, TimestampNanosecondType, UInt64Type};

use crate::cells::set_time;
use crate::columns::{Lists, Numbers, Strings, structs};
use crate::counts::Counts;
use crate::envelope::{Time, attributes_json};
use crate::fault::Result;
use crate::text::utf8;
use crate::value::{drop_duplicates, read_pair};
use crate::wire::Fields;

#[derive(Default)]
pub struct Events {
    lists: Lists,
    count: usize,
    time: Numbers<TimestampNanosecondType>,
    raw_time: Numbers<UInt64Type>,
    name: Strings,
    attributes: Strings,
    dropped: Numbers<Int64Type>,
}

impl Events {
    pub fn push(&mut self, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
        let at = self.count;
        let mut pairs = Vec::new();
        let (mut time, mut dropped, mut name): (u64, u32, &[u8]) = (0, 0, b"");
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => time = payload.fixed64("time_unix_nano")?,
                2 => name = payload.bytes("name")?,
                3 => read_pair(&mut pairs, payload, "attributes", warnings)?,
                4 => dropped = payload.varint("dropped_attributes_count")? as u32,
                _ => {}
            }
        }
        drop_duplicates(&mut pairs, 0, warnings)?;
        if let Some(json) = attributes_json(&pairs, warnings)? {
            self.attributes.set(at, &json);
        }
        set_time(&mut self.time, &mut self.raw_time, at, &Time::of(time));
        self.name.push(utf8(name, warnings).as_bytes());
        self.dropped.push(i64::from(dropped));
        self.count += 1;
        Ok(())
    }

    pub fn end_row(&mut self, row: usize) {
        self.lists.end_row(row, self.count);
    }

    pub fn truncate(&mut self, rows: usize) {
        self.count = self.lists.truncate(rows);
        self.time.truncate(self.count);
        self.raw_time.truncate(self.count);
        self.name.truncate(self.count);
        self.attributes.truncate(self.count);
        self.dropped.truncate(self.count);
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        let count = std::mem::take(&mut self.count);
        let children = structs(vec![
            ("time", self.time.finish(count)),
            ("time_unix_nano", self.raw_time.finish(count)),
            ("name", self.name.finish(count)),
            ("attributes", self.attributes.finish(count)),
            ("dropped_attributes_count", self.dropped.finish(count)),
        ]);
        self.lists.finish(rows, children)
    }
}
