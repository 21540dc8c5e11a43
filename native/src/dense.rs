//! Keys of attributes objects that could have columns: how often each occurs, and with what; and
//! the objects parted into columns and the rest.

use arrow_array::{Array, ArrayRef, StringArray};
use rustc_hash::FxHashMap;

use crate::attributes::{Fit, Keys, Kind, Promoted};
use crate::columns::{Strings, nulls};
use crate::members::{self, Member};

/// Keys beyond are not counted: a file has hundreds, unless ids were made keys.
const MAX_KEYS: usize = 1 << 16;
/// Longer keys name no column.
const MAX_KEY_BYTES: usize = 256;

/// How many rows have a key with a string, an integer, a double, a bool, and anything else.
pub type Rows = [u64; 5];

/// Counts keys over any number of arrays, in bounded memory.
pub struct KeyCounts {
    places: FxHashMap<String, usize>,
    rows: Vec<Rows>,
}

impl KeyCounts {
    /// `certain` are counted in any case.
    pub fn new(certain: Vec<String>) -> Self {
        let mut counts = Self {
            places: FxHashMap::default(),
            rows: Vec::new(),
        };
        for key in certain {
            counts.insert(&key);
        }
        counts
    }

    pub fn add(&mut self, objects: &StringArray) {
        let mut members = Vec::new();
        let mut last: Option<&str> = None;
        let mut found: Vec<(usize, usize)> = Vec::new();
        for object in objects.iter().flatten() {
            // Resource attributes repeat for all rows of a resource.
            if last != Some(object) {
                members::read(object, &mut members);
                found.clear();
                for member in &members {
                    if let Some(place) = self.place(&member.key) {
                        found.push((place, kind_number(&member.value)));
                    }
                }
                last = Some(object);
            }
            for (place, kind) in &found {
                self.rows[*place][*kind] += 1;
            }
        }
    }

    fn place(&mut self, key: &str) -> Option<usize> {
        match self.places.get(key) {
            Some(place) => Some(*place),
            None if self.rows.len() >= MAX_KEYS || key.len() > MAX_KEY_BYTES => None,
            None => Some(self.insert(key)),
        }
    }

    fn insert(&mut self, key: &str) -> usize {
        let rows = &mut self.rows;
        *self.places.entry(key.to_owned()).or_insert_with(|| {
            rows.push(Rows::default());
            rows.len() - 1
        })
    }

    /// Each key and its rows, in no order.
    pub fn counts(&self) -> impl Iterator<Item = (&str, Rows)> {
        let places = self.places.iter();
        places.map(|(key, place)| (key.as_str(), self.rows[*place]))
    }
}

fn kind_number(value: &Option<Fit<'_>>) -> usize {
    match value {
        Some(Fit::Text(_)) => 0,
        Some(Fit::Int(_)) => 1,
        Some(Fit::Double(_)) => 2,
        Some(Fit::Bool(_)) => 3,
        None => 4,
    }
}

/// The objects without the keys, null where nothing is left, and a column for each key.
///
/// A value of another kind than its key's stays in the object, as does what is no object.
pub fn split(objects: &StringArray, keys: &Keys) -> (ArrayRef, Vec<ArrayRef>) {
    let mut parting = Parting {
        keys,
        columns: Promoted::new(keys),
        rest: Strings::default(),
        seen: vec![usize::MAX; keys.len()],
    };
    let mut members = Vec::new();
    let mut last: Option<&str> = None;
    for (row, object) in objects.iter().enumerate() {
        let Some(object) = object else { continue };
        if last != Some(object) {
            members::read(object, &mut members);
            last = Some(object);
        }
        parting.row(row, object, &members);
    }
    let rows = objects.len();
    let columns = parting.columns.finish(rows).enumerate();
    let columns =
        columns.map(|(at, column)| column.unwrap_or_else(|| nulls(&keys.data_type(at), rows)));
    (parting.rest.finish(rows), columns.collect())
}

struct Parting<'k> {
    keys: &'k Keys,
    columns: Promoted,
    rest: Strings,
    /// The last row that filled each column: of two equal keys the second stays.
    seen: Vec<usize>,
}

