//! The columns of spans that are read.

use arrow_array::{Array, Int64Array, RecordBatch, StringArray, TimestampNanosecondArray as Times};

/// One batch's.
pub struct Spans<'a> {
    pub trace_id: &'a StringArray,
    pub span_id: &'a StringArray,
    pub parent_span_id: &'a StringArray,
    pub trace_state: &'a StringArray,
    pub service_name: &'a dyn Array,
    pub name: &'a dyn Array,
    pub kind: &'a dyn Array,
    pub status_code: &'a dyn Array,
    pub duration_ns: &'a Int64Array,
    pub received_time: &'a Times,
    start_time: &'a Times,
    end_time: &'a Times,
    pub rows: usize,
}

impl<'a> Spans<'a> {
    /// None where a column is missing or of another type.
    pub fn of(batch: &'a RecordBatch) -> Option<Self> {
        Some(Self {
            trace_id: typed(batch, "trace_id")?,
            span_id: typed(batch, "span_id")?,
            parent_span_id: typed(batch, "parent_span_id")?,
            trace_state: typed(batch, "trace_state")?,
            service_name: batch.column_by_name("service_name")?.as_ref(),
            name: batch.column_by_name("name")?.as_ref(),
            kind: batch.column_by_name("kind")?.as_ref(),
            status_code: batch.column_by_name("status_code")?.as_ref(),
            duration_ns: typed(batch, "duration_ns")?,
            received_time: typed(batch, "received_time")?,
            start_time: typed(batch, "start_time")?,
            end_time: typed(batch, "end_time")?,
            rows: batch.num_rows(),
        })
    }

    /// When it began or, where that is not known, was received.
    pub fn time(&self, row: usize) -> Option<i64> {
        time(self.start_time, row).or_else(|| self.received(row))
    }

    pub fn end(&self, row: usize) -> Option<i64> {
        time(self.end_time, row)
    }

    pub fn received(&self, row: usize) -> Option<i64> {
        time(self.received_time, row)
    }

    pub fn is_root(&self, row: usize) -> bool {
        self.parent_span_id.is_null(row)
    }
}

fn typed<'a, T: 'static>(batch: &'a RecordBatch, name: &str) -> Option<&'a T> {
    batch.column_by_name(name)?.as_any().downcast_ref()
}

fn time(times: &Times, row: usize) -> Option<i64> {
    times.is_valid(row).then(|| times.value(row))
}

pub fn text(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}
