//! The exemplars of data points: a list of structs beside each row.

use arrow_array::ArrayRef;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType, UInt64Type};

use crate::cells::{set_id, set_time};
use crate::columns::{Lists, Numbers, Strings, structs};
use crate::counts::Counts;
use crate::envelope::{Time, attributes_json};
use crate::fault::Result;
use crate::points::Number;
use crate::value::{drop_duplicates, read_pair};
use crate::wire::Fields;

#[derive(Default)]
pub struct Exemplars {
    lists: Lists,
    count: usize,
    time: Numbers<TimestampNanosecondType>,
    raw_time: Numbers<UInt64Type>,
    value: Numbers<Float64Type>,
    value_int: Numbers<Int64Type>,
    trace_id: Strings,
    span_id: Strings,
    attributes: Strings,
}

impl Exemplars {
    pub fn push(&mut self, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
        let at = self.count;
        let mut pairs = Vec::new();
        let (mut time, mut number) = (0, Number::None);
        let (mut trace_id, mut span_id): (&[u8], &[u8]) = (b"", b"");
        let mut fields = Fields::new(buffer);
        while let Some((field, payload)) = fields.next()? {
            match field {
                2 => time = payload.fixed64("time_unix_nano")?,
                3 => number = Number::Double(payload.double("as_double")?),
                4 => span_id = payload.bytes("span_id")?,
                5 => trace_id = payload.bytes("trace_id")?,
                6 => number = Number::Int(payload.fixed64("as_int")? as i64),
                7 => read_pair(&mut pairs, payload, "filtered_attributes", warnings)?,
                _ => {}
            }
        }
        drop_duplicates(&mut pairs, 0, warnings)?;
        let json = attributes_json(&pairs, warnings)?;
        match number {
            Number::None => {
                warnings.add("exemplar_without_value");
                return Ok(());
            }
            Number::Double(value) => self.value.push(value),
            Number::Int(value) => {
                self.value.push(value as f64);
                self.value_int.set(at, value);
            }
        }
        set_time(&mut self.time, &mut self.raw_time, at, &Time::of(time));
        set_id(&mut self.trace_id, at, trace_id, 16);
        set_id(&mut self.span_id, at, span_id, 8);
        if let Some(json) = json {
            self.attributes.set(at, &json);
        }
        self.count += 1;
        Ok(())
    }

    /// What was pushed since the last row belongs to this one.
    pub fn end_row(&mut self, row: usize) {
        self.lists.end_row(row, self.count);
    }

    /// Forget what was pushed since the last row.
    pub fn forget(&mut self) {
        self.truncate(self.lists.rows());
    }

    pub fn truncate(&mut self, rows: usize) {
        self.count = self.lists.truncate(rows);
        self.time.truncate(self.count);
        self.raw_time.truncate(self.count);
        self.value.truncate(self.count);
        self.value_int.truncate(self.count);
        for column in [&mut self.trace_id, &mut self.span_id, &mut self.attributes] {
            column.truncate(self.count);
        }
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        let count = std::mem::take(&mut self.count);
        let children = structs(vec![
            ("time", self.time.finish(count)),
            ("time_unix_nano", self.raw_time.finish(count)),
            ("value", self.value.finish(count)),
            ("value_int", self.value_int.finish(count)),
            ("trace_id", self.trace_id.finish(count)),
            ("span_id", self.span_id.finish(count)),
            ("attributes", self.attributes.finish(count)),
        ]);
        self.lists.finish(rows, children)
    }
}
