//! Traces become rows of `spans` (docs/decoding.md, section 4).

use arrow_array::types::{Int64Type, TimestampNanosecondType, UInt64Type};

use crate::attribute_list::AttributeList;
use crate::cells::{push_word, set_id, set_text, set_time};
use crate::columns::{Numbers, Strings, Words};
use crate::common::{Common, PromotedKeys};
use crate::counts::Counts;
use crate::envelope::{Resource, Scope, Tally, Time, is_id};
use crate::events::Events;
use crate::fault::Result;
use crate::links::Links;
use crate::schema::SPAN;
use crate::sink::{Sink, Table, named};
use crate::text::{push_hex, utf8};
use crate::times::check_time;
use crate::wire::Fields;

const KINDS: [&str; 6] = [
    "unspecified",
    "internal",
    "server",
    "client",
    "producer",
    "consumer",
];
const STATUS_CODES: [&str; 3] = ["unset", "ok", "error"];

/// One span as it lies on the wire.
#[derive(Default)]
struct Wire<'a> {
    trace_id: &'a [u8],
    span_id: &'a [u8],
    parent_span_id: &'a [u8],
    trace_state: &'a [u8],
    name: &'a [u8],
    status_message: &'a [u8],
    kind: i32,
    status_code: i32,
    start: u64,
    end: u64,
    flags: u32,
    dropped_attributes: u32,
    dropped_events: u32,
    dropped_links: u32,
    attributes: AttributeList<'a>,
    events: Vec<&'a [u8]>,
    links: Vec<&'a [u8]>,
}

mod tag {
    use crate::wire::{bytes_tag, fixed32_tag, fixed64_tag, varint_tag};

    pub const TRACE_ID: u32 = bytes_tag(1);
    pub const SPAN_ID: u32 = bytes_tag(2);
    pub const TRACE_STATE: u32 = bytes_tag(3);
    pub const PARENT_SPAN_ID: u32 = bytes_tag(4);
    pub const NAME: u32 = bytes_tag(5);
    pub const KIND: u32 = varint_tag(6);
    pub const START_TIME: u32 = fixed64_tag(7);
    pub const END_TIME: u32 = fixed64_tag(8);
    pub const ATTRIBUTES: u32 = bytes_tag(9);
    pub const DROPPED_ATTRIBUTES: u32 = varint_tag(10);
    pub const EVENTS: u32 = bytes_tag(11);
    pub const DROPPED_EVENTS: u32 = varint_tag(12);
    pub const LINKS: u32 = bytes_tag(13);
    pub const DROPPED_LINKS: u32 = varint_tag(14);
    pub const STATUS: u32 = bytes_tag(15);
    pub const FLAGS: u32 = fixed32_tag(16);
}

impl<'a> Wire<'a> {
    #[inline]
    fn read(buffer: &'a [u8]) -> Result<Self> {
        let mut span = Self {
            attributes: AttributeList::with_capacity(16),
            ..Self::default()
        };
        let mut fields = Fields::new(buffer);
        loop {
            match fields.tag_or_end()? {
                0 => return Ok(span),
                tag::TRACE_ID => span.trace_id = fields.bytes()?,
                tag::SPAN_ID => span.span_id = fields.bytes()?,
                tag::TRACE_STATE => span.trace_state = fields.bytes()?,
                tag::PARENT_SPAN_ID => span.parent_span_id = fields.bytes()?,
                tag::NAME => span.name = fields.bytes()?,
                tag::KIND => span.kind = fields.varint()? as i32,
                tag::START_TIME => span.start = fields.fixed64()?,
                tag::END_TIME => span.end = fields.fixed64()?,
                tag::ATTRIBUTES => span.attributes.push(fields.bytes()?)?,
                tag::DROPPED_ATTRIBUTES => span.dropped_attributes = fields.varint()? as u32,
                tag::EVENTS => span.events.push(fields.bytes()?),
                tag::DROPPED_EVENTS => span.dropped_events = fields.varint()? as u32,
                tag::LINKS => span.links.push(fields.bytes()?),
                tag::DROPPED_LINKS => span.dropped_links = fields.varint()? as u32,
                tag::STATUS => span.read_status(fields.bytes()?)?,
                tag::FLAGS => span.flags = fields.fixed32()?,
                other => fields.other(other, &SPAN)?,
            }
        }
    }

