//! Log records become rows of `logs` (docs/decoding.md, section 4).

use std::borrow::Cow;

use arrow_array::types::{Int32Type, Int64Type, TimestampNanosecondType, UInt64Type};

use crate::attribute_list::AttributeList;
use crate::cells::{set_id, set_text, set_time};
use crate::columns::{Numbers, Strings};
use crate::common::{Common, PromotedKeys};
use crate::counts::Counts;
use crate::envelope::{Resource, Scope, Tally, Time};
use crate::fault::Result;
use crate::schema::LOG_RECORD;
use crate::sink::{Sink, Table, named};
use crate::text::{push_json_string, utf8};
use crate::times::check_time;
use crate::value::{AnyValue, merged, push_any};
use crate::wire::Fields;

/// One record as it lies on the wire.
#[derive(Default)]
struct Wire<'a> {
    time: u64,
    observed_time: u64,
    severity_number: i32,
    severity_text: &'a [u8],
    body: Option<Cow<'a, [u8]>>,
    attributes: AttributeList<'a>,
    dropped_attributes: u32,
    flags: u32,
    trace_id: &'a [u8],
    span_id: &'a [u8],
    event_name: &'a [u8],
}

mod tag {
    use crate::wire::{bytes_tag, fixed32_tag, fixed64_tag, varint_tag};

    pub const TIME: u32 = fixed64_tag(1);
    pub const SEVERITY_NUMBER: u32 = varint_tag(2);
    pub const SEVERITY_TEXT: u32 = bytes_tag(3);
    pub const BODY: u32 = bytes_tag(5);
    pub const ATTRIBUTES: u32 = bytes_tag(6);
    pub const DROPPED_ATTRIBUTES: u32 = varint_tag(7);
    pub const FLAGS: u32 = fixed32_tag(8);
    pub const TRACE_ID: u32 = bytes_tag(9);
    pub const SPAN_ID: u32 = bytes_tag(10);
    pub const OBSERVED_TIME: u32 = fixed64_tag(11);
    pub const EVENT_NAME: u32 = bytes_tag(12);
}

impl<'a> Wire<'a> {
    #[inline]
    fn read(buffer: &'a [u8]) -> Result<Self> {
        let mut record = Self {
            attributes: AttributeList::with_capacity(16),
            ..Self::default()
        };
        let mut fields = Fields::new(buffer);
        loop {
            match fields.tag_or_end()? {
                0 => return Ok(record),
                tag::TIME => record.time = fields.fixed64()?,
                tag::SEVERITY_NUMBER => record.severity_number = fields.varint()? as i32,
                tag::SEVERITY_TEXT => record.severity_text = fields.bytes()?,
                tag::BODY => record.read_body(fields.bytes()?),
                tag::ATTRIBUTES => record.attributes.push(fields.bytes()?)?,
                tag::DROPPED_ATTRIBUTES => record.dropped_attributes = fields.varint()? as u32,
                tag::FLAGS => record.flags = fields.fixed32()?,
                tag::TRACE_ID => record.trace_id = fields.bytes()?,
                tag::SPAN_ID => record.span_id = fields.bytes()?,
                tag::OBSERVED_TIME => record.observed_time = fields.fixed64()?,
                tag::EVENT_NAME => record.event_name = fields.bytes()?,
                other => fields.other(other, &LOG_RECORD)?,
            }
        }
    }

    #[inline]
    fn read_body(&mut self, body: &'a [u8]) {
        self.body = Some(match self.body.take() {
            Some(before) => merged(before, body),
            None => Cow::Borrowed(body),
        });
    }
}

/// The table under construction.
pub struct Logs<'k> {
    common: Common<'k>,
    received_time_ns: i64,
    rows: usize,
    rows_before: usize,
    time: Numbers<TimestampNanosecondType>,
    observed_time: Numbers<TimestampNanosecondType>,
    received_time: Numbers<TimestampNanosecondType>,
    raw_time: Numbers<UInt64Type>,
    raw_observed_time: Numbers<UInt64Type>,
    severity_number: Numbers<Int32Type>,
    severity_text: Strings,
    body: Strings,
    body_text: Strings,
    dropped_attributes: Numbers<Int64Type>,
    trace_id: Strings,
    span_id: Strings,
    flags: Numbers<Int64Type>,
    event_name: Strings,
}

impl<'k> Logs<'k> {
    pub fn new(keys: &'k PromotedKeys) -> Self {
        Self {
            common: Common::new(keys),
            received_time_ns: 0,
            rows: 0,
            rows_before: 0,
            time: Numbers::default(),
            observed_time: Numbers::default(),
            received_time: Numbers::default(),
            raw_time: Numbers::default(),
            raw_observed_time: Numbers::default(),
            severity_number: Numbers::default(),
            severity_text: Strings::default(),
            body: Strings::default(),
            body_text: Strings::default(),
            dropped_attributes: Numbers::default(),
            trace_id: Strings::default(),
            span_id: Strings::default(),
            flags: Numbers::default(),
            event_name: Strings::default(),
        }
    }

