//! Rows of trace_parts.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::spans::Spans;
use super::words::{NONE, Words};

/// Of several the first counts: by time, id, service and name; what is not known comes last.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Root<'a> {
    time: Option<i64>,
    span_id: Option<&'a str>,
    service_name: Option<&'a str>,
    name: Option<&'a str>,
}

#[derive(Default)]
struct Trace<'a> {
    start: Option<i64>,
    end: Option<i64>,
    root: Option<Root<'a>>,
    span_count: i64,
    error_count: i64,
    services: Services,
    received: Option<i64>,
}

#[derive(Default)]
struct Traces<'a> {
    places: FxHashMap<&'a str, usize>,
    ids: Vec<&'a str>,
    traces: Vec<Trace<'a>>,
    service_names: Words<'a>,
    names: Words<'a>,
    status_codes: Words<'a>,
}

/// The columns; None where the batches are not of spans.
pub fn trace_parts(batches: &[RecordBatch]) -> Option<Vec<(&'static str, ArrayRef)>> {
    let mut traces = Traces::default();
    for batch in batches {
        traces.add(&Spans::of(batch)?)?;
    }
    Some(traces.finish())
}

impl<'a> Traces<'a> {
    fn add(&mut self, spans: &Spans<'a>) -> Option<()> {
        let service_names = self.service_names.add(spans.service_name)?;
        let names = self.names.add(spans.name)?;
        let status_codes = self.status_codes.add(spans.status_code)?;
        for row in 0..spans.rows {
            if spans.trace_id.is_null(row) {
                continue;
            }
            let time = spans.time(row);
            let root = spans.is_root(row).then(|| Root {
                time,
                span_id: spans
                    .span_id
                    .is_valid(row)
                    .then(|| spans.span_id.value(row)),
                service_name: self.service_names.word(service_names[row]),
                name: self.names.word(names[row]),
            });
            let is_error = self.status_codes.word(status_codes[row]) == Some("error");
            let trace = self.trace(spans.trace_id.value(row));
            trace.start = earliest(trace.start, time);
            trace.end = trace.end.max(spans.end(row));
            trace.root = first(trace.root, root);
            trace.span_count += 1;
            trace.error_count += i64::from(is_error);
            trace.received = trace.received.max(spans.received(row));
            trace.services.add(service_names[row]);
        }
        Some(())
    }

    fn trace(&mut self, id: &'a str) -> &mut Trace<'a> {
        let place = *self.places.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.traces.push(Trace::default());
            self.traces.len() - 1
        });
        &mut self.traces[place]
    }

    fn finish(self) -> Vec<(&'static str, ArrayRef)> {
        let roots = || self.traces.iter().map(|trace| trace.root.as_ref());
        vec![
            (
                "trace_id",
                Arc::new(StringArray::from_iter_values(&self.ids)),
            ),
            ("start_time", self.times(|trace| trace.start)),
            ("end_time", self.times(|trace| trace.end)),
            (
                "root_start_time",
                self.times(|trace| trace.root.and_then(|root| root.time)),
            ),
            (
                "root_span_id",
                texts(roots().map(|root| root.and_then(|root| root.span_id))),
            ),
            (
                "root_service_name",
                texts(roots().map(|root| root.and_then(|root| root.service_name))),
            ),
            (
                "root_name",
                texts(roots().map(|root| root.and_then(|root| root.name))),
            ),
            ("span_count", self.counts(|trace| trace.span_count)),
            ("error_count", self.counts(|trace| trace.error_count)),
            ("services", self.services()),
            ("received_time", self.times(|trace| trace.received)),
        ]
    }

    fn times(&self, time: impl Fn(&Trace<'a>) -> Option<i64>) -> ArrayRef {
        Arc::new(
            self.traces
                .iter()
                .map(time)
                .collect::<TimestampNanosecondArray>(),
        )
    }

    fn counts(&self, count: impl Fn(&Trace<'a>) -> i64) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(self.traces.iter().map(count)))
    }

    fn services(&self) -> ArrayRef {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for trace in &self.traces {
            let words = trace.services.found.iter();
            let mut words: Vec<_> = words
                .filter_map(|&word| self.service_names.word(word))
                .collect();
            words.sort_unstable();
            lists.append_value(words.into_iter().map(Some));
        }
        Arc::new(lists.finish())
    }
}

/// Each service once, in no order. Few are in one trace, nearly always that of the span before.
#[derive(Default)]
struct Services {
    found: Vec<u32>,
    /// Of more than `FEW`.
    seen: FxHashSet<u32>,
}

const FEW: usize = 16;

impl Services {
    fn add(&mut self, service: u32) {
        let is_known = service == NONE
            || self.found.last() == Some(&service)
            || self.found.len() <= FEW && self.found.contains(&service);
        if is_known {
            return;
        }
        if self.found.len() == FEW {
            self.seen.extend(&self.found);
        }
        if self.found.len() < FEW || self.seen.insert(service) {
            self.found.push(service);
        }
    }
}

fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(texts.collect::<StringArray>())
}

fn earliest(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn first<'a>(one: Option<Root<'a>>, other: Option<Root<'a>>) -> Option<Root<'a>> {
    match (one, other) {
        (Some(one), Some(other)) if other.order(&one) == Ordering::Less => Some(other),
        (one, other) => one.or(other),
    }
}

impl Root<'_> {
    fn order(&self, other: &Self) -> Ordering {
        known_first(self.time, other.time)
            .then_with(|| known_first(self.span_id, other.span_id))
            .then_with(|| known_first(self.service_name, other.service_name))
            .then_with(|| known_first(self.name, other.name))
    }
}

fn known_first<T: Ord>(one: Option<T>, other: Option<T>) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.cmp(&other),
        (one, other) => one.is_none().cmp(&other.is_none()),
    }
}