    /// A status that occurs again is merged.
    fn read_status(&mut self, buffer: &'a [u8]) -> Result<()> {
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                2 => self.status_message = payload.bytes("status.message")?,
                3 => self.status_code = payload.int32("status.code")?,
                _ => {}
            }
        }
        Ok(())
    }

    fn fault(&self) -> Option<&'static str> {
        let parent = self.parent_span_id;
        if !is_id(self.trace_id, 16) {
            Some("invalid_trace_id")
        } else if !is_id(self.span_id, 8) {
            Some("invalid_span_id")
        } else if parent.len() != 8 && parent.iter().any(|&byte| byte != 0) {
            Some("invalid_parent_span_id")
        } else {
            None
        }
    }
}

/// The table under construction.
pub struct Spans<'k> {
    common: Common<'k>,
    received_time_ns: i64,
    rows: usize,
    rows_before: usize,
    trace_id: Strings,
    span_id: Strings,
    parent_span_id: Strings,
    trace_state: Strings,
    flags: Numbers<Int64Type>,
    name: Strings,
    kind: Words,
    start_time: Numbers<TimestampNanosecondType>,
    end_time: Numbers<TimestampNanosecondType>,
    start_raw: Numbers<UInt64Type>,
    end_raw: Numbers<UInt64Type>,
    duration_ns: Numbers<Int64Type>,
    status_code: Words,
    status_message: Strings,
    dropped_attributes: Numbers<Int64Type>,
    events: Events,
    dropped_events: Numbers<Int64Type>,
    links: Links,
    dropped_links: Numbers<Int64Type>,
    received_time: Numbers<TimestampNanosecondType>,
}

impl<'k> Spans<'k> {
    pub fn new(keys: &'k PromotedKeys) -> Self {
        Self {
            common: Common::new(keys),
            received_time_ns: 0,
            rows: 0,
            rows_before: 0,
            trace_id: Strings::default(),
            span_id: Strings::default(),
            parent_span_id: Strings::default(),
            trace_state: Strings::default(),
            flags: Numbers::default(),
            name: Strings::default(),
            kind: Words::of(&KINDS),
            start_time: Numbers::default(),
            end_time: Numbers::default(),
            start_raw: Numbers::default(),
            end_raw: Numbers::default(),
            duration_ns: Numbers::default(),
            status_code: Words::of(&STATUS_CODES),
            status_message: Strings::default(),
            dropped_attributes: Numbers::default(),
            events: Events::default(),
            dropped_events: Numbers::default(),
            links: Links::default(),
            dropped_links: Numbers::default(),
            received_time: Numbers::default(),
        }
    }

    /// Write a span's row; where it fails, `truncate` undoes what was written.
    fn write(&mut self, span: &Wire<'_>, warnings: &mut Counts) -> Result<()> {
        let row = self.rows;
        self.write_ids(row, span, warnings);
        self.name.push(utf8(span.name, warnings).as_bytes());
        push_word(&mut self.kind, span.kind, KINDS.len());
        self.write_times(row, span);
        push_word(&mut self.status_code, span.status_code, STATUS_CODES.len());
        set_text(&mut self.status_message, row, span.status_message, warnings);
        self.common.write(row, &span.attributes, warnings)?;
        self.dropped_attributes
            .push(i64::from(span.dropped_attributes));
        for (index, event) in span.events.iter().enumerate() {
            self.events
                .push(event, warnings)
                .map_err(|fault| fault.within_item("events", index))?;
        }
        self.events.end_row(row);
        self.dropped_events.push(i64::from(span.dropped_events));
        for (index, link) in span.links.iter().enumerate() {
            self.links
                .push(link, warnings)
                .map_err(|fault| fault.within_item("links", index))?;
        }
        self.links.end_row(row);
        self.dropped_links.push(i64::from(span.dropped_links));
        self.received_time.push(self.received_time_ns);
        self.rows += 1;
        Ok(())
    }

