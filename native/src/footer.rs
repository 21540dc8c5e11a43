//! The rows of one value in a Parquet file, from its bytes: fewer pages are unpacked than a scan
//! would, and nothing is planned.

mod constant;
pub mod found;
mod page_header;
mod pages;
mod part;
pub mod python;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, StringArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::bloom_filter::Sbbf;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaDataReader};

use constant::Constant;
use found::Found;
use part::Part;

/// Rows of a batch: what is read whole of the column that is looked through.
const BATCH_ROWS: usize = 20_480;

/// What is known of a file before any of its rows is read, and its column that is looked through.
pub struct Footer {
    metadata: ArrowReaderMetadata,
    /// The column as numbers of its distinct values.
    numbered: ArrowReaderMetadata,
    leaf: usize,
}

impl Footer {
    /// Of the metadata's bytes, without their length and the magic number after them.
    pub fn new(metadata: &[u8], column: &str) -> Result<Self> {
        let metadata = Arc::new(ParquetMetaDataReader::decode_metadata(metadata)?);
        let metadata = ArrowReaderMetadata::try_new(metadata, options())?;
        let leaves = metadata.parquet_schema().columns();
        let leaf = leaves
            .iter()
            .position(|leaf| leaf.path().parts() == [column])
            .ok_or_else(|| general("there is no such column"))?;
        Ok(Self {
            numbered: numbered(&metadata, column)?,
            metadata,
            leaf,
        })
    }

    pub fn memory_bytes(&self) -> usize {
        self.metadata.metadata().memory_size()
    }

    /// Where each row group's Bloom filter of the column is; None where there is none.
    pub fn filters(&self) -> Vec<Option<Range<u64>>> {
        let groups = self.metadata.metadata().row_groups().iter();
        groups
            .map(|group| filter(group.column(self.leaf)))
            .collect()
    }

    /// Where the column's pages of the row group are.
    pub fn values(&self, group: usize) -> Range<u64> {
        pages(&self.chunks(group)[self.leaf])
    }

    /// Where the row group's index of pages is; empty where a column has none.
    pub fn index(&self, group: usize) -> Range<u64> {
        let chunks = self.chunks(group).iter();
        let ranges: Option<Vec<_>> = chunks.map(index_of).collect();
        let ranges = ranges.unwrap_or_default();
        let start = ranges.iter().map(|range| range.start).min();
        let end = ranges.iter().map(|range| range.end).max();
        start.unwrap_or(0)..end.unwrap_or(0)
    }

    /// The first `most` rows of the row group that have the value; None where there are none.
    pub fn find(
        &self,
        group: usize,
        index: Bytes,
        values: Bytes,
        value: &str,
        most: usize,
    ) -> Result<Option<Found>> {
        let runs = self.runs(group, values, value, most)?;
        if runs.is_empty() {
            return Ok(None);
        }
        let index = Part::new(vec![(self.index(group).start, index)]);
        let known = (self.leaf, Constant::Text(value.to_owned()));
        Found::new(self.metadata.metadata(), group, index, runs, known).map(Some)
    }

    fn runs(
        &self,
        group: usize,
        values: Bytes,
        value: &str,
        most: usize,
    ) -> Result<Vec<Range<usize>>> {
        let repeats = self.chunks(group)[self.leaf]
            .page_encoding_stats_mask()
            .is_some_and(|mask| mask.is_only(Encoding::RLE_DICTIONARY));
        let metadata = if repeats {
            &self.numbered
        } else {
            &self.metadata
        };
        let values = Part::new(vec![(self.values(group).start, values)]);
        let mask = ProjectionMask::leaves(metadata.parquet_schema(), [self.leaf]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(values, metadata.clone())
            .with_row_groups(vec![group])
            .with_batch_size(BATCH_ROWS)
            .with_projection(mask)
            .build()?;
        let mut runs = Runs::new(most);
        let mut first = 0;
        for batch in reader {
            let batch = batch?;
            rows_with(batch.column(0), value, |row| runs.add(first + row))?;
            first += batch.num_rows();
        }
        Ok(runs.found)
    }

    fn chunks(&self, group: usize) -> &[ColumnChunkMetaData] {
        self.metadata.metadata().row_group(group).columns()
    }
}

/// Whether a row group of these Bloom filters may have the value; true for what is no filter.
pub fn may_have(filter: &[u8], value: &str) -> bool {
    Sbbf::from_bytes(filter).map_or(true, |filter| filter.check(value))
}

/// Rows in their order, those that follow one another as one range.
struct Runs {
    found: Vec<Range<usize>>,
    left: usize,
}

impl Runs {
    fn new(most: usize) -> Self {
        Self {
            found: Vec::new(),
            left: most,
        }
    }

    fn add(&mut self, row: usize) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        match self.found.last_mut() {
            Some(run) if run.end == row => run.end += 1,
            _ => self.found.push(row..row + 1),
        }
    }
}

fn rows_with(column: &dyn Array, value: &str, mut each: impl FnMut(usize)) -> Result<()> {
    if let Some(column) = column.as_dictionary_opt::<Int32Type>() {
        let values = strings(column.values().as_ref())?;
        let number = (0..values.len()).find(|at| values.value(*at) == value);
        let Some(number) = number else { return Ok(()) };
        for (row, key) in column.keys().values().iter().enumerate() {
            if *key as usize == number && column.is_valid(row) {
                each(row);
            }
        }
        return Ok(());
    }
    let values = strings(column)?;
    for row in 0..values.len() {
        if values.value(row) == value && values.is_valid(row) {
            each(row);
        }
    }
    Ok(())
}

fn strings(column: &dyn Array) -> Result<&StringArray> {
    let found = column.as_string_opt::<i32>();
    found.ok_or_else(|| general("the column is not of strings"))
}

fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

/// The same file, whose column is read as a dictionary; as it is where it is not of strings.
fn numbered(metadata: &ArrowReaderMetadata, column: &str) -> Result<ArrowReaderMetadata> {
    let kind = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
    let fields = metadata.schema().fields().iter().map(|field| {
        if field.name() == column && field.data_type() == &DataType::Utf8 {
            Arc::new(Field::new(column, kind.clone(), field.is_nullable()))
        } else {
            field.clone()
        }
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    ArrowReaderMetadata::try_new(metadata.metadata().clone(), options().with_schema(schema))
}

fn pages(chunk: &ColumnChunkMetaData) -> Range<u64> {
    let (start, length) = chunk.byte_range();
    start..start + length
}

fn filter(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(chunk.bloom_filter_offset()?).ok()?;
    let length = u64::try_from(chunk.bloom_filter_length()?).ok()?;
    Some(start..start.checked_add(length)?)
}

fn index_of(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(chunk.offset_index_offset()?).ok()?;
    let length = u64::try_from(chunk.offset_index_length()?).ok()?;
    Some(start..start.checked_add(length)?)
}

fn general(message: &str) -> ParquetError {
    ParquetError::General(message.to_owned())
}
