//! The table `metric_points` under construction (docs/decoding.md, section 5).

use arrow_array::ArrayRef;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt64Type};

use crate::cells::set_time;
use crate::columns::{Lists, NumberLists, Numbers, Words, structs};
use crate::counts::Counts;
use crate::envelope::Time;
use crate::exemplars::Exemplars;
use crate::points::{Kind, Number, Point};
use crate::sink::{Table, named};

#[derive(Default)]
pub struct PointColumns {
    pub rows: usize,
    pub exemplars: Exemplars,
    series_id: Numbers<UInt64Type>,
    name: Words,
    time: Numbers<TimestampNanosecondType>,
    start_time: Numbers<TimestampNanosecondType>,
    received_time: Numbers<TimestampNanosecondType>,
    raw_time: Numbers<UInt64Type>,
    raw_start_time: Numbers<UInt64Type>,
    flags: Numbers<Int64Type>,
    value: Numbers<Float64Type>,
    value_int: Numbers<Int64Type>,
    count: Numbers<UInt64Type>,
    sum: Numbers<Float64Type>,
    min: Numbers<Float64Type>,
    max: Numbers<Float64Type>,
    bucket_counts: NumberLists<UInt64Type>,
    explicit_bounds: NumberLists<Float64Type>,
    scale: Numbers<Int32Type>,
    zero_count: Numbers<UInt64Type>,
    zero_threshold: Numbers<Float64Type>,
    positive_offset: Numbers<Int32Type>,
    positive_counts: NumberLists<UInt64Type>,
    negative_offset: Numbers<Int32Type>,
    negative_counts: NumberLists<UInt64Type>,
    quantiles: Quantiles,
}

impl PointColumns {
    /// The key of a metric's name, for `push`.
    pub fn name_key(&mut self, name: &str) -> i32 {
        self.name.key(name.as_bytes())
    }

    /// A valid point, whose exemplars were pushed before.
    pub fn push(
        &mut self,
        kind: Kind,
        point: &Point<'_>,
        (series_id, name_key): (u64, i32),
        received_time_ns: i64,
        warnings: &mut Counts,
    ) {
        let row = self.rows;
        self.series_id.push(series_id);
        self.name.push_key(name_key);
        set_time(
            &mut self.time,
            &mut self.raw_time,
            row,
            &Time::of(point.time),
        );
        let start = Time::of(point.start_time);
        set_time(&mut self.start_time, &mut self.raw_start_time, row, &start);
        self.received_time.push(received_time_ns);
        self.flags.push(i64::from(point.flags));
        if point.has_value() {
            self.push_value(kind, row, point, warnings);
        } else {
            self.exemplars.forget();
        }
        self.rows += 1;
    }

    #[inline]
    fn push_value(&mut self, kind: Kind, row: usize, point: &Point<'_>, warnings: &mut Counts) {
        match kind {
            Kind::Gauge | Kind::Sum => self.push_number(row, point.number),
            Kind::Histogram => self.push_histogram(row, point, warnings),
            Kind::ExponentialHistogram => self.push_exponential(row, point),
            Kind::Summary => {
                self.count.set(row, point.count);
                self.sum.set(row, point.sum.unwrap_or(0.0));
                self.quantiles.set(row, &point.quantiles);
                return;
            }
        }
        self.exemplars.end_row(row);
    }

    #[inline]
    fn push_number(&mut self, row: usize, number: Number) {
        match number {
            Number::None => {}
            Number::Double(value) => self.value.set(row, value),
            Number::Int(value) => {
                self.value.set(row, value as f64);
                self.value_int.set(row, value);
            }
        }
    }

    fn push_histogram(&mut self, row: usize, point: &Point<'_>, warnings: &mut Counts) {
        let counts = &point.bucket_counts;
        let total = counts
            .iter()
            .fold(0u64, |sum, &count| sum.wrapping_add(count));
        if !counts.is_empty() && total != point.count {
            warnings.add("bucket_count_mismatch");
        }
        self.push_aggregates(row, point);
        self.bucket_counts.set(row, counts);
        self.explicit_bounds.set(row, &point.explicit_bounds);
    }

    fn push_aggregates(&mut self, row: usize, point: &Point<'_>) {
        self.count.set(row, point.count);
        for (column, value) in [
            (&mut self.sum, point.sum),
            (&mut self.min, point.min),
            (&mut self.max, point.max),
        ] {
            if let Some(value) = value {
                column.set(row, value);
            }
        }
    }

