//! Messages that are replaced by later ones must be whole all the same.

use crate::fault::{Fault, Result};
use crate::schema::{Field, Kind, Label, Message};
use crate::wire::{Fields, Payload};

/// Whether a message breaks no rule of the wire, at any depth. What is deep lies on a list, not on
/// the stack.
#[cold]
pub fn check(buffer: &[u8], message: &'static Message) -> Result<()> {
    let mut waiting = vec![(buffer, message)];
    while let Some((buffer, message)) = waiting.pop() {
        let mut fields = Fields::new(buffer);
        while let Some((number, payload)) = fields.next()? {
            let Some(field) = message.fields.iter().find(|field| field.tag >> 3 == number) else {
                continue;
            };
            check_field(payload, field)?;
            if let (Kind::Nested(inner), Payload::Bytes(buffer)) = (field.kind, payload) {
                waiting.push((buffer, inner));
            }
        }
    }
    Ok(())
}

fn check_field(payload: Payload<'_>, field: &Field) -> Result<()> {
    match (payload, field.kind.wire_type()) {
        (Payload::Varint(_), 0)
        | (Payload::Fixed64(_), 1)
        | (Payload::Bytes(_), 2)
        | (Payload::Fixed32(_), 5) => Ok(()),
        (Payload::Bytes(_), 0) if field.label == Label::Many => {
            payload.each_varint(field.snake, |_| ())
        }
        (Payload::Bytes(_), 1) if field.label == Label::Many => {
            payload.each_fixed64(field.snake, |_| ())
        }
        _ => Err(Fault::new("has another field's wire type").within(field.snake)),
    }
}
