//! What all signals share: resource, scope, and the walk down to the items.

use crate::attributes::{Fit, Keys, Parting, Promoted};
use crate::columns::{Numbers, Words};
use crate::counts::Counts;
use crate::fault::{Fault, Result};
use crate::signal::Signal;
use crate::sink::Sink;
use crate::text::{push_json_string, utf8};
use crate::value::{AnyValue, Pair, drop_duplicates, push_object, push_value, read_pair};
use crate::walk::Parts;
use crate::wire::Fields;
use std::borrow::Cow;

use arrow_array::ArrayRef;
use arrow_array::types::Int64Type;

/// As in `goldeneye/limits.py`: what takes two bytes to send takes a hundred to hold.
pub const MAX_BODY_PARTS: usize = 1 << 20;

/// What a body came to: its items, and why some were left out.
#[derive(Default)]
pub struct Tally {
    pub accepted: u64,
    pub rejected: Counts,
    pub warnings: Counts,
    /// Where the item under way stands: resource, scope, item.
    pub at: [usize; 3],
    pub first_rejected: Option<Place>,
    /// Scopes, items and what they consist of, as far as it has a row or an object of its own.
    parts: usize,
}

/// Where an item stands: resource, scope, item, and the point within a metric.
pub struct Place {
    at: [usize; 3],
    point: Option<usize>,
}

impl Place {
    /// By field names, as faults are placed.
    pub fn path(&self, signal: Signal) -> String {
        let names = signal.path();
        let path: Vec<String> = names
            .iter()
            .zip(self.at)
            .map(|(name, at)| format!("{name}[{at}]"))
            .collect();
        match self.point {
            Some(point) => format!("{}.data_points[{point}]", path.join(".")),
            None => path.join("."),
        }
    }
}

impl Tally {
    /// Count parts of the body; refused where there are more than anybody sends.
    #[inline]
    pub fn count(&mut self, parts: usize) -> Result<()> {
        self.parts += parts;
        if self.parts > MAX_BODY_PARTS {
            return Err(too_many_parts());
        }
        Ok(())
    }

    /// The item under way, or a point of it, is left out.
    pub fn reject(&mut self, reason: &'static str, point: Option<usize>) {
        self.rejected.add(reason);
        let at = self.at;
        self.first_rejected.get_or_insert(Place { at, point });
    }
}

#[cold]
fn too_many_parts() -> Fault {
    Fault::new(format!(
        "more than {MAX_BODY_PARTS} items, scopes, events and entity references in one request; \
         send smaller batches"
    ))
}

/// ResourceSpans.resource and its like, ready for its columns.
pub struct Resource {
    service_name: Option<String>,
    other: Option<Vec<u8>>,
    dropped_attributes_count: i64,
    entity_refs: Option<Vec<u8>>,
    schema_url: String,
    promoted: Vec<(usize, Fit<'static>)>,
    strays: Vec<usize>,
    /// All attributes as a JSON object with sorted keys; only for metrics.
    pub sorted: Vec<u8>,
}

/// ScopeSpans.scope and its like.
pub struct Scope {
    pub name: String,
    pub version: String,
    attributes: Option<Vec<u8>>,
    dropped_attributes_count: i64,
    schema_url: String,
    pub sorted: Vec<u8>,
}

impl Resource {
    pub fn read<S: Sink>(parts: &Parts<'_>, keys: &Keys, tally: &mut Tally) -> Result<Self> {
        let mut pairs = Vec::new();
        let mut dropped = 0;
        let mut refs = Vec::new();
        for buffer in &parts.head {
            let mut fields = Fields::new(buffer);
            while let Some((number, payload)) = fields.next()? {
                match number {
                    1 => read_pair(&mut pairs, payload, "attributes", &mut tally.warnings)?,
                    2 => dropped = payload.varint("dropped_attributes_count")? as u32,
                    3 => {
                        tally.count(1)?;
                        refs.push(payload.bytes("entity_refs")?);
                    }
                    _ => {}
                }
            }
        }
        let warnings = &mut tally.warnings;
        drop_duplicates(&mut pairs, 0, warnings)?;
        let mut found = Self {
            service_name: None,
            other: None,
            dropped_attributes_count: i64::from(dropped),
            entity_refs: entity_refs(&refs, warnings)?,
            schema_url: utf8(parts.schema_url, warnings).into_owned(),
            promoted: Vec::new(),
            strays: Vec::new(),
            sorted: if S::IS_METRICS {
                sorted_json(&pairs)?
            } else {
                Vec::new()
            },
        };
        found.take_service_name(&mut pairs, warnings)?;
        let mut other = Vec::new();
        let mut parting = Parting {
            keys,
            out: &mut other,
            some: false,
            strays: &mut found.strays,
            warnings,
        };
        let promoted = &mut found.promoted;
        parting.pairs(&pairs, |at, fit| promoted.push((at, owned(fit))))?;
        found.other = parting.end().then_some(other);
        Ok(found)
    }