    fn push_exponential(&mut self, row: usize, point: &Point<'_>) {
        self.push_aggregates(row, point);
        self.scale.set(row, point.scale);
        self.zero_count.set(row, point.zero_count);
        self.zero_threshold.set(row, point.zero_threshold);
        self.positive_offset.set(row, point.positive.offset);
        self.positive_counts.set(row, &point.positive.counts);
        self.negative_offset.set(row, point.negative.offset);
        self.negative_counts.set(row, &point.negative.counts);
    }

    pub fn truncate(&mut self, rows: usize) {
        self.rows = rows;
        for column in [
            &mut self.time,
            &mut self.start_time,
            &mut self.received_time,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.series_id,
            &mut self.raw_time,
            &mut self.raw_start_time,
            &mut self.count,
            &mut self.zero_count,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.value,
            &mut self.sum,
            &mut self.min,
            &mut self.max,
            &mut self.zero_threshold,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.scale,
            &mut self.positive_offset,
            &mut self.negative_offset,
        ] {
            column.truncate(rows);
        }
        for column in [
            &mut self.bucket_counts,
            &mut self.positive_counts,
            &mut self.negative_counts,
        ] {
            column.truncate(rows);
        }
        self.name.truncate(rows);
        self.flags.truncate(rows);
        self.value_int.truncate(rows);
        self.explicit_bounds.truncate(rows);
        self.quantiles.truncate(rows);
        self.exemplars.truncate(rows);
    }

    pub fn finish(&mut self) -> Table {
        let rows = self.rows;
        let columns = named(vec![
            ("series_id", self.series_id.finish(rows)),
            ("name", self.name.finish(rows)),
            ("time", self.time.finish(rows)),
            ("start_time", self.start_time.finish(rows)),
            ("received_time", self.received_time.finish(rows)),
            ("time_unix_nano", self.raw_time.finish(rows)),
            ("start_time_unix_nano", self.raw_start_time.finish(rows)),
            ("flags", self.flags.finish(rows)),
            ("value", self.value.finish(rows)),
            ("value_int", self.value_int.finish(rows)),
            ("count", self.count.finish(rows)),
            ("sum", self.sum.finish(rows)),
            ("min", self.min.finish(rows)),
            ("max", self.max.finish(rows)),
            ("bucket_counts", self.bucket_counts.finish(rows)),
            ("explicit_bounds", self.explicit_bounds.finish(rows)),
            ("scale", self.scale.finish(rows)),
            ("zero_count", self.zero_count.finish(rows)),
            ("zero_threshold", self.zero_threshold.finish(rows)),
            ("positive_offset", self.positive_offset.finish(rows)),
            ("positive_bucket_counts", self.positive_counts.finish(rows)),
            ("negative_offset", self.negative_offset.finish(rows)),
            ("negative_bucket_counts", self.negative_counts.finish(rows)),
            ("quantiles", self.quantiles.finish(rows)),
            ("exemplars", self.exemplars.finish(rows)),
        ]);
        Table {
            name: "metric_points",
            rows,
            columns,
            strays: Vec::new(),
        }
    }
}

/// A summary's quantiles: a list of structs in each row.
#[derive(Default)]
struct Quantiles {
    lists: Lists,
    quantile: Vec<f64>,
    value: Vec<f64>,
}

impl Quantiles {
    fn set(&mut self, row: usize, quantiles: &[(f64, f64)]) {
        for (quantile, value) in quantiles {
            self.quantile.push(*quantile);
            self.value.push(*value);
        }
        self.lists.end_row(row, self.quantile.len());
    }

    fn truncate(&mut self, rows: usize) {
        let count = self.lists.truncate(rows);
        self.quantile.truncate(count);
        self.value.truncate(count);
    }

    fn finish(&mut self, rows: usize) -> ArrayRef {
        let column = |values: &mut Vec<f64>| -> ArrayRef {
            std::sync::Arc::new(arrow_array::Float64Array::from(std::mem::take(values)))
        };
        let children = structs(vec![
            ("quantile", column(&mut self.quantile)),
            ("value", column(&mut self.value)),
        ]);
        self.lists.finish(rows, children)
    }
}
