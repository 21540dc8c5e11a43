//! The columns that spans, logs and series have in common: attributes, resource and scope.

use std::borrow::Cow;

use arrow_array::ArrayRef;

use crate::attribute_list::AttributeList;
use crate::attributes::{Fit, Keys, Parting, Promoted};
use crate::columns::Strings;
use crate::counts::Counts;
use crate::envelope::{EnvelopeColumns, Resource, Scope};
use crate::fault::Result;
use crate::shapes::Shapes;
use crate::value::Pair;

/// The keys with a column of their own, of attributes and of resource attributes.
pub struct PromotedKeys {
    pub attributes: Keys,
    pub resource_attributes: Keys,
}

impl PromotedKeys {
    /// (key, type name) in the order of columns; None where a type name is unknown.
    pub fn new(
        attributes: &[(String, String)],
        resource_attributes: &[(String, String)],
    ) -> Option<Self> {
        Some(Self {
            attributes: Keys::new("attributes", attributes, false)?,
            resource_attributes: Keys::new("resource_attributes", resource_attributes, true)?,
        })
    }
}

pub struct Common<'k> {
    keys: &'k PromotedKeys,
    other: Strings,
    attributes: Promoted,
    resource_attributes: Promoted,
    envelope: EnvelopeColumns,
    shapes: Shapes,
    /// Stray columns of the row under way: they count once it is accepted.
    row_strays: Vec<usize>,
    /// The strays before the body under way.
    strays_before: [Vec<bool>; 2],
}

/// What `Common::finish` gives.
pub struct Finished {
    pub attributes_other: ArrayRef,
    pub service_name: ArrayRef,
    pub resource_and_scope: Vec<(&'static str, ArrayRef)>,
    pub promoted: Vec<(String, ArrayRef)>,
}

impl<'k> Common<'k> {
    pub fn new(keys: &'k PromotedKeys) -> Self {
        Self {
            keys,
            other: Strings::default(),
            attributes: Promoted::new(&keys.attributes),
            resource_attributes: Promoted::new(&keys.resource_attributes),
            envelope: EnvelopeColumns::default(),
            shapes: Shapes::new(),
            row_strays: Vec::new(),
            strays_before: [Vec::new(), Vec::new()],
        }
    }

    pub fn begin_body(&mut self) {
        self.strays_before[0].clone_from(&self.attributes.strays);
        self.strays_before[1].clone_from(&self.resource_attributes.strays);
    }

    /// The body is refused: cut back to the rows before it.
    pub fn refuse_body(&mut self, rows: usize) {
        self.truncate(rows);
        self.attributes.strays.clone_from(&self.strays_before[0]);
        self.resource_attributes
            .strays
            .clone_from(&self.strays_before[1]);
    }

    /// The attributes of a row as they lie on the wire.
    #[inline]
    pub fn write(
        &mut self,
        row: usize,
        list: &AttributeList<'_>,
        warnings: &mut Counts,
    ) -> Result<()> {
        if list.items.is_empty() {
            return Ok(());
        }
        if list.is_odd {
            return self.write_pairs(row, &list.pairs(warnings)?, warnings);
        }
        let Some(known) = self.shapes.find(&list.items) else {
            return self.write_unknown(row, list, warnings);
        };
        self.other.pad_to(row);
        let (promoted, keys) = (&mut self.attributes, &self.keys.attributes);
        let mut take = |at: usize, fit: &Fit<'_>| promoted.fill(keys, at, row, row + 1, fit);
        let mut parting = Parting {
            keys,
            out: &mut self.other.data,
            some: false,
            strays: &mut self.row_strays,
            warnings,
        };
        for (index, (item, key)) in list.items.iter().zip(known).enumerate() {
            parting
                .known(&key.json, key.column, item.value, &mut take)
                .map_err(|fault| fault.within("value").within_item("attributes", index))?;
        }
        if parting.end() {
            self.other.end_row();
        }
        Ok(())
    }

    #[inline(never)]
    fn write_unknown(
        &mut self,
        row: usize,
        list: &AttributeList<'_>,
        warnings: &mut Counts,
    ) -> Result<()> {
        let pairs = list.pairs(warnings)?;
        let is_plain = pairs.len() == list.items.len()
            && pairs
                .iter()
                .all(|pair| matches!(pair.key, Cow::Borrowed(_)));
        if is_plain {
            self.shapes.learn(&pairs, &self.keys.attributes);
        }
        self.write_pairs(row, &pairs, warnings)
    }

    /// The attributes of a row without duplicates.
    pub fn write_pairs(
        &mut self,
        row: usize,
        pairs: &[Pair<'_>],
        warnings: &mut Counts,
    ) -> Result<()> {
        self.other.pad_to(row);
        let (promoted, keys) = (&mut self.attributes, &self.keys.attributes);
        let mut parting = Parting {
            keys,
            out: &mut self.other.data,
            some: false,
            strays: &mut self.row_strays,
            warnings,
        };
        parting
            .pairs(pairs, |at, fit| promoted.fill(keys, at, row, row + 1, fit))
            .map_err(|fault| fault.within("attributes"))?;
        if parting.end() {
            self.other.end_row();
        }
        Ok(())
    }

    #[inline]
    pub fn accept_row(&mut self) {
        for at in self.row_strays.drain(..) {
            self.attributes.strays[at] = true;
        }
    }

    pub fn end_scope(&mut self, rows: (usize, usize), resource: &Resource, scope: &Scope) {
        let keys = &self.keys.resource_attributes;
        self.envelope
            .fill(rows, resource, scope, keys, &mut self.resource_attributes);
    }

    pub fn truncate(&mut self, rows: usize) {
        self.row_strays.clear();
        self.other.truncate(rows);
        self.attributes.truncate(rows);
        self.resource_attributes.truncate(rows);
        self.envelope.truncate(rows);
    }

    pub fn finish(&mut self, rows: usize) -> Finished {
        let (service_name, resource_and_scope) = self.envelope.finish(rows);
        let keys = self.keys;
        let own = self.attributes.finish(rows);
        let resource = self.resource_attributes.finish(rows);
        let names = keys
            .attributes
            .column_names()
            .chain(keys.resource_attributes.column_names());
        Finished {
            attributes_other: self.other.finish(rows),
            service_name,
            resource_and_scope,
            promoted: names
                .zip(own.chain(resource))
                .filter_map(|(name, column)| Some((name, column?)))
                .collect(),
        }
    }

    /// The columns whose key also occurs in the JSON of some row.
    pub fn strays(&self) -> Vec<String> {
        let own = self.attributes.stray_names(&self.keys.attributes);
        own.chain(
            self.resource_attributes
                .stray_names(&self.keys.resource_attributes),
        )
        .collect()
    }
}
