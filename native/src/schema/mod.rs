//! The messages of OTLP: their fields' names, numbers and kinds.

mod common;
mod logs;
mod metrics;
mod traces;

pub use common::{ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST};
pub use logs::LOG_RECORD;
pub use metrics::{
    EXPONENTIAL_HISTOGRAM_DATA_POINT, HISTOGRAM_DATA_POINT, NUMBER_DATA_POINT, SUMMARY_DATA_POINT,
};
pub use traces::SPAN;

use crate::signal::Signal;

pub struct Message {
    pub fields: &'static [Field],
}

pub struct Field {
    /// With the wire type; that of bytes where elements are packed.
    pub tag: u32,
    pub snake: &'static str,
    pub camel: &'static str,
    pub kind: Kind,
    pub label: Label,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Label {
    One,
    Many,
    /// `null` among the items is an empty message.
    ManyOrNull,
}

#[derive(Clone, Copy)]
pub enum Kind {
    Bool,
    Text,
    /// Bytes written in hex.
    Id,
    Base64,
    Double,
    Fixed32,
    Fixed64,
    Sfixed64,
    Uint32,
    Uint64,
    Int32,
    Int64,
    Sint32,
    Enum(&'static Enum),
    Nested(&'static Message),
}

/// Each value's number is its place.
pub struct Enum {
    pub name: &'static str,
    pub values: &'static [&'static str],
}

use Kind::{
    Base64, Bool, Double, Enum as Named, Fixed32, Fixed64, Id, Int32, Int64, Nested, Sfixed64,
    Sint32, Text, Uint32, Uint64,
};

impl Kind {
    pub const fn wire_type(self) -> u32 {
        match self {
            Bool | Uint32 | Uint64 | Int32 | Int64 | Sint32 | Named(_) => 0,
            Double | Fixed64 | Sfixed64 => 1,
            Text | Id | Base64 | Nested(_) => 2,
            Fixed32 => 5,
        }
    }

    /// Repeated numbers share one length; everything else has its own.
    pub const fn is_packed(self) -> bool {
        self.wire_type() != 2
    }
}

impl Message {
    /// The field of this name, and whether the name is snake_case where it should not be.
    ///
    /// `likely` is where to look first: senders keep to the schema's order.
    #[inline]
    pub fn find(&self, name: &[u8], likely: usize) -> Option<(usize, bool)> {
        if let Some(field) = self.fields.get(likely)
            && field.camel.as_bytes() == name
        {
            return Some((likely, false));
        }
        self.search(name)
    }

    fn search(&self, name: &[u8]) -> Option<(usize, bool)> {
        let place = |of: fn(&Field) -> &'static str| {
            let same = |field: &Field| of(field).as_bytes() == name;
            self.fields.iter().position(same)
        };
        match place(|field| field.camel) {
            Some(index) => Some((index, false)),
            None => place(|field| field.snake).map(|index| (index, true)),
        }
    }
}

pub fn request(signal: Signal) -> &'static Message {
    match signal {
        Signal::Traces => &traces::TRACES,
        Signal::Metrics => &metrics::METRICS,
        Signal::Logs => &logs::LOGS,
    }
}

const fn one(number: u32, snake: &'static str, camel: &'static str, kind: Kind) -> Field {
    Field {
        tag: number << 3 | kind.wire_type(),
        snake,
        camel,
        kind,
        label: Label::One,
    }
}

const fn many(number: u32, snake: &'static str, camel: &'static str, kind: Kind) -> Field {
    Field {
        tag: number << 3 | 2,
        label: Label::Many,
        ..one(number, snake, camel, kind)
    }
}

const fn many_or_null(number: u32, snake: &'static str, camel: &'static str, kind: Kind) -> Field {
    Field {
        label: Label::ManyOrNull,
        ..many(number, snake, camel, kind)
    }
}
