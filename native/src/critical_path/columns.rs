//! The spans of many traces as columns; the spans of a trace stand together.

use arrow_array::{Array, Int32Array, Int64Array, StringArray};

/// Rows `offsets[i]..offsets[i + 1]` are those of trace i, whose walk begins at the span with the
/// id `roots[i]`, or where that is null at the trace's own root.
pub struct Spans {
    pub offsets: Int32Array,
    pub ids: StringArray,
    pub parents: StringArray,
    pub starts: Int64Array,
    pub ends: Int64Array,
    pub kinds: StringArray,
    pub roots: StringArray,
}

impl Spans {
    pub fn trace_count(&self) -> usize {
        self.roots.len()
    }

    pub fn rows(&self, trace: usize) -> std::ops::Range<usize> {
        self.offsets.value(trace) as usize..self.offsets.value(trace + 1) as usize
    }

    /// What is wrong with the columns' lengths, so that no row is looked for beyond their end.
    pub fn fault(&self) -> Option<&'static str> {
        let rows = self.ids.len();
        let others = [
            &self.parents as &dyn Array,
            &self.starts,
            &self.ends,
            &self.kinds,
        ];
        if others.iter().any(|column| column.len() != rows) {
            return Some("the columns of spans must have one length");
        }
        let offsets = self.offsets.values();
        if self.offsets.null_count() > 0 || offsets.len() != self.roots.len() + 1 {
            return Some("there must be one offset more than traces");
        }
        let ordered = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        let within = offsets[0] >= 0 && offsets[offsets.len() - 1] as usize <= rows;
        (!ordered || !within).then_some("the offsets must rise within the rows")
    }

    /// The text, where it is there and not empty.
    pub fn text(column: &StringArray, row: usize) -> Option<&str> {
        (!column.is_null(row) && !column.value(row).is_empty()).then(|| column.value(row))
    }

    /// Start and end, where both are known and in order.
    pub fn times(&self, row: usize) -> Option<(i64, i64)> {
        if self.starts.is_null(row) || self.ends.is_null(row) {
            return None;
        }
        let (start, end) = (self.starts.value(row), self.ends.value(row));
        (start <= end).then_some((start, end))
    }
}
