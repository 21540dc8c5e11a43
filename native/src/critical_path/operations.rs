//! The path by operation: how long each kept its trace's root waiting, and what it cost.

use rustc_hash::FxHashMap;

use arrow_array::{BooleanArray, Int32Array};

use super::columns::Spans;
use super::path::Walk;
use super::tree::Tree;
use super::what_if::Model;

/// One row for each operation on a trace's path; those of trace i are from `offsets[i]` to
/// `offsets[i + 1]`, in the order in which the path meets them.
#[derive(Default)]
pub struct Operations {
    pub roots: Vec<Option<i32>>,
    pub offsets: Vec<i32>,
    pub operations: Vec<i32>,
    pub exclusive: Vec<i64>,
    pub saved: Vec<i64>,
    pub counts: Vec<i64>,
    pub errors: Vec<i64>,
}

/// `numbers` says which operation each span is of, `failed` whether it has an error.
pub fn operations(
    spans: &Spans,
    numbers: &Int32Array,
    failed: &BooleanArray,
    tolerance: f64,
) -> Operations {
    let mut found = Operations {
        offsets: vec![0],
        ..Operations::default()
    };
    let (mut tree, mut walk, mut model) = (Tree::default(), Walk::default(), Model::default());
    let mut seen = Seen::default();
    for trace in 0..spans.trace_count() {
        let first_row = spans.rows(trace).start;
        tree.build(spans, trace);
        walk.walk(spans, first_row, &tree, tolerance);
        found
            .roots
            .push(tree.root.map(|root| (first_row + root as usize) as i32));
        let first = found.operations.len();
        seen.clear(spans.rows(trace).len());
        for section in &walk.sections {
            let row = first_row + section.span as usize;
            let place = found.place(&mut seen, numbers.value(row));
            found.exclusive[place] += section.end.saturating_sub(section.start);
            if seen.is_new(section.span) {
                found.counts[place] += 1;
                found.errors[place] += i64::from(failed.value(row));
            }
        }
        if first < found.operations.len() {
            model.build(spans, first_row, &tree, tolerance);
        }
        for place in first..found.operations.len() {
            let operation = found.operations[place];
            let saved = model.saved(|span| numbers.value(first_row + span as usize) == operation);
            let most = found.exclusive[place];
            found.saved[place] = saved.map_or(most, |saved| saved.min(most));
        }
        found.offsets.push(found.operations.len() as i32);
    }
    found
}

impl Operations {
    fn place(&mut self, seen: &mut Seen, operation: i32) -> usize {
        *seen.places.entry(operation).or_insert_with(|| {
            self.operations.push(operation);
            self.exclusive.push(0);
            self.saved.push(0);
            self.counts.push(0);
            self.errors.push(0);
            self.operations.len() - 1
        })
    }
}

/// What of a trace was met already.
#[derive(Default)]
struct Seen {
    places: FxHashMap<i32, usize>,
    spans: Vec<bool>,
}

impl Seen {
    fn clear(&mut self, span_count: usize) {
        self.places.clear();
        self.spans.clear();
        self.spans.resize(span_count, false);
    }

    fn is_new(&mut self, span: u32) -> bool {
        !std::mem::replace(&mut self.spans[span as usize], true)
    }
}
