//! The tree of one trace's spans.

use rustc_hash::FxHashMap;

use super::columns::Spans;

const NONE: u32 = u32::MAX;

/// Indices count from the trace's first row. Buffers are kept from trace to trace.
#[derive(Default)]
pub struct Tree<'a> {
    /// Spans by start, longest first, then by id: the order in which one of several is taken.
    order: Vec<u32>,
    /// Start and negated end, the latest there are where the times are not known.
    keys: Vec<(i64, i64)>,
    by_id: FxHashMap<&'a str, u32>,
    parents: Vec<u32>,
    first_child: Vec<u32>,
    children: Vec<u32>,
    pub root: Option<u32>,
    /// Spans whose parent is not in the trace.
    pub root_count: i32,
}

impl<'a> Tree<'a> {
    pub fn build(&mut self, spans: &'a Spans, trace: usize) {
        let rows = spans.rows(trace);
        self.sort(spans, rows.clone());
        self.by_id.clear();
        for &span in &self.order {
            if let Some(id) = Spans::text(&spans.ids, rows.start + span as usize) {
                self.by_id.entry(id).or_insert(span);
            }
        }
        let by_id = &self.by_id;
        self.parents.clear();
        self.parents.extend(rows.clone().map(|row| {
            let parent = Spans::text(&spans.parents, row);
            parent.and_then(|id| by_id.get(id)).copied().unwrap_or(NONE)
        }));
        self.root_count = self
            .parents
            .iter()
            .filter(|&&parent| parent == NONE)
            .count() as i32;
        self.root = match Spans::text(&spans.roots, trace) {
            Some(id) => {
                let named = self.by_id.get(id).copied();
                named.filter(|&span| self.is_timed(spans, rows.start, span))
            }
            None => self.own_root(spans, rows.start),
        };
        self.link(spans, rows.start);
    }

    fn sort(&mut self, spans: &Spans, rows: std::ops::Range<usize>) {
        let times = rows.clone().map(|row| spans.times(row));
        self.keys.clear();
        self.keys
            .extend(times.map(|times| times.map_or((i64::MAX, i64::MAX), |(s, e)| (s, !e))));
        self.order.clear();
        self.order.extend(0..rows.len() as u32);
        let (keys, id) = (&self.keys, |span: u32| {
            Spans::text(&spans.ids, rows.start + span as usize)
        });
        self.order.sort_unstable_by(|&one, &other| {
            let times = keys[one as usize].cmp(&keys[other as usize]);
            times.then_with(|| (id(one), one).cmp(&(id(other), other)))
        });
    }

    pub fn children(&self, span: u32) -> &[u32] {
        let (from, to) = (
            self.first_child[span as usize],
            self.first_child[span as usize + 1],
        );
        &self.children[from as usize..to as usize]
    }

    /// The first without a parent, else whose parent is not there, else (in a cycle) of all.
    fn own_root(&self, spans: &Spans, first_row: usize) -> Option<u32> {
        let timed = self
            .order
            .iter()
            .copied()
            .filter(|&span| self.is_timed(spans, first_row, span));
        timed.min_by_key(|&span| {
            let has_parent = Spans::text(&spans.parents, first_row + span as usize).is_some();
            (has_parent, self.parents[span as usize] != NONE)
        })
    }

    fn is_timed(&self, spans: &Spans, first_row: usize, span: u32) -> bool {
        spans.times(first_row + span as usize).is_some()
    }

    /// Children that their parent waits for, in `order`.
    fn link(&mut self, spans: &Spans, first_row: usize) {
        let count = self.parents.len();
        self.first_child.clear();
        self.first_child.resize(count + 2, 0);
        let waited_for = |child: u32, parent: u32| {
            let kind = |span: u32| Spans::text(&spans.kinds, first_row + span as usize);
            parent != NONE && !(kind(child) == Some("consumer") && kind(parent) == Some("producer"))
        };
        let links = |tree: &Tree, visit: &mut dyn FnMut(u32, u32)| {
            for &child in &tree.order {
                let parent = tree.parents[child as usize];
                // A walk from a root that is its own descendant would not end.
                if waited_for(child, parent) && Some(child) != tree.root {
                    visit(child, parent);
                }
            }
        };
        let mut counts = std::mem::take(&mut self.first_child);
        links(self, &mut |_, parent| counts[parent as usize + 2] += 1);
        for span in 2..counts.len() {
            counts[span] += counts[span - 1];
        }
        let mut children = std::mem::take(&mut self.children);
        children.clear();
        children.resize(counts[count + 1] as usize, 0);
        links(self, &mut |child, parent| {
            let place = &mut counts[parent as usize + 1];
            children[*place as usize] = child;
            *place += 1;
        });
        (self.first_child, self.children) = (counts, children);
    }
}
