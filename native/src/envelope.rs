//! What all signals share: resource, scope, and the walk down to the items.

use crate::attributes::{Fit, Keys, Promoted, part};
use crate::columns::{Numbers, Words};
use crate::counts::Counts;
use crate::fault::Result;
use crate::signal::Signal;
use crate::text::{push_json_string, utf8};
use crate::value::{Pair, drop_duplicates, push_object, read_pair};
use crate::wire::Fields;
use arrow_array::ArrayRef;
use arrow_array::types::Int64Type;

/// What a body came to: its items, and why some were left out.
#[derive(Default)]
pub struct Tally {
    pub accepted: u64,
    pub rejected: Counts,
    pub warnings: Counts,
}

/// A value of the resource for its column.
enum Owned {
    Text(String),
    Int(i64),
    Double(f64),
    Bool(bool),
}

impl Owned {
    fn fit(&self) -> Fit<'_> {
        match self {
            Self::Text(text) => Fit::Text(text),
            Self::Int(number) => Fit::Int(*number),
            Self::Double(number) => Fit::Double(*number),
            Self::Bool(truth) => Fit::Bool(*truth),
        }
    }
}

/// ResourceSpans.resource and its like, ready for its columns.
pub struct Resource {
    service_name: Option<String>,
    other: Option<Vec<u8>>,
    dropped_attributes_count: i64,
    entity_refs: Option<Vec<u8>>,
    schema_url: String,
    promoted: Vec<(usize, Owned)>,
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

/// The messages of one envelope (ResourceX or ScopeX), whatever their order on the wire.
struct Parts<'a> {
    /// The resource or scope: occurrences are merged.
    head: Vec<&'a [u8]>,
    items: Vec<&'a [u8]>,
    schema_url: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(buffer: &'a [u8], head: &'static str, items: &'static str) -> Result<Self> {
        let mut parts = Self { head: Vec::new(), items: Vec::new(), schema_url: b"" };
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => parts.head.push(payload.bytes(head)?),
                2 => parts.items.push(payload.bytes(items)?),
                3 => parts.schema_url = payload.bytes("schema_url")?,
                _ => {}
            }
        }
        Ok(parts)
    }
}

/// What takes the items of one signal into its tables.
pub trait Sink {
    const IS_METRICS: bool;

    fn rows(&self) -> usize;

    fn begin_scope(&mut self, resource: &Resource, scope: &Scope);

    fn item(&mut self, buffer: &[u8], tally: &mut Tally) -> Result<()>;

    /// The rows since `from` belong to this resource and scope.
    fn end_scope(&mut self, from: usize, resource: &Resource, scope: &Scope);
}

/// Walk a request down to its items.
pub fn walk<S: Sink>(
    request: &[u8],
    signal: Signal,
    keys: &Keys,
    sink: &mut S,
    tally: &mut Tally,
) -> Result<()> {
    let [outer, middle, inner] = signal.path();
    let mut fields = Fields::new(request);
    let mut index = 0;
    while let Some((number, payload)) = fields.next()? {
        if number == 1 {
            walk_resource(payload.bytes(outer)?, [middle, inner], keys, sink, tally)
                .map_err(|fault| fault.within_item(outer, index))?;
            index += 1;
        }
    }
    Ok(())
}