    fn write_ids(&mut self, row: usize, span: &Wire<'_>, warnings: &mut Counts) {
        push_hex(&mut self.trace_id.data, span.trace_id);
        self.trace_id.end_row();
        push_hex(&mut self.span_id.data, span.span_id);
        self.span_id.end_row();
        set_id(&mut self.parent_span_id, row, span.parent_span_id, 8);
        set_text(&mut self.trace_state, row, span.trace_state, warnings);
        self.flags.push(i64::from(span.flags));
    }

    fn write_times(&mut self, row: usize, span: &Wire<'_>) {
        let (start, end) = (Time::of(span.start), Time::of(span.end));
        set_time(&mut self.start_time, &mut self.start_raw, row, &start);
        set_time(&mut self.end_time, &mut self.end_raw, row, &end);
        if let (Some(start), Some(end)) = (start.known(), end.known())
            && end >= start
        {
            self.duration_ns.set(row, end - start);
        }
    }

    fn truncate(&mut self, rows: usize) {
        self.rows = rows;
        for column in [
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.parent_span_id,
            &mut self.trace_state,
            &mut self.name,
            &mut self.status_message,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.flags,
            &mut self.duration_ns,
            &mut self.dropped_attributes,
            &mut self.dropped_events,
            &mut self.dropped_links,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.start_time,
            &mut self.end_time,
            &mut self.received_time,
        ] {
            column.truncate(rows);
        }
        self.start_raw.truncate(rows);
        self.end_raw.truncate(rows);
        self.kind.truncate(rows);
        self.status_code.truncate(rows);
        self.events.truncate(rows);
        self.links.truncate(rows);
        self.common.truncate(rows);
    }
}

impl Sink for Spans<'_> {
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
        let span = Wire::read(buffer)?;
        tally.count(span.events.len())?;
        let row = self.rows;
        // A span that is rejected is read all the same: what is odd in it counts.
        self.write(&span, &mut tally.warnings)?;
        if let Some(reason) = span.fault() {
            self.truncate(row);
            tally.reject(reason, None);
        } else {
            self.common.accept_row();
            let sent = if span.end == 0 { span.start } else { span.end };
            check_time(sent, self.received_time_ns, &mut tally.warnings);
            tally.accepted += 1;
        }
        Ok(())
    }

    fn end_scope(&mut self, from: usize, resource: &Resource, scope: &Scope) {
        self.common.end_scope((from, self.rows), resource, scope);
    }

    fn finish(&mut self) -> Vec<Table> {
        let rows = self.rows;
        let common = self.common.finish(rows);
        let mut columns = named(vec![
            ("trace_id", self.trace_id.finish(rows)),
            ("span_id", self.span_id.finish(rows)),
            ("parent_span_id", self.parent_span_id.finish(rows)),
            ("trace_state", self.trace_state.finish(rows)),
            ("flags", self.flags.finish(rows)),
            ("service_name", common.service_name),
            ("name", self.name.finish(rows)),
            ("kind", self.kind.finish(rows)),
            ("start_time", self.start_time.finish(rows)),
            ("end_time", self.end_time.finish(rows)),
            ("start_time_unix_nano", self.start_raw.finish(rows)),
            ("end_time_unix_nano", self.end_raw.finish(rows)),
            ("duration_ns", self.duration_ns.finish(rows)),
            ("status_code", self.status_code.finish(rows)),
            ("status_message", self.status_message.finish(rows)),
            ("attributes_other", common.attributes_other),
            (
                "dropped_attributes_count",
                self.dropped_attributes.finish(rows),
            ),
            ("events", self.events.finish(rows)),
            ("dropped_events_count", self.dropped_events.finish(rows)),
            ("links", self.links.finish(rows)),
            ("dropped_links_count", self.dropped_links.finish(rows)),
        ]);
        columns.extend(named(common.resource_and_scope));
        columns.push(("received_time".to_owned(), self.received_time.finish(rows)));
        columns.extend(common.promoted);
        vec![Table {
            name: "spans",
            rows,
            columns,
            strays: self.common.strays(),
        }]
    }
}
