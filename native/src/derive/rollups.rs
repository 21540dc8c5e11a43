//! Rows of span_rollups.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    TimestampNanosecondArray,
};
use rustc_hash::FxHashMap;

use super::sampling::adjusted_count;
use super::spans::{Spans, text};
use super::words::Words;

const MINUTE_NS: i64 = 60_000_000_000;
/// Buckets are those of an exponential histogram of scale 5.
const BUCKETS_AN_OCTAVE: f64 = 32.0;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    minute: i64,
    service_name: u32,
    name: u32,
    kind: u32,
    status_code: u32,
    bucket: Option<i32>,
    is_root: bool,
}

#[derive(Default)]
struct Row {
    count: i64,
    duration_sum_ns: i128,
    adjusted_count: f64,
    received: Option<i64>,
}

#[derive(Default)]
struct Rollups<'a> {
    places: FxHashMap<Key, usize>,
    keys: Vec<Key>,
    rows: Vec<Row>,
    service_names: Words<'a>,
    names: Words<'a>,
    kinds: Words<'a>,
    status_codes: Words<'a>,
}

/// The columns; None where the batches are not of spans.
pub fn span_rollups(batches: &[RecordBatch]) -> Option<Vec<(&'static str, ArrayRef)>> {
    let mut rollups = Rollups::default();
    for batch in batches {
        rollups.add(&Spans::of(batch)?)?;
    }
    Some(rollups.finish())
}

impl<'a> Rollups<'a> {
    fn add(&mut self, spans: &Spans<'a>) -> Option<()> {
        let service_names = self.service_names.add(spans.service_name)?;
        let names = self.names.add(spans.name)?;
        let kinds = self.kinds.add(spans.kind)?;
        let status_codes = self.status_codes.add(spans.status_code)?;
        for row in 0..spans.rows {
            let duration_ns = spans
                .duration_ns
                .is_valid(row)
                .then(|| spans.duration_ns.value(row));
            let found = self.row(Key {
                minute: minute(spans.time(row)),
                service_name: service_names[row],
                name: names[row],
                kind: kinds[row],
                status_code: status_codes[row],
                bucket: duration_ns.map(bucket),
                is_root: spans.is_root(row),
            });
            found.count += 1;
            found.duration_sum_ns += i128::from(duration_ns.unwrap_or(0));
            found.adjusted_count += adjusted_count(text(spans.trace_state, row));
            found.received = found.received.max(spans.received(row));
        }
        Some(())
    }

    fn row(&mut self, key: Key) -> &mut Row {
        let place = *self.places.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.rows.push(Row::default());
            self.rows.len() - 1
        });
        &mut self.rows[place]
    }

    fn finish(self) -> Vec<(&'static str, ArrayRef)> {
        let (keys, rows) = (&self.keys, &self.rows);
        let minutes = keys.iter().map(|key| key.minute);
        let roots = keys.iter().map(|key| Some(key.is_root));
        let sums = rows.iter().map(|row| {
            let most = i128::from(i64::MAX);
            row.duration_sum_ns.clamp(i128::from(i64::MIN), most) as i64
        });
        vec![
            (
                "minute",
                Arc::new(TimestampNanosecondArray::from_iter_values(minutes)),
            ),
            (
                "service_name",
                self.service_names
                    .column(keys.iter().map(|key| key.service_name)),
            ),
            ("name", self.names.column(keys.iter().map(|key| key.name))),
            ("kind", self.kinds.column(keys.iter().map(|key| key.kind))),
            (
                "status_code",
                self.status_codes
                    .column(keys.iter().map(|key| key.status_code)),
            ),
            ("is_root", Arc::new(roots.collect::<BooleanArray>())),
            (
                "bucket",
                Arc::new(keys.iter().map(|key| key.bucket).collect::<Int32Array>()),
            ),
            (
                "count",
                Arc::new(Int64Array::from_iter_values(
                    rows.iter().map(|row| row.count),
                )),
            ),
            (
                "duration_sum_ns",
                Arc::new(Int64Array::from_iter_values(sums)),
            ),
            (
                "adjusted_count",
                Arc::new(Float64Array::from_iter_values(
                    rows.iter().map(|row| row.adjusted_count),
                )),
            ),
            (
                "received_time",
                Arc::new(
                    rows.iter()
                        .map(|row| row.received)
                        .collect::<TimestampNanosecondArray>(),
                ),
            ),
        ]
    }
}

/// A time beyond the last that DuckDB counts for finite is the last there is.
fn minute(time_ns: Option<i64>) -> i64 {
    let finite = time_ns.filter(|time_ns| *time_ns != -i64::MAX);
    finite.unwrap_or(i64::MAX) / MINUTE_NS * MINUTE_NS
}

fn bucket(duration_ns: i64) -> i32 {
    if duration_ns > 1 {
        ((duration_ns as f64).log2() * BUCKETS_AN_OCTAVE).ceil() as i32 - 1
    } else {
        -1
    }
}
