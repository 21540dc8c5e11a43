//! Bodies as if they were made just now: when a body has its turn, its times are moved so that one
//! of them becomes now, and from the second round on its ids are others. Both have fixed lengths in
//! OTLP, so they are overwritten in place.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

/// What a field holds; the rest of a body stays as it is.
#[derive(Clone, Copy)]
enum Field {
    Message(&'static [(u32, Field)]),
    Time,
    Id,
}

use Field::{Id, Message, Time};

// Request, resource, scope: in each, what is wanted of the next.
const SPANS: &[(u32, Field)] = &[(1, Message(&[(2, Message(&[(2, Message(SPAN))]))]))];
const SPAN: &[(u32, Field)] = &[(1, Id), (2, Id), (4, Id), (7, Time), (8, Time)];
const LOGS: &[(u32, Field)] = &[(1, Message(&[(2, Message(&[(2, Message(LOG))]))]))];
const LOG: &[(u32, Field)] = &[(1, Time), (9, Id), (10, Id), (11, Time)];
const METRICS: &[(u32, Field)] = &[(1, Message(&[(2, Message(&[(2, Message(METRIC))]))]))];
// A gauge, a sum, a histogram; a point's start stays, as that of a counter does.
const METRIC: &[(u32, Field)] = &[(5, DATA), (7, DATA), (9, DATA)];
const DATA: Field = Message(&[(1, Message(&[(3, Time)]))]);

pub struct Fresh {
    becomes_now_ns: u64,
    places: Vec<Places>,
}

#[derive(Default)]
struct Places {
    times: Vec<usize>,
    ids: Vec<usize>,
}

impl Fresh {
    pub fn new(becomes_now_ns: u64, signal: &str, bodies: &[Bytes]) -> Self {
        let fields = match signal {
            "traces" => SPANS,
            "metrics" => METRICS,
            _ => LOGS,
        };
        let places = bodies.iter().map(|body| Places::of(body, fields)).collect();
        Self {
            becomes_now_ns,
            places,
        }
    }

    /// The body with this number, for the so-manieth time.
    pub fn body(&self, bodies: &[Bytes], number: usize, round: u64) -> Bytes {
        let mut made = bodies[number].to_vec();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_ns = now.expect("a clock after 1970").as_nanos() as u64;
        let later_ns = now_ns.wrapping_sub(self.becomes_now_ns);
        for &at in &self.places[number].times {
            change(&mut made, at, |time| time.wrapping_add(later_ns));
        }
        for &at in &self.places[number].ids {
            change(&mut made, at, |id| id ^ round);
        }
        made.into()
    }
}

impl Places {
    fn of(body: &[u8], fields: &'static [(u32, Field)]) -> Self {
        let mut found = Self::default();
        found.walk(body, 0..body.len(), fields);
        found
    }

    fn walk(&mut self, body: &[u8], within: Range<usize>, fields: &[(u32, Field)]) {
        let mut at = within.start;
        while at < within.end {
            let tag = varint(body, &mut at);
            let length = match tag & 7 {
                0 => {
                    varint(body, &mut at);
                    continue;
                }
                1 => 8,
                5 => 4,
                _ => varint(body, &mut at) as usize,
            };
            let field = fields
                .iter()
                .find(|(number, _)| u64::from(*number) == tag >> 3);
            match field {
                Some((_, Message(inner))) => self.walk(body, at..at + length, inner),
                Some((_, Time)) => self.times.push(at),
                Some((_, Id)) if length >= 8 => self.ids.push(at),
                _ => {}
            }
            at += length;
        }
    }
}

fn varint(body: &[u8], at: &mut usize) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let byte = body[*at];
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
        shift += 7;
    }
}

fn change(body: &mut [u8], at: usize, new: impl Fn(u64) -> u64) {
    let place = &mut body[at..at + 8];
    let old = u64::from_le_bytes(place.try_into().expect("8"));
    place.copy_from_slice(&new(old).to_le_bytes());
}
