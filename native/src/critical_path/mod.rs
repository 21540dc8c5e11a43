//! The critical path of traces, over Arrow columns (docs/api/bottlenecks.md states it).

mod columns;
mod operations;
mod path;
pub mod python;
mod tree;
mod what_if;

pub use columns::Spans;
pub use operations::operations;
pub use path::paths;
