//! Traces become rows of `spans` (docs/decoding.md, section 4).

use arrow_array::ArrayRef;
use arrow_array::types::{Int64Type, TimestampNanosecondType, UInt64Type};

use crate::attributes::{Keys, Promoted, part};
use crate::columns::{Lists, Numbers, Strings, Words, structs};
use crate::counts::Counts;
use crate::envelope::{EnvelopeColumns, Resource, Scope, Sink, Tally, Time, attributes_json, is_id};
use crate::fault::Result;
use crate::text::{push_hex, utf8};
use crate::value::{Pair, drop_duplicates, read_pair};
use crate::wire::Fields;

const KINDS: [&str; 6] = ["unspecified", "internal", "server", "client", "producer", "consumer"];
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
    attributes: Vec<Pair<'a>>,
    events: Vec<&'a [u8]>,
    links: Vec<&'a [u8]>,
}

impl<'a> Wire<'a> {
    fn read(buffer: &'a [u8], attributes: Vec<Pair<'a>>, warnings: &mut Counts) -> Result<Self> {
        let mut span = Self { attributes, ..Self::default() };
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => span.trace_id = payload.bytes("trace_id")?,
                2 => span.span_id = payload.bytes("span_id")?,
                3 => span.trace_state = payload.bytes("trace_state")?,
                4 => span.parent_span_id = payload.bytes("parent_span_id")?,
                5 => span.name = payload.bytes("name")?,
                6 => span.kind = payload.int32("kind")?,
                7 => span.start = payload.fixed64("start_time_unix_nano")?,
                8 => span.end = payload.fixed64("end_time_unix_nano")?,
                9 => read_pair(&mut span.attributes, payload, "attributes", warnings)?,
                10 => span.dropped_attributes = payload.varint("dropped_attributes_count")? as u32,
                11 => span.events.push(payload.bytes("events")?),
                12 => span.dropped_events = payload.varint("dropped_events_count")? as u32,
                13 => span.links.push(payload.bytes("links")?),
                14 => span.dropped_links = payload.varint("dropped_links_count")? as u32,
                15 => span.read_status(payload.bytes("status")?)?,
                16 => span.flags = payload.fixed32("flags")?,
                _ => {}
            }
        }
        Ok(span)
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
    keys: &'k Keys,
    resource_keys: &'k Keys,
    pub received_time_ns: i64,
    rows: usize,
    row_strays: Vec<usize>,
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
    other: Strings,
    dropped_attributes: Numbers<Int64Type>,
    events: Events,
    dropped_events: Numbers<Int64Type>,
    links: Links,
    dropped_links: Numbers<Int64Type>,
    received_time: Numbers<TimestampNanosecondType>,
    envelope: EnvelopeColumns,
    attributes: Promoted,
    resource_attributes: Promoted,
}

