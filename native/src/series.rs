//! The table `metric_series` under construction, and the identities of series
//! (docs/decoding.md, section 5).

use arrow_array::types::{Date32Type, UInt64Type};
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_128;

use crate::columns::{Booleans, Numbers, Strings, Words};
use crate::common::{Common, PromotedKeys};
use crate::counts::Counts;
use crate::fault::Result;
use crate::points::Kind;
use crate::sink::{Table, named};
use crate::text::push_json_string;
use crate::value::Pair;

/// XXH3-128 in its canonical form.
pub type Digest = [u8; 16];

pub fn digest(bytes: &[u8]) -> Digest {
    xxh3_128(bytes).to_be_bytes()
}

/// A canonical JSON array of strings.
pub fn strings_json(strings: &[&str]) -> Vec<u8> {
    let mut out = vec![b'['];
    for (index, text) in strings.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(&mut out, text);
    }
    out.push(b']');
    out
}

/// What all points of a metric share.
pub struct Metric {
    pub kind: Kind,
    pub name: String,
    pub unit: String,
    pub description: String,
    pub temporality: Option<&'static str>,
    pub is_monotonic: Option<bool>,
    pub metadata: Option<Vec<u8>>,
}

impl Metric {
    pub fn digest(&self) -> Digest {
        let monotonic = match self.is_monotonic {
            None => "",
            Some(true) => "true",
            Some(false) => "false",
        };
        let temporality = self.temporality.unwrap_or("");
        digest(&strings_json(&[
            &self.name,
            self.kind.word(),
            &self.unit,
            temporality,
            monotonic,
        ]))
    }
}

/// The ids of a group's identities: where two share the low half, the later gets another.
#[derive(Default)]
struct Ids {
    ids: FxHashMap<u128, u64>,
    owners: FxHashMap<u64, u128>,
    /// Identities first seen in the body under way.
    fresh: Vec<u128>,
}

impl Ids {
    fn of(&mut self, identity: u128) -> u64 {
        if let Some(&id) = self.ids.get(&identity) {
            return id;
        }
        let mut id = identity as u64;
        if *self.owners.entry(id).or_insert(identity) != identity {
            let mut again = identity.to_be_bytes().to_vec();
            again.push(1);
            id = xxh3_128(&again) as u64;
        }
        self.ids.insert(identity, id);
        self.fresh.push(identity);
        id
    }

    fn forget_fresh(&mut self) {
        for identity in self.fresh.drain(..) {
            self.ids.remove(&identity);
            let low = identity as u64;
            if self.owners.get(&low) == Some(&identity) {
                self.owners.remove(&low);
            }
        }
    }
}

/// The table under construction: one row for each identity and day of the group.
pub struct Series<'k> {
    pub common: Common<'k>,
    pub rows: usize,
    rows_before: usize,
    ids: Ids,
    /// (identity, day) -> id
    known: FxHashMap<(u128, i32), u64>,
    fresh: Vec<(u128, i32)>,
    series_id: Numbers<UInt64Type>,
    series_check: Numbers<UInt64Type>,
    day: Numbers<Date32Type>,
    name: Strings,
    kind: Words,
    unit: Strings,
    description: Strings,
    temporality: Words,
    is_monotonic: Booleans,
    metadata: Strings,
}

impl<'k> Series<'k> {
    pub fn new(keys: &'k PromotedKeys) -> Self {
        Self {
            common: Common::new(keys),
            rows: 0,
            rows_before: 0,
            ids: Ids::default(),
            known: FxHashMap::default(),
            fresh: Vec::new(),
            series_id: Numbers::default(),
            series_check: Numbers::default(),
            day: Numbers::default(),
            name: Strings::default(),
            kind: Words::of(&Kind::WORDS),
            unit: Strings::default(),
            description: Strings::default(),
            temporality: Words::default(),
            is_monotonic: Booleans::default(),
            metadata: Strings::default(),
        }
    }

    pub fn begin_body(&mut self) {
        self.rows_before = self.rows;
        self.fresh.clear();
        self.ids.fresh.clear();
        self.common.begin_body();
    }

    pub fn refuse_body(&mut self) {
        self.ids.forget_fresh();
        for key in self.fresh.drain(..) {
            self.known.remove(&key);
        }
        let rows = self.rows_before;
        self.rows = rows;
        for column in [
            &mut self.name,
            &mut self.unit,
            &mut self.description,
            &mut self.metadata,
        ] {
            column.truncate(rows);
        }
        self.series_id.truncate(rows);
        self.series_check.truncate(rows);
        self.day.truncate(rows);
        self.kind.truncate(rows);
        self.temporality.truncate(rows);
        self.is_monotonic.truncate(rows);
        self.common.refuse_body(rows);
    }

    /// The id of a point's series, whose row is written where it is new on that day.
    pub fn id_of(
        &mut self,
        identity: u128,
        day: i32,
        metric: &Metric,
        attributes: &[Pair<'_>],
    ) -> Result<u64> {
        if let Some(&id) = self.known.get(&(identity, day)) {
            return Ok(id);
        }
        let id = self.ids.of(identity);
        self.write(identity, id, day, metric, attributes)?;
        self.known.insert((identity, day), id);
        self.fresh.push((identity, day));
        Ok(id)
    }

    fn write(
        &mut self,
        identity: u128,
        id: u64,
        day: i32,
        metric: &Metric,
        attributes: &[Pair<'_>],
    ) -> Result<()> {
        let row = self.rows;
        self.series_id.push(id);
        self.series_check.push((identity >> 64) as u64);
        self.day.push(day);
        self.name.push(metric.name.as_bytes());
        self.kind.push_key(metric.kind as i32);
        for (column, text) in [
            (&mut self.unit, &metric.unit),
            (&mut self.description, &metric.description),
        ] {
            if !text.is_empty() {
                column.set(row, text.as_bytes());
            }
        }
        if let Some(temporality) = metric.temporality {
            self.temporality.set(row, temporality.as_bytes());
        }
        if let Some(is_monotonic) = metric.is_monotonic {
            self.is_monotonic.set(row, is_monotonic);
        }
        if let Some(metadata) = &metric.metadata {
            self.metadata.set(row, metadata);
        }
        // What is odd in the attributes was counted when the identity was made.
        self.common
            .write_pairs(row, attributes, &mut Counts::default())?;
        self.common.accept_row();
        self.rows += 1;
        Ok(())
    }

    pub fn finish(&mut self) -> Table {
        let rows = self.rows;
        let common = self.common.finish(rows);
        let mut columns = named(vec![
            ("series_id", self.series_id.finish(rows)),
            ("day", self.day.finish(rows)),
            ("name", self.name.finish(rows)),
            ("type", self.kind.finish(rows)),
            ("unit", self.unit.finish(rows)),
            ("description", self.description.finish(rows)),
            ("temporality", self.temporality.finish(rows)),
            ("is_monotonic", self.is_monotonic.finish(rows)),
            ("metadata", self.metadata.finish(rows)),
            ("attributes_other", common.attributes_other),
            ("service_name", common.service_name),
        ]);
        columns.extend(named(common.resource_and_scope));
        columns.extend(common.promoted);
        columns.push(("series_check".to_owned(), self.series_check.finish(rows)));
        Table {
            name: "metric_series",
            rows,
            columns,
            strays: self.common.strays(),
        }
    }
}
