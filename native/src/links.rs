//! The links of spans: a list of structs beside each row.

use arrow_array::ArrayRef;
use arrow_array::types::Int64Type;

use crate::cells::set_id;
use crate::columns::{Lists, Numbers, Strings, structs};
use crate::counts::Counts;
use crate::envelope::{attributes_json, is_id};
use crate::fault::Result;
use crate::text::utf8;
use crate::value::{drop_duplicates, read_pair};
use crate::wire::Fields;

#[derive(Default)]
pub struct Links {
    lists: Lists,
    count: usize,
    trace_id: Strings,
    span_id: Strings,
    trace_state: Strings,
    attributes: Strings,
    dropped: Numbers<Int64Type>,
    flags: Numbers<Int64Type>,
}

impl Links {
    pub fn push(&mut self, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
        let at = self.count;
        let mut pairs = Vec::new();
        let (mut trace_id, mut span_id, mut trace_state): (&[u8], &[u8], &[u8]) = (b"", b"", b"");
        let (mut dropped, mut flags) = (0u32, 0u32);
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => trace_id = payload.bytes("trace_id")?,
                2 => span_id = payload.bytes("span_id")?,
                3 => trace_state = payload.bytes("trace_state")?,
                4 => read_pair(&mut pairs, payload, "attributes", warnings)?,
                5 => dropped = payload.varint("dropped_attributes_count")? as u32,
                6 => flags = payload.fixed32("flags")?,
                _ => {}
            }
        }
        drop_duplicates(&mut pairs, 0, warnings)?;
        let json = attributes_json(&pairs, warnings)?;
        let trace_state = utf8(trace_state, warnings);
        if !is_id(trace_id, 16) || !is_id(span_id, 8) {
            warnings.add("invalid_link");
            return Ok(());
        }
        set_id(&mut self.trace_id, at, trace_id, 16);
        set_id(&mut self.span_id, at, span_id, 8);
        if !trace_state.is_empty() {
            self.trace_state.set(at, trace_state.as_bytes());
        }
        if let Some(json) = json {
            self.attributes.set(at, &json);
        }
        self.dropped.push(i64::from(dropped));
        self.flags.push(i64::from(flags));
        self.count += 1;
        Ok(())
    }

    pub fn end_row(&mut self, row: usize) {
        self.lists.end_row(row, self.count);
    }

    pub fn truncate(&mut self, rows: usize) {
        self.count = self.lists.truncate(rows);
        for column in [
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.trace_state,
            &mut self.attributes,
        ] {
            column.truncate(self.count);
        }
        self.dropped.truncate(self.count);
        self.flags.truncate(self.count);
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        let count = std::mem::take(&mut self.count);
        let children = structs(vec![
            ("trace_id", self.trace_id.finish(count)),
            ("span_id", self.span_id.finish(count)),
            ("trace_state", self.trace_state.finish(count)),
            ("attributes", self.attributes.finish(count)),
            ("dropped_attributes_count", self.dropped.finish(count)),
            ("flags", self.flags.finish(count)),
        ]);
        self.lists.finish(rows, children)
    }
}
