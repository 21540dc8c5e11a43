//! A group of bodies becomes one batch a table; a refused body leaves nothing of itself behind.

use crate::common::PromotedKeys;
use crate::counts::Counts;
use crate::envelope::Tally;
use crate::fault::Result;
use crate::json;
use crate::logs::Logs;
use crate::metrics::Metrics;
use crate::signal::Signal;
use crate::sink::{Sink, Table};
use crate::spans::Spans;
use crate::walk::walk;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Protobuf,
    Json,
}

/// What became of one body.
#[derive(Default)]
pub struct Outcome {
    pub accepted: u64,
    pub rejected: Counts,
    pub warnings: Counts,
    /// Where the first rejected item stands.
    pub first_rejected: Option<String>,
    /// Why the whole body is refused; then the other fields are empty.
    pub error: Option<String>,
}

/// The tables with rows, and an outcome for each body.
pub struct Decoded {
    pub tables: Vec<Table>,
    pub outcomes: Vec<Outcome>,
}

/// Decode bodies, each with the time at which it was received.
pub fn decode(
    signal: Signal,
    encoding: Encoding,
    bodies: &[(&[u8], i64)],
    keys: &PromotedKeys,
) -> Decoded {
    match signal {
        Signal::Traces => decode_into(Spans::new(keys), signal, encoding, bodies, keys),
        Signal::Metrics => decode_into(Metrics::new(keys), signal, encoding, bodies, keys),
        Signal::Logs => decode_into(Logs::new(keys), signal, encoding, bodies, keys),
    }
}

fn decode_into<S: Sink>(
    mut sink: S,
    signal: Signal,
    encoding: Encoding,
    bodies: &[(&[u8], i64)],
    keys: &PromotedKeys,
) -> Decoded {
    let mut outcomes = Vec::with_capacity(bodies.len());
    for &(body, received_time_ns) in bodies {
        sink.begin_body(received_time_ns);
        let mut tally = Tally::default();
        let outcome = match read(&mut sink, signal, encoding, body, keys, &mut tally) {
            Ok(()) => Outcome {
                accepted: tally.accepted,
                rejected: tally.rejected,
                warnings: tally.warnings,
                first_rejected: tally.first_rejected.map(|place| place.path(signal)),
                error: None,
            },
            Err(fault) => {
                sink.refuse_body();
                Outcome {
                    error: Some(fault.to_string()),
                    ..Outcome::default()
                }
            }
        };
        outcomes.push(outcome);
    }
    let tables = sink
        .finish()
        .into_iter()
        .filter(|table| table.rows > 0)
        .collect();
    Decoded { tables, outcomes }
}

fn read<S: Sink>(
    sink: &mut S,
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    keys: &PromotedKeys,
    tally: &mut Tally,
) -> Result<()> {
    if encoding == Encoding::Protobuf {
        return walk(body, signal, &keys.resource_attributes, sink, tally);
    }
    let transcoded = json::to_protobuf(signal, body)?;
    for (warned, warning) in [
        (transcoded.enum_name, "enum_name"),
        (transcoded.snake_case, "snake_case"),
    ] {
        if warned {
            tally.warnings.add(warning);
        }
    }
    walk(
        &transcoded.protobuf,
        signal,
        &keys.resource_attributes,
        sink,
        tally,
    )
}