    fn write(&mut self, record: &Wire<'_>, warnings: &mut Counts) -> Result<()> {
        let row = self.rows;
        self.write_times(row, record);
        self.severity_number.push(record.severity_number);
        set_text(&mut self.severity_text, row, record.severity_text, warnings);
        if let Some(body) = &record.body {
            self.write_body(row, body, warnings)
                .map_err(|fault| fault.within("body"))?;
        }
        self.common.write(row, &record.attributes, warnings)?;
        self.dropped_attributes
            .push(i64::from(record.dropped_attributes));
        self.write_ids(row, record, warnings);
        self.flags.push(i64::from(record.flags));
        set_text(&mut self.event_name, row, record.event_name, warnings);
        self.rows += 1;
        Ok(())
    }

    fn write_times(&mut self, row: usize, record: &Wire<'_>) {
        let (time, observed) = (Time::of(record.time), Time::of(record.observed_time));
        let best = time
            .known()
            .or(observed.known())
            .unwrap_or(self.received_time_ns);
        self.time.push(best);
        if let Time::Beyond(nanoseconds) = time {
            self.raw_time.set(row, nanoseconds);
        }
        set_time(
            &mut self.observed_time,
            &mut self.raw_observed_time,
            row,
            &observed,
        );
        self.received_time.push(self.received_time_ns);
    }

    /// The body as JSON, and as text for people.
    fn write_body(&mut self, row: usize, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
        self.body.pad_to(row);
        let value = AnyValue::read(buffer)?;
        if let AnyValue::Text(bytes) = value {
            let text = utf8(bytes, warnings);
            self.body_text.set(row, text.as_bytes());
            push_json_string(&mut self.body.data, &text);
        } else {
            let start = self.body.data.len();
            push_any(&mut self.body.data, &value, 0, warnings)?;
            if !matches!(value, AnyValue::Unset | AnyValue::StringIndex(_)) {
                self.body_text.set(row, &self.body.data[start..]);
            }
        }
        self.body.end_row();
        Ok(())
    }

    fn write_ids(&mut self, row: usize, record: &Wire<'_>, warnings: &mut Counts) {
        let ids = [
            (&mut self.trace_id, record.trace_id, 16, "invalid_trace_id"),
            (&mut self.span_id, record.span_id, 8, "invalid_span_id"),
        ];
        for (column, bytes, size, warning) in ids {
            if !bytes.is_empty() && bytes.len() != size {
                warnings.add(warning);
            }
            set_id(column, row, bytes, size);
        }
    }

    fn truncate(&mut self, rows: usize) {
        self.rows = rows;
        for column in [
            &mut self.severity_text,
            &mut self.body,
            &mut self.body_text,
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.event_name,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.time,
            &mut self.observed_time,
            &mut self.received_time,
        ] {
            column.truncate(rows);
        }
        self.raw_time.truncate(rows);
        self.raw_observed_time.truncate(rows);
        self.severity_number.truncate(rows);
        self.dropped_attributes.truncate(rows);
        self.flags.truncate(rows);
    }
}

impl Sink for Logs<'_> {
    const IS_METRICS: bool = false;

    fn begin_body(&mut self, received_time_ns: i64) {
        self.received_time_ns = received_time_ns;
        self.rows_before = self.rows;
        self.common.begin_body();
    }

    fn refuse_body(&mut self) {
        self.truncate(self.rows_before);
        self.common.refuse_body(self.rows_before);
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn begin_scope(&mut self, _: &Resource, _: &Scope) {}

    fn item(&mut self, buffer: &[u8], tally: &mut Tally) -> Result<()> {
        let record = Wire::read(buffer)?;
        self.write(&record, &mut tally.warnings)?;
        self.common.accept_row();
        check_time(record.time, self.received_time_ns, &mut tally.warnings);
        tally.accepted += 1;
        Ok(())
    }

    fn end_scope(&mut self, from: usize, resource: &Resource, scope: &Scope) {
        self.common.end_scope((from, self.rows), resource, scope);
    }

    fn finish(&mut self) -> Vec<Table> {
        let rows = self.rows;
        let common = self.common.finish(rows);
        let mut columns = named(vec![
            ("time", self.time.finish(rows)),
            ("observed_time", self.observed_time.finish(rows)),
            ("received_time", self.received_time.finish(rows)),
            ("time_unix_nano", self.raw_time.finish(rows)),
            (
                "observed_time_unix_nano",
                self.raw_observed_time.finish(rows),
            ),
            ("severity_number", self.severity_number.finish(rows)),
            ("severity_text", self.severity_text.finish(rows)),
            ("body", self.body.finish(rows)),
            ("body_text", self.body_text.finish(rows)),
            ("attributes_other", common.attributes_other),
            (
                "dropped_attributes_count",
                self.dropped_attributes.finish(rows),
            ),
            ("trace_id", self.trace_id.finish(rows)),
            ("span_id", self.span_id.finish(rows)),
            ("flags", self.flags.finish(rows)),
            ("event_name", self.event_name.finish(rows)),
            ("service_name", common.service_name),
        ]);
        columns.extend(named(common.resource_and_scope));
        columns.extend(common.promoted);
        vec![Table {
            name: "logs",
            rows,
            columns,
            strays: self.common.strays(),
        }]
    }
}
