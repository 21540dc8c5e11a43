//! The walk: from the root's end back to its start, into the child that ended last.

use std::cmp::Reverse;

use super::columns::Spans;
use super::tree::Tree;

/// A stretch of the path, in which the span at this index of its trace kept the root waiting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    pub span: u32,
    pub start: i64,
    pub end: i64,
}

/// A child's times within its parent's.
struct Child {
    span: u32,
    start: i64,
    end: i64,
}

/// A span whose path is being walked, which is known from `upto` on.
///
/// All times are `shift` before those that the span and its children have: so much overlap was
/// tolerated. Its children are those from `first` on, `next` is the first that was not looked at,
/// and `until` is when the one that was taken last started.
struct Frame {
    span: u32,
    start: i64,
    upto: i64,
    until: i64,
    shift: i64,
    overlap: i64,
    first: usize,
    next: usize,
}

impl Frame {
    fn next_child<'a>(&mut self, children: &'a [Child]) -> Option<&'a Child> {
        while self.start < self.upto {
            let child = children.get(self.next)?;
            self.next += 1;
            if child.start < self.until && child.end <= self.until.saturating_add(self.overlap) {
                return Some(child);
            }
        }
        None
    }
}

/// What a walk goes over.
struct Walked<'a> {
    spans: &'a Spans,
    first_row: usize,
    tree: &'a Tree<'a>,
    tolerance: f64,
}

#[derive(Default)]
pub struct Walk {
    frames: Vec<Frame>,
    children: Vec<Child>,
    pub sections: Vec<Section>,
}

impl Walk {
    /// The path below the tree's root, in `sections` by time. `tolerance` is how long siblings
    /// may overlap and still count as one after the other, as a fraction of their parent.
    pub fn walk(&mut self, spans: &Spans, first_row: usize, tree: &Tree<'_>, tolerance: f64) {
        self.sections.clear();
        let Some(root) = tree.root else { return };
        let Some((start, end)) = spans.times(first_row + root as usize) else {
            return;
        };
        let walked = Walked {
            spans,
            first_row,
            tree,
            tolerance,
        };
        self.enter(&walked, root, start, end, 0);
        while let Some(frame) = self.frames.last_mut() {
            match frame.next_child(&self.children) {
                Some(child) => {
                    let end = child.end.min(frame.upto);
                    let earlier = child.end.saturating_sub(end);
                    let start = child.start.saturating_sub(earlier).max(frame.start);
                    let (span, shift) = (child.span, frame.shift.saturating_add(earlier));
                    let (parent, upto) = (frame.span, frame.upto);
                    (frame.until, frame.upto) = (child.start, start);
                    self.emit(parent, end, upto);
                    self.enter(&walked, span, start, end, shift);
                }
                None => {
                    let (span, start, upto) = (frame.span, frame.start, frame.upto);
                    let first = frame.first;
                    self.emit(span, start, upto);
                    self.children.truncate(first);
                    self.frames.pop();
                }
            }
        }
        self.sections.reverse();
    }

    fn emit(&mut self, span: u32, start: i64, end: i64) {
        if start < end {
            self.sections.push(Section { span, start, end });
        }
    }

    fn enter(&mut self, walked: &Walked<'_>, span: u32, start: i64, end: i64, shift: i64) {
        let first = self.children.len();
        let (from, to) = (start.saturating_add(shift), end.saturating_add(shift));
        for &child in walked.tree.children(span) {
            let times = clipped(walked.spans, walked.first_row, child, from, to);
            self.children.extend(times.map(|(start, end)| Child {
                span: child,
                start: start.saturating_sub(shift),
                end: end.saturating_sub(shift),
            }));
        }
        // Stable, so that of equal children the first in the tree's order is taken.
        self.children[first..].sort_by_key(|child| Reverse((child.end, child.start)));
        let overlap = overlap(start, end, walked.tolerance);
        self.frames.push(Frame {
            span,
            start,
            upto: end,
            until: end,
            shift,
            overlap,
            first,
            next: first,
        });
    }
}

/// The span's times within `start` and `end`; None where nothing is left of it.
pub fn clipped(
    spans: &Spans,
    first_row: usize,
    span: u32,
    start: i64,
    end: i64,
) -> Option<(i64, i64)> {
    let (own_start, own_end) = spans.times(first_row + span as usize)?;
    let (start, end) = (own_start.max(start), own_end.min(end));
    (start < end).then_some((start, end))
}

/// How long children of such a parent may overlap, in ns.
pub fn overlap(start: i64, end: i64, tolerance: f64) -> i64 {
    (tolerance * end.saturating_sub(start) as f64) as i64
}

/// The paths of many traces; sections of trace i are those from `offsets[i]` to `offsets[i + 1]`.
#[derive(Default)]
pub struct Paths {
    /// Row of the span where the walk began; None where no span could be.
    pub roots: Vec<Option<i32>>,
    pub root_counts: Vec<i32>,
    pub offsets: Vec<i32>,
    pub rows: Vec<i32>,
    pub starts: Vec<i64>,
    pub ends: Vec<i64>,
}

pub fn paths(spans: &Spans, tolerance: f64) -> Paths {
    let mut paths = Paths {
        offsets: vec![0],
        ..Paths::default()
    };
    let (mut tree, mut walk) = (Tree::default(), Walk::default());
    for trace in 0..spans.trace_count() {
        let first_row = spans.rows(trace).start;
        tree.build(spans, trace);
        walk.walk(spans, first_row, &tree, tolerance);
        paths
            .roots
            .push(tree.root.map(|root| (first_row + root as usize) as i32));
        paths.root_counts.push(tree.root_count);
        for section in &walk.sections {
            paths.rows.push((first_row + section.span as usize) as i32);
            paths.starts.push(section.start);
            paths.ends.push(section.end);
        }
        paths.offsets.push(paths.rows.len() as i32);
    }
    paths
}
