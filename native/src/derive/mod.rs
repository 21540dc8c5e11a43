//! Rows of tables that are made from those of spans (docs/format.md); the SQL of the same names
//! says the same, for where this module is missing.

pub mod python;
mod rollups;
mod sampling;
mod spans;
mod traces;
mod words;

pub use rollups::span_rollups;
pub use traces::trace_parts;
