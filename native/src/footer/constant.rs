//! Columns of which a row group's statistics tell every value: nothing is unpacked for them.

use std::iter::repeat_n;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, StringArray};
use arrow_schema::DataType;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};

/// The one value of all rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    Text(String),
    Integer(i64),
}

impl Constant {
    /// None where there are several, a NULL among them, or where it is not told.
    pub fn of(chunk: &ColumnChunkMetaData, kind: &DataType) -> Option<Self> {
        let told = chunk.statistics()?;
        if told.null_count_opt() != Some(0) || told.is_min_max_deprecated() {
            return None;
        }
        match (told, kind) {
            (Statistics::ByteArray(told), DataType::Utf8) => {
                let text = only(told)?.as_utf8().ok()?;
                Some(Self::Text(text.to_owned()))
            }
            (Statistics::Int64(told), DataType::Int64) => only(told).copied().map(Self::Integer),
            _ => None,
        }
    }

    pub fn column(&self, rows: usize) -> ArrayRef {
        match self {
            Self::Text(text) => Arc::new(StringArray::from_iter_values(repeat_n(text, rows))),
            Self::Integer(number) => Arc::new(Int64Array::from_value(*number, rows)),
        }
    }
}

/// Bounds may be shortened ones; those that are the same leave one value between them.
fn only<T: PartialEq>(told: &ValueStatistics<T>) -> Option<&T> {
    let (least, greatest) = (told.min_opt()?, told.max_opt()?);
    (least == greatest).then_some(least)
}
