//! What takes the items of one signal into its tables.

use arrow_array::ArrayRef;

use crate::envelope::{Resource, Scope, Tally};
use crate::fault::Result;

pub trait Sink {
    const IS_METRICS: bool;

    fn begin_body(&mut self, received_time_ns: i64);

    /// Forget the body under way.
    fn refuse_body(&mut self);

    fn rows(&self) -> usize;

    fn begin_scope(&mut self, resource: &Resource, scope: &Scope);

    fn item(&mut self, buffer: &[u8], tally: &mut Tally) -> Result<()>;

    /// The rows since `from` belong to this resource and scope.
    fn end_scope(&mut self, from: usize, resource: &Resource, scope: &Scope);

    fn finish(&mut self) -> Vec<Table>;
}

/// A finished table: its columns in the order of its schema.
pub struct Table {
    pub name: &'static str,
    pub rows: usize,
    pub columns: Vec<(String, ArrayRef)>,
    /// Promoted columns whose key also occurs in the JSON of some row.
    pub strays: Vec<String>,
}

pub fn named(columns: Vec<(&'static str, ArrayRef)>) -> Vec<(String, ArrayRef)> {
    columns
        .into_iter()
        .map(|(name, column)| (name.to_owned(), column))
        .collect()
}
