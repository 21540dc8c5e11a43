//! How long the root would take if an operation's own work took no time.
//!
//! The model: a child starts when all siblings that had ended before it started have ended, after
//! what its parent did in between; a span ends when all its children have, after what it did
//! since the last of them. Work of the operation, so what its spans did between children, takes
//! nothing; everything else takes as long as it did.

use super::columns::Spans;
use super::path::{clipped, overlap};
use super::tree::Tree;

/// How many children may be looked at again for one trace.
const MAX_STEPS: usize = 10_000_000;

/// A span below the root; its times are cut to its parent's.
struct Node {
    span: u32,
    parent: u32,
    start: i64,
    end: i64,
    children: std::ops::Range<u32>,
}

/// What of a child does not change: how many siblings (in `by_end`) it waited for, and how long
/// after the last of them it started.
struct Wait {
    siblings: u32,
    gap: i64,
}

/// The spans below the root, parents before children, children by start.
#[derive(Default)]
pub struct Model {
    nodes: Vec<Node>,
    waits: Vec<Wait>,
    /// At the places of a node's children: these, by when the next could start after them.
    by_end: Vec<u32>,
    /// How long each takes, from its start; and when it ends, from its parent's start.
    lengths: Vec<i64>,
    ends: Vec<i64>,
    changed: Vec<u32>,
    marks: Vec<bool>,
    undo: Vec<(u32, i64)>,
    steps: usize,
}

impl Model {
    pub fn build(&mut self, spans: &Spans, first_row: usize, tree: &Tree<'_>, tolerance: f64) {
        self.nodes.clear();
        self.steps = 0;
        let root = tree.root.expect("only a trace with a root is asked about");
        let (start, end) = spans
            .times(first_row + root as usize)
            .expect("a root has times");
        self.nodes.push(Node {
            span: root,
            parent: 0,
            start,
            end,
            children: 0..0,
        });
        let mut at = 0;
        while at < self.nodes.len() {
            let Node {
                span, start, end, ..
            } = self.nodes[at];
            let first = self.nodes.len();
            for &child in tree.children(span) {
                if let Some((start, end)) = clipped(spans, first_row, child, start, end) {
                    let parent = at as u32;
                    self.nodes.push(Node {
                        span: child,
                        parent,
                        start,
                        end,
                        children: 0..0,
                    });
                }
            }
            self.nodes[first..].sort_by_key(|node| node.start);
            self.nodes[at].children = first as u32..self.nodes.len() as u32;
            at += 1;
        }
        self.measure(tolerance);
    }

    fn measure(&mut self, tolerance: f64) {
        let count = self.nodes.len();
        self.lengths.clear();
        self.lengths.extend(
            self.nodes
                .iter()
                .map(|node| node.end.saturating_sub(node.start)),
        );
        self.ends.clear();
        self.ends.resize(count, 0);
        self.marks.clear();
        self.marks.resize(count, false);
        self.by_end.clear();
        self.by_end.extend(0..count as u32);
        self.waits.clear();
        self.waits.push(Wait {
            siblings: 0,
            gap: 0,
        });
        for parent in &self.nodes {
            let overlap = overlap(parent.start, parent.end, tolerance);
            let nodes = &self.nodes;
            // The first moment at which a sibling counts as one that comes after.
            let after = |child: u32| {
                let child = &nodes[child as usize];
                child.end.saturating_sub(overlap).max(child.start + 1)
            };
            let (from, to) = (parent.children.start as usize, parent.children.end as usize);
            let by_end = &mut self.by_end[from..to];
            by_end.sort_by_key(|&child| after(child));
            let (mut siblings, mut last_end) = (0, parent.start);
            for child in &nodes[from..to] {
                while siblings < by_end.len() && after(by_end[siblings]) <= child.start {
                    last_end = last_end.max(nodes[by_end[siblings] as usize].end);
                    siblings += 1;
                }
                let gap = child.start.saturating_sub(last_end);
                self.waits.push(Wait {
                    siblings: siblings as u32,
                    gap,
                });
            }
        }
    }

    /// What the root would take less, in ns; None where that takes too many steps to tell.
    pub fn saved(&mut self, is_operation: impl Fn(u32) -> bool) -> Option<i64> {
        self.steps += self.nodes.len();
        if self.steps > MAX_STEPS {
            return None;
        }
        self.changed.clear();
        for node in (0..self.nodes.len() as u32).rev() {
            let marked = self.marks[node as usize] || is_operation(self.nodes[node as usize].span);
            self.marks[node as usize] = false;
            if marked {
                self.changed.push(node);
                self.marks[self.nodes[node as usize].parent as usize] = true;
            }
        }
        self.marks[0] = false;
        self.undo.clear();
        for place in 0..self.changed.len() {
            let node = self.changed[place];
            self.steps += self.nodes[node as usize].children.len();
            if self.steps > MAX_STEPS {
                break;
            }
            let length = self.length(node, is_operation(self.nodes[node as usize].span));
            self.undo.push((node, self.lengths[node as usize]));
            self.lengths[node as usize] = length;
        }
        let after = self.lengths[0];
        for &(node, length) in &self.undo {
            self.lengths[node as usize] = length;
        }
        (self.steps <= MAX_STEPS).then(|| self.lengths[0].saturating_sub(after))
    }

    /// The node's length, of its children's, without its own work where `is_free`.
    fn length(&mut self, node: u32, is_free: bool) -> i64 {
        let own = |work: i64| if is_free { work.min(0) } else { work };
        let Node {
            start,
            end,
            ref children,
            ..
        } = self.nodes[node as usize];
        let children = children.start as usize..children.end as usize;
        let by_end = &self.by_end[children.clone()];
        let (mut waited, mut waited_end) = (0, 0);
        let (mut all_end, mut last_end) = (0, start);
        for child in children {
            let Wait { siblings, gap } = self.waits[child];
            while waited < siblings as usize {
                waited_end = waited_end.max(self.ends[by_end[waited] as usize]);
                waited += 1;
            }
            let begins = waited_end.saturating_add(own(gap)).max(0);
            self.ends[child] = begins.saturating_add(self.lengths[child]);
            all_end = all_end.max(self.ends[child]);
            last_end = last_end.max(self.nodes[child].end);
        }
        all_end.saturating_add(own(end.saturating_sub(last_end)))
    }
}