fn walk_resource<S: Sink>(
    buffer: &[u8],
    [middle, inner]: [&'static str; 2],
    keys: &Keys,
    sink: &mut S,
    tally: &mut Tally,
) -> Result<()> {
    let parts = Parts::read(buffer, "resource", middle)?;
    let resource = Resource::read::<S>(&parts, keys, &mut tally.warnings)
        .map_err(|fault| fault.within("resource"))?;
    for (index, scoped) in parts.items.iter().enumerate() {
        walk_scope(scoped, inner, &resource, sink, tally)
            .map_err(|fault| fault.within_item(middle, index))?;
    }
    Ok(())
}

fn walk_scope<S: Sink>(
    buffer: &[u8],
    inner: &'static str,
    resource: &Resource,
    sink: &mut S,
    tally: &mut Tally,
) -> Result<()> {
    let parts = Parts::read(buffer, "scope", inner)?;
    let scope = Scope::read::<S>(&parts, &mut tally.warnings)
        .map_err(|fault| fault.within("scope"))?;
    let from = sink.rows();
    sink.begin_scope(resource, &scope);
    for (index, item) in parts.items.iter().enumerate() {
        sink.item(item, tally).map_err(|fault| fault.within_item(inner, index))?;
    }
    sink.end_scope(from, resource, &scope);
    Ok(())
}

impl Resource {
    fn read<S: Sink>(parts: &Parts<'_>, keys: &Keys, warnings: &mut Counts) -> Result<Self> {
        let mut pairs = Vec::new();
        let mut dropped = 0;
        let mut refs = Vec::new();
        for buffer in &parts.head {
            let mut fields = Fields::new(buffer);
            while let Some((number, payload)) = fields.next()? {
                match number {
                    1 => read_pair(&mut pairs, payload, "attributes", warnings)?,
                    2 => dropped = payload.varint("dropped_attributes_count")? as u32,
                    3 => refs.push(payload.bytes("entity_refs")?),
                    _ => {}
                }
            }
        }
        drop_duplicates(&mut pairs, 0, warnings)?;
        let mut found = Self {
            service_name: None,
            other: None,
            dropped_attributes_count: i64::from(dropped),
            entity_refs: entity_refs(&refs, warnings)?,
            schema_url: utf8(parts.schema_url, warnings).into_owned(),
            promoted: Vec::new(),
            strays: Vec::new(),
            sorted: if S::IS_METRICS { sorted_json(&pairs)? } else { Vec::new() },
        };
        found.take_service_name(&mut pairs, warnings)?;
        let mut other = Vec::new();
        let promoted = &mut found.promoted;
        let some = part(&pairs, keys, &mut other, &mut found.strays, warnings, |at, fit| {
            promoted.push((at, owned(&fit)));
        })?;
        found.other = some.then_some(other);
        Ok(found)
    }

    /// The service's name has a column of its own, where it is a string.
    fn take_service_name(
        &mut self,
        pairs: &mut Vec<Pair<'_>>,
        warnings: &mut Counts,
    ) -> Result<()> {
        use crate::value::AnyValue;
        if let Some(at) = pairs.iter().position(|pair| pair.key == "service.name")
            && let AnyValue::Text(name) = AnyValue::read(&pairs[at].value)?
        {
            self.service_name = Some(utf8(name, warnings).into_owned());
            pairs.remove(at);
        }
        Ok(())
    }
}

fn owned(fit: &Fit<'_>) -> Owned {
    match fit {
        Fit::Text(text) => Owned::Text((*text).to_owned()),
        Fit::Int(number) => Owned::Int(*number),
        Fit::Double(number) => Owned::Double(*number),
        Fit::Bool(truth) => Owned::Bool(*truth),
    }
}

impl Scope {
    fn read<S: Sink>(parts: &Parts<'_>, warnings: &mut Counts) -> Result<Self> {
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
            sorted: if S::IS_METRICS { sorted_json(&pairs)? } else { Vec::new() },
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

/// All attributes with sorted keys. What is odd in them is counted elsewhere.
pub fn sorted_json(pairs: &[Pair<'_>]) -> Result<Vec<u8>> {
    let mut order: Vec<&Pair<'_>> = pairs.iter().collect();
    order.sort_by(|one, other| one.key.as_bytes().cmp(other.key.as_bytes()));
    let mut uncounted = Counts::default();
    let mut out = vec![b'{'];
    for (index, pair) in order.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(&mut out, &pair.key);
        out.push(b':');
        crate::value::push_value(&mut out, &pair.value, 0, &mut uncounted)?;
    }
    out.push(b'}');
    Ok(out)
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
        fill(&mut self.service_name, rows, resource.service_name.as_deref().map(str::as_bytes));
        fill(&mut self.resource_other, rows, resource.other.as_deref());
        self.resource_dropped.fill(from, to, resource.dropped_attributes_count);
        fill(&mut self.entity_refs, rows, resource.entity_refs.as_deref());
        fill(&mut self.resource_schema_url, rows, some(&resource.schema_url));
        fill(&mut self.scope_name, rows, some(&scope.name));
        fill(&mut self.scope_version, rows, some(&scope.version));
        fill(&mut self.scope_attributes, rows, scope.attributes.as_deref());
        self.scope_dropped.fill(from, to, scope.dropped_attributes_count);
        fill(&mut self.scope_schema_url, rows, some(&scope.schema_url));
        for (at, value) in &resource.promoted {
            promoted.fill(keys, *at, from, to, &value.fit());
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
            ("resource_attributes_other", self.resource_other.finish(rows)),
            ("resource_dropped_attributes_count", self.resource_dropped.finish(rows)),
            ("resource_entity_refs", self.entity_refs.finish(rows)),
            ("resource_schema_url", self.resource_schema_url.finish(rows)),
            ("scope_name", self.scope_name.finish(rows)),
            ("scope_version", self.scope_version.finish(rows)),
            ("scope_attributes", self.scope_attributes.finish(rows)),
            ("scope_dropped_attributes_count", self.scope_dropped.finish(rows)),
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