impl<'k> Spans<'k> {
    pub fn new(keys: &'k Keys, resource_keys: &'k Keys) -> Self {
        Self {
            keys,
            resource_keys,
            received_time_ns: 0,
            rows: 0,
            row_strays: Vec::new(),
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
            other: Strings::default(),
            dropped_attributes: Numbers::default(),
            events: Events::default(),
            dropped_events: Numbers::default(),
            links: Links::default(),
            dropped_links: Numbers::default(),
            received_time: Numbers::default(),
            envelope: EnvelopeColumns::default(),
            attributes: Promoted::new(keys),
            resource_attributes: Promoted::new(resource_keys),
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
        self.write_attributes(row, span, warnings)?;
        self.dropped_attributes.push(i64::from(span.dropped_attributes));
        for (index, event) in span.events.iter().enumerate() {
            self.events.push(event, warnings).map_err(|fault| fault.within_item("events", index))?;
        }
        self.events.end_row(row);
        self.dropped_events.push(i64::from(span.dropped_events));
        for (index, link) in span.links.iter().enumerate() {
            self.links.push(link, warnings).map_err(|fault| fault.within_item("links", index))?;
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

    fn write_attributes(
        &mut self,
        row: usize,
        span: &Wire<'_>,
        warnings: &mut Counts,
    ) -> Result<()> {
        self.other.pad_to(row);
        let (promoted, keys) = (&mut self.attributes, self.keys);
        let some = part(
            &span.attributes,
            keys,
            &mut self.other.data,
            &mut self.row_strays,
            warnings,
            |at, fit| promoted.fill(keys, at, row, row + 1, &fit),
        )
        .map_err(|fault| fault.within("attributes"))?;
        if some {
            self.other.end_row();
        }
        Ok(())
    }

    pub fn truncate(&mut self, rows: usize) {
        self.rows = rows;
        self.row_strays.clear();
        for column in [
            &mut self.trace_id,
            &mut self.span_id,
            &mut self.parent_span_id,
            &mut self.trace_state,
            &mut self.name,
            &mut self.status_message,
            &mut self.other,
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
        for column in [&mut self.start_time, &mut self.end_time, &mut self.received_time] {
            column.truncate(rows);
        }
        self.start_raw.truncate(rows);
        self.end_raw.truncate(rows);
        self.kind.truncate(rows);
        self.status_code.truncate(rows);
        self.events.truncate(rows);
        self.links.truncate(rows);
        self.envelope.truncate(rows);
        self.attributes.truncate(rows);
        self.resource_attributes.truncate(rows);
    }

    /// (name, column) in the table's order; the promoted columns come last.
    pub fn finish(&mut self) -> Vec<(String, ArrayRef)> {
        let rows = self.rows;
        let (service_name, envelope) = self.envelope.finish(rows);
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("trace_id", self.trace_id.finish(rows)),
            ("span_id", self.span_id.finish(rows)),
            ("parent_span_id", self.parent_span_id.finish(rows)),
            ("trace_state", self.trace_state.finish(rows)),
            ("flags", self.flags.finish(rows)),
            ("service_name", service_name),
            ("name", self.name.finish(rows)),
            ("kind", self.kind.finish(rows)),
            ("start_time", self.start_time.finish(rows)),
            ("end_time", self.end_time.finish(rows)),
            ("start_time_unix_nano", self.start_raw.finish(rows)),
            ("end_time_unix_nano", self.end_raw.finish(rows)),
            ("duration_ns", self.duration_ns.finish(rows)),
            ("status_code", self.status_code.finish(rows)),
            ("status_message", self.status_message.finish(rows)),
            ("attributes_other", self.other.finish(rows)),
            ("dropped_attributes_count", self.dropped_attributes.finish(rows)),
            ("events", self.events.finish(rows)),
            ("dropped_events_count", self.dropped_events.finish(rows)),
            ("links", self.links.finish(rows)),
            ("dropped_links_count", self.dropped_links.finish(rows)),
        ];
        columns.extend(envelope);
        columns.push(("received_time", self.received_time.finish(rows)));
        let mut named: Vec<_> =
            columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
        named.extend(self.keys.column_names().zip(self.attributes.finish(self.keys, rows)));
        let resource = self.resource_attributes.finish(self.resource_keys, rows);
        named.extend(self.resource_keys.column_names().zip(resource));
        named
    }

    /// The columns whose key also occurs in the JSON of some row.
    pub fn strays(&self) -> Vec<String> {
        stray_names([(self.keys, &self.attributes), (self.resource_keys, &self.resource_attributes)])
    }
}

pub fn stray_names(parts: [(&Keys, &Promoted); 2]) -> Vec<String> {
    parts
        .iter()
        .flat_map(|(keys, promoted)| {
            let strays = promoted.strays.iter().enumerate().filter(|(_, stray)| **stray);
            strays.map(|(at, _)| keys.column_name(at))
        })
        .collect()
}

impl Sink for Spans<'_> {
    const IS_METRICS: bool = false;

    fn rows(&self) -> usize {
        self.rows
    }

    fn begin_scope(&mut self, _: &Resource, _: &Scope) {}

    fn item(&mut self, buffer: &[u8], tally: &mut Tally) -> Result<()> {
        let mut span = Wire::read(buffer, Vec::with_capacity(16), &mut tally.warnings)?;
        drop_duplicates(&mut span.attributes, 0, &mut tally.warnings)?;
        let fault = span.fault();
        let row = self.rows;
        // A span that is rejected is read all the same: what is odd in it counts.
        self.write(&span, &mut tally.warnings)?;
        if let Some(reason) = fault {
            self.truncate(row);
            tally.rejected.add(reason);
            return Ok(());
        }
        for at in self.row_strays.drain(..) {
            self.attributes.strays[at] = true;
        }
        tally.accepted += 1;
        Ok(())
    }

    fn end_scope(&mut self, from: usize, resource: &Resource, scope: &Scope) {
        let rows = (from, self.rows);
        let promoted = &mut self.resource_attributes;
        self.envelope.fill(rows, resource, scope, self.resource_keys, promoted);
    }
}

/// A number of a closed set by its word, of an unknown one by its digits.
pub fn push_word(column: &mut Words, number: i32, known: usize) {
    match usize::try_from(number) {
        Ok(key) if key < known => column.push_key(number),
        _ => {
            let key = column.key(number.to_string().as_bytes());
            column.push_key(key);
        }
    }
}

pub fn set_text(column: &mut Strings, row: usize, bytes: &[u8], warnings: &mut Counts) {
    if !bytes.is_empty() {
        column.set(row, utf8(bytes, warnings).as_bytes());
    }
}

pub fn set_id(column: &mut Strings, row: usize, bytes: &[u8], size: usize) {
    if is_id(bytes, size) {
        column.pad_to(row);
        push_hex(&mut column.data, bytes);
        column.end_row();
    }
}

pub fn set_time(
    times: &mut Numbers<TimestampNanosecondType>,
    raw: &mut Numbers<UInt64Type>,
    row: usize,
    time: &Time,
) {
    match time {
        Time::Unknown => {}
        Time::Known(nanoseconds) => times.set(row, *nanoseconds),
        Time::Beyond(nanoseconds) => raw.set(row, *nanoseconds),
    }
}

#[derive(Default)]
struct Events {
    lists: Lists,
    count: usize,
    time: Numbers<TimestampNanosecondType>,
    raw_time: Numbers<UInt64Type>,
    name: Strings,
    attributes: Strings,
    dropped: Numbers<Int64Type>,
}

impl Events {
    fn push(&mut self, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
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

    fn end_row(&mut self, row: usize) {
        self.lists.end_row(row, self.count);
    }

    fn truncate(&mut self, rows: usize) {
        self.count = self.lists.truncate(rows);
        self.time.truncate(self.count);
        self.raw_time.truncate(self.count);
        self.name.truncate(self.count);
        self.attributes.truncate(self.count);
        self.dropped.truncate(self.count);
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
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

#[derive(Default)]
struct Links {
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
    fn push(&mut self, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
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

    fn end_row(&mut self, row: usize) {
        self.lists.end_row(row, self.count);
    }

    fn truncate(&mut self, rows: usize) {
        self.count = self.lists.truncate(rows);
        for column in
            [&mut self.trace_id, &mut self.span_id, &mut self.trace_state, &mut self.attributes]
        {
            column.truncate(self.count);
        }
        self.dropped.truncate(self.count);
        self.flags.truncate(self.count);
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
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