impl Parting<'_> {
    fn row(&mut self, row: usize, object: &str, members: &[Member<'_>]) {
        self.rest.pad_to(row);
        let start = self.rest.data.len();
        let mut taken = false;
        for member in members {
            if self.take(row, member) {
                taken = true;
                continue;
            }
            let is_first = self.rest.data.len() == start;
            self.rest.data.push(if is_first { b'{' } else { b',' });
            self.rest.data.extend_from_slice(member.text.as_bytes());
        }
        if !taken {
            self.rest.data.truncate(start);
            self.rest.push(object.as_bytes());
        } else if self.rest.data.len() > start {
            self.rest.data.push(b'}');
            self.rest.end_row();
        }
    }

    fn take(&mut self, row: usize, member: &Member<'_>) -> bool {
        let (Some(at), Some(value)) = (self.keys.find(&member.key), &member.value) else {
            return false;
        };
        let fits = matches!(
            (self.keys.kind(at), value),
            (Kind::Text, Fit::Text(_))
                | (Kind::Int, Fit::Int(_))
                | (Kind::Double, Fit::Double(_))
                | (Kind::Bool, Fit::Bool(_))
        );
        if !fits || self.seen[at] == row {
            return false;
        }
        self.seen[at] = row;
        self.columns.fill(self.keys, at, row, row + 1, value);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BooleanArray, Float64Array, Int64Array};

    fn parted(objects: Vec<Option<&str>>, keys: &[(&str, &str)]) -> (StringArray, Vec<ArrayRef>) {
        let keys: Vec<(String, String)> = keys
            .iter()
            .map(|(key, kind)| ((*key).to_owned(), (*kind).to_owned()))
            .collect();
        let keys = Keys::new("attributes", &keys, false).expect("known types");
        let (rest, columns) = split(&StringArray::from(objects), &keys);
        let rest = rest.as_any().downcast_ref::<StringArray>().cloned();
        (rest.expect("text"), columns)
    }

    #[test]
    fn values_go_to_their_columns_and_the_rest_stays_as_it_stands() {
        let (rest, columns) = parted(
            vec![
                Some(r#"{"x":"é\n","i":1,"y":[{"i":2}],"d":1.0}"#),
                None,
                Some(r#"{"i":1.0,"b":true}"#),
                Some(r#"{"i":-5,"b":false}"#),
                Some(r#"{"\u0001":"s","z":1}"#),
                Some("{}"),
                Some("broken"),
                Some(r#"{"i":1,"i":2}"#),
            ],
            &[
                ("i", "int"),
                ("d", "double"),
                ("b", "bool"),
                ("\u{1}", "string"),
                ("x", "string"),
            ],
        );
        let expected = StringArray::from(vec![
            Some(r#"{"y":[{"i":2}]}"#),
            None,
            Some(r#"{"i":1.0}"#),
            None,
            Some(r#"{"z":1}"#),
            Some("{}"),
            Some("broken"),
            Some(r#"{"i":2}"#),
        ]);
        assert_eq!(rest, expected);
        let ints = Int64Array::from(vec![
            Some(1),
            None,
            None,
            Some(-5),
            None,
            None,
            None,
            Some(1),
        ]);
        assert_eq!(columns[0].as_ref(), &ints as &dyn Array);
        let mut doubles = vec![None; 8];
        doubles[0] = Some(1.0);
        assert_eq!(
            columns[1].as_ref(),
            &Float64Array::from(doubles) as &dyn Array
        );
        let mut truths = vec![None; 8];
        (truths[2], truths[3]) = (Some(true), Some(false));
        assert_eq!(
            columns[2].as_ref(),
            &BooleanArray::from(truths) as &dyn Array
        );
        let mut texts = vec![None; 8];
        texts[4] = Some("s");
        assert_eq!(columns[3].as_ref(), &StringArray::from(texts) as &dyn Array);
        let mut texts = vec![None; 8];
        texts[0] = Some("é\n");
        assert_eq!(columns[4].as_ref(), &StringArray::from(texts) as &dyn Array);
    }

    #[test]
    fn keys_are_counted_by_kind_over_all_arrays() {
        let mut counts = KeyCounts::new(vec!["certain".to_owned()]);
        let text = r#"{"a":"x","b":1}"#;
        counts.add(&StringArray::from(vec![Some(text), Some(text), None]));
        counts.add(&StringArray::from(vec![
            r#"{"a":1.5,"b":[1]}"#,
            r#"{"b":true}"#,
        ]));
        let found: FxHashMap<&str, Rows> = counts.counts().collect();
        assert_eq!(found.len(), 3);
        assert_eq!(found["a"], [2, 0, 1, 0, 0]);
        assert_eq!(found["b"], [0, 2, 0, 1, 1]);
        assert_eq!(found["certain"], Rows::default());
    }

    #[test]
    fn no_more_keys_are_counted_than_memory_allows() {
        let mut counts = KeyCounts::new(Vec::new());
        for number in 0..MAX_KEYS + 10 {
            let object = format!(
                "{{\"k{number}\":1,\"{}\":1}}",
                "x".repeat(MAX_KEY_BYTES + 1)
            );
            counts.add(&StringArray::from(vec![object]));
        }
        assert_eq!(counts.counts().count(), MAX_KEYS);
    }
}
