#![forbid(unsafe_code)]
//! The native core of Goldeneye: OTLP bytes in, Arrow out (docs/decoding.md), and walks over traces.

mod attribute_list;
mod attributes;
mod cells;
mod columns;
mod common;
mod counts;
mod critical_path;
mod dense;
mod derive;
mod envelope;
mod events;
mod exemplars;
mod fault;
mod footer;
mod group;
mod items;
mod json;
mod letters;
mod links;
mod logs;
mod members;
mod metrics;
mod point_columns;
mod points;
mod python;
mod python_dense;
mod schema;
mod series;
mod shapes;
mod signal;
mod sink;
mod spans;
mod structure;
mod text;
mod times;
mod value;
mod walk;
mod wire;

pub use common::PromotedKeys;
pub use group::{Decoded, Encoding, Outcome, decode};
pub use items::items;
pub use signal::Signal;
