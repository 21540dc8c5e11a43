//! The walk from a request down to its items, whatever the order of fields on the wire.

use crate::attributes::Keys;
use crate::envelope::{Resource, Scope, Tally};
use crate::fault::Result;
use crate::signal::Signal;
use crate::sink::Sink;
use crate::wire::Fields;

/// The messages of one envelope (ResourceX or ScopeX), whatever their order on the wire.
pub struct Parts<'a> {
    /// The resource or scope: occurrences are merged.
    pub head: Vec<&'a [u8]>,
    items: Vec<&'a [u8]>,
    pub schema_url: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(
        buffer: &'a [u8],
        head: &'static str,
        items: &'static str,
        tally: &mut Tally,
    ) -> Result<Self> {
        let mut parts = Self {
            head: Vec::new(),
            items: Vec::new(),
            schema_url: b"",
        };
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            match number {
                1 => parts.head.push(payload.bytes(head)?),
                2 => {
                    tally.count(1)?;
                    parts.items.push(payload.bytes(items)?);
                }
                3 => parts.schema_url = payload.bytes("schema_url")?,
                _ => {}
            }
        }
        Ok(parts)
    }
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
            tally.at[0] = index;
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
    let parts = Parts::read(buffer, "resource", middle, tally)?;
    let resource =
        Resource::read::<S>(&parts, keys, tally).map_err(|fault| fault.within("resource"))?;
    for (index, scoped) in parts.items.iter().enumerate() {
        tally.at[1] = index;
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
    let parts = Parts::read(buffer, "scope", inner, tally)?;
    let scope =
        Scope::read::<S>(&parts, &mut tally.warnings).map_err(|fault| fault.within("scope"))?;
    let from = sink.rows();
    sink.begin_scope(resource, &scope);
    for (index, item) in parts.items.iter().enumerate() {
        tally.at[2] = index;
        sink.item(item, tally)
            .map_err(|fault| fault.within_item(inner, index))?;
    }
    sink.end_scope(from, resource, &scope);
    Ok(())
}
