//! Sets of keys that items were seen with. Items of one kind have the same keys in the same order,
//! so that what was found out about the keys once holds for those that follow.

use crate::attribute_list::Attribute;
use crate::attributes::Keys;
use crate::text::push_json_string;
use crate::value::Pair;

/// Few enough to stay in the cache; kinds of items that collide are just looked at again.
const SLOTS: usize = 32;
/// Items with more keys than this are not worth remembering.
const MAX_KEYS: usize = 64;

pub struct ShapeKey {
    key: Vec<u8>,
    /// As a member's name in JSON, with the colon.
    pub json: Vec<u8>,
    /// Its column among the promoted ones.
    pub column: Option<usize>,
}

/// Keys that are valid UTF-8 and differ from each other.
#[derive(Default)]
struct Shape {
    keys: Vec<ShapeKey>,
}

pub struct Shapes {
    slots: Vec<Shape>,
}

impl Shapes {
    pub fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| Shape::default()).collect(),
        }
    }

    /// What is known of these keys, if they were learned.
    #[inline]
    pub fn find(&self, items: &[Attribute<'_>]) -> Option<&[ShapeKey]> {
        if items.is_empty() {
            return None;
        }
        let keys = &self.slots[slot(items.iter().map(|item| item.key.len()))].keys;
        let is_known = keys.len() == items.len()
            && keys
                .iter()
                .zip(items)
                .all(|(known, item)| known.key == item.key);
        is_known.then_some(keys)
    }

    /// Remember the keys of an item, of which none was left out.
    pub fn learn(&mut self, pairs: &[Pair<'_>], keys: &Keys) {
        if pairs.is_empty() || pairs.len() > MAX_KEYS {
            return;
        }
        let at = slot(pairs.iter().map(|pair| pair.key.len()));
        self.slots[at].keys = pairs
            .iter()
            .map(|pair| {
                let mut json = Vec::new();
                push_json_string(&mut json, &pair.key);
                json.push(b':');
                ShapeKey {
                    key: pair.key.as_bytes().to_vec(),
                    json,
                    column: keys.find(&pair.key),
                }
            })
            .collect();
    }
}

/// All keys count: those of a server and of a client often begin and end alike.
#[inline]
fn slot(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.fold(0, |hash: usize, length| {
        hash.wrapping_mul(5).wrapping_add(length)
    }) % SLOTS
}