    /// The service's name has a column of its own, where it is a string.
    fn take_service_name(
        &mut self,
        pairs: &mut Vec<Pair<'_>>,
        warnings: &mut Counts,
    ) -> Result<()> {
        if let Some(at) = pairs.iter().position(|pair| pair.key == "service.name")
            && let AnyValue::Text(name) = AnyValue::read(&pairs[at].value)?
        {
            self.service_name = Some(utf8(name, warnings).into_owned());
            pairs.remove(at);
        }
        Ok(())
    }
}

/// Free of the body that it was read from.
fn owned(fit: &Fit<'_>) -> Fit<'static> {
    match fit {
        Fit::Text(text) => Fit::Text(Cow::Owned(text.clone().into_owned())),
        Fit::Int(number) => Fit::Int(*number),
        Fit::Double(number) => Fit::Double(*number),
        Fit::Bool(truth) => Fit::Bool(*truth),
    }
}

impl Scope {
    pub fn read<S: Sink>(parts: &Parts<'_>, warnings: &mut Counts) -> Result<Self> {
        let mut pairs = Vec::new();
        let (mut name, mut version): (&[u8], &[u8]) = (b"", b"");
        let mut dropped = 0;
        for buffer in &parts.head {
            let mut fields = Fields::new(buffer);
            while let Some((number, payload)) = fields.next()? {
                match number {
                    1 => name = payload.bytes("name")?,
                    2 => version = payload.bytes("version")?,
                    3 => read_pair(&mut pairs, payload, "attributes", warnings)?,
                    4 => dropped = payload.varint("dropped_attributes_count")? as u32,
                    _ => {}
                }
            }
        }
        drop_duplicates(&mut pairs, 0, warnings)?;
        Ok(Self {
            name: utf8(name, warnings).into_owned(),
            version: utf8(version, warnings).into_owned(),
            attributes: attributes_json(&pairs, warnings)?,
            dropped_attributes_count: i64::from(dropped),
            schema_url: utf8(parts.schema_url, warnings).into_owned(),
            sorted: if S::IS_METRICS {
                sorted_json(&pairs)?
            } else {
                Vec::new()
            },
        })
    }
}

/// Attributes as one JSON object; None where there are none.
pub fn attributes_json(pairs: &[Pair<'_>], warnings: &mut Counts) -> Result<Option<Vec<u8>>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::new();
    push_object(&mut out, pairs, 0, warnings)?;
    Ok(Some(out))
}

/// All attributes as one JSON object with sorted keys, which says which resource it is.
fn sorted_json(pairs: &[Pair<'_>]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    // What is odd in them is counted where their columns are written.
    push_sorted_json(&mut out, pairs, &mut Counts::default())?;
    Ok(out)
}

/// Append all attributes as one JSON object, keys in the order of their UTF-8 bytes.
pub fn push_sorted_json(
    out: &mut Vec<u8>,
    pairs: &[Pair<'_>],
    warnings: &mut Counts,
) -> Result<()> {
    if pairs.is_sorted_by(|one, other| one.key <= other.key) {
        return push_object(out, pairs, 0, warnings);
    }
    let mut order: Vec<&Pair<'_>> = pairs.iter().collect();
    order.sort_by(|one, other| one.key.cmp(&other.key));
    out.push(b'{');
    for (index, pair) in order.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(out, &pair.key);
        out.push(b':');
        push_value(out, &pair.value, 0, warnings)?;
    }
    out.push(b'}');
    Ok(())
}

fn entity_refs(refs: &[&[u8]], warnings: &mut Counts) -> Result<Option<Vec<u8>>> {
    if refs.is_empty() {
        return Ok(None);
    }
    let mut out = vec![b'['];
    for (index, buffer) in refs.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_entity_ref(&mut out, buffer, warnings)
            .map_err(|fault| fault.within_item("entity_refs", index))?;
    }
    out.push(b']');
    Ok(Some(out))
}

fn push_entity_ref(out: &mut Vec<u8>, buffer: &[u8], warnings: &mut Counts) -> Result<()> {
    let (mut schema_url, mut kind): (&[u8], &[u8]) = (b"", b"");
    let (mut id_keys, mut description_keys) = (Vec::new(), Vec::new());
    let mut fields = Fields::new(buffer);
    while let Some((number, payload)) = fields.next()? {
        match number {
            1 => schema_url = payload.bytes("schema_url")?,
            2 => kind = payload.bytes("type")?,
            3 => id_keys.push(payload.bytes("id_keys")?),
            4 => description_keys.push(payload.bytes("description_keys")?),
            _ => {}
        }
    }
    out.extend_from_slice(b"{\"schema_url\":");
    push_json_string(out, &utf8(schema_url, warnings));
    out.extend_from_slice(b",\"type\":");
    push_json_string(out, &utf8(kind, warnings));
    for (name, keys) in [("id_keys", id_keys), ("description_keys", description_keys)] {
        out.extend_from_slice(format!(",\"{name}\":[").as_bytes());
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_json_string(out, &utf8(key, warnings));
        }
        out.push(b']');
    }
    out.push(b'}');
    Ok(())
}

/// The columns of resource and scope, filled for all rows of a scope at once.
#[derive(Default)]
pub struct EnvelopeColumns {
    service_name: Words,
    resource_other: Words,
    resource_dropped: Numbers<Int64Type>,
    entity_refs: Words,
    resource_schema_url: Words,
    scope_name: Words,
    scope_version: Words,
    scope_attributes: Words,
    scope_dropped: Numbers<Int64Type>,
    scope_schema_url: Words,
}

impl EnvelopeColumns {
    pub fn fill(
        &mut self,
        (from, to): (usize, usize),
        resource: &Resource,
        scope: &Scope,
        keys: &Keys,
        promoted: &mut Promoted,
    ) {
        if from == to {
            return;
        }
        let rows = (from, to);
        fill(
            &mut self.service_name,
            rows,
            resource.service_name.as_deref().map(str::as_bytes),
        );
        fill(&mut self.resource_other, rows, resource.other.as_deref());
        self.resource_dropped
            .fill(from, to, resource.dropped_attributes_count);
        fill(&mut self.entity_refs, rows, resource.entity_refs.as_deref());
        fill(
            &mut self.resource_schema_url,
            rows,
            some(&resource.schema_url),
        );
        fill(&mut self.scope_name, rows, some(&scope.name));
        fill(&mut self.scope_version, rows, some(&scope.version));
        fill(
            &mut self.scope_attributes,
            rows,
            scope.attributes.as_deref(),
        );
        self.scope_dropped
            .fill(from, to, scope.dropped_attributes_count);
        fill(&mut self.scope_schema_url, rows, some(&scope.schema_url));
        for (at, value) in &resource.promoted {
            promoted.fill(keys, *at, from, to, value);
        }
        for &at in &resource.strays {
            promoted.strays[at] = true;
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        for column in self.words() {
            column.truncate(rows);
        }
        self.resource_dropped.truncate(rows);
        self.scope_dropped.truncate(rows);
    }

    fn words(&mut self) -> [&mut Words; 8] {
        [
            &mut self.service_name,
            &mut self.resource_other,
            &mut self.entity_refs,
            &mut self.resource_schema_url,
            &mut self.scope_name,
            &mut self.scope_version,
            &mut self.scope_attributes,
            &mut self.scope_schema_url,
        ]
    }

    /// `service_name`, and the columns that follow the table's own.
    pub fn finish(&mut self, rows: usize) -> (ArrayRef, Vec<(&'static str, ArrayRef)>) {
        let service_name = self.service_name.finish(rows);
        let others = vec![
            (
                "resource_attributes_other",
                self.resource_other.finish(rows),
            ),
            (
                "resource_dropped_attributes_count",
                self.resource_dropped.finish(rows),
            ),
            ("resource_entity_refs", self.entity_refs.finish(rows)),
            ("resource_schema_url", self.resource_schema_url.finish(rows)),
            ("scope_name", self.scope_name.finish(rows)),
            ("scope_version", self.scope_version.finish(rows)),
            ("scope_attributes", self.scope_attributes.finish(rows)),
            (
                "scope_dropped_attributes_count",
                self.scope_dropped.finish(rows),
            ),
            ("scope_schema_url", self.scope_schema_url.finish(rows)),
        ];
        (service_name, others)
    }
}

fn fill(column: &mut Words, (from, to): (usize, usize), word: Option<&[u8]>) {
    if let Some(word) = word {
        column.fill(from, to, word);
    }
}

fn some(text: &str) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text.as_bytes())
}

/// A time for a timestamp column, or the raw number where no timestamp holds it.
pub enum Time {
    Unknown,
    Known(i64),
    Beyond(u64),
}

impl Time {
    #[inline]
    pub fn of(nanoseconds: u64) -> Self {
        match i64::try_from(nanoseconds) {
            Ok(0) => Self::Unknown,
            Ok(time) => Self::Known(time),
            Err(_) => Self::Beyond(nanoseconds),
        }
    }

    pub fn known(&self) -> Option<i64> {
        match self {
            Self::Known(time) => Some(*time),
            _ => None,
        }
    }
}

/// Whether the bytes are an id: of the right length and not all zero.
#[inline]
pub fn is_id(bytes: &[u8], size: usize) -> bool {
    bytes.len() == size && bytes.iter().any(|&byte| byte != 0)
}
