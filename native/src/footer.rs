//! The rows of one value in a Parquet file, from its bytes: fewer pages are unpacked than a scan
//! would, and nothing is planned.

pub mod python;

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelectionPolicy,
};
use parquet::bloom_filter::Sbbf;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

/// Rows of a batch: what is read whole of the column that is looked through.
const BATCH_ROWS: usize = 20_480;

/// Which rows of a row group, and how many threads read them.
pub struct Wanted<'a> {
    pub group: usize,
    pub column: &'a str,
    pub value: &'a str,
    pub most: usize,
    pub threads: usize,
}

/// What is known of a file before any of its rows is read.
pub struct Footer(ArrowReaderMetadata);

impl Footer {
    /// Of the metadata's bytes, without their length and the magic number after them.
    pub fn new(metadata: &[u8]) -> Result<Self> {
        let metadata = ParquetMetaDataReader::decode_metadata(metadata)?;
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        ArrowReaderMetadata::try_new(Arc::new(metadata), options).map(Self)
    }

    pub fn memory_bytes(&self) -> usize {
        self.0.metadata().memory_size()
    }

    /// Where each row group's Bloom filter of the column is; None where there is none.
    pub fn filters(&self, column: &str) -> Result<Vec<Option<Range<u64>>>> {
        let leaf = self.leaf(column)?;
        let groups = self.0.metadata().row_groups().iter();
        Ok(groups.map(|group| filter(group.column(leaf))).collect())
    }

    /// Where the row group's pages are.
    pub fn pages(&self, group: usize) -> Range<u64> {
        let chunks = self.0.metadata().row_group(group).columns();
        let ranges: Vec<_> = chunks.iter().map(ColumnChunkMetaData::byte_range).collect();
        let start = ranges.iter().map(|(start, _)| *start).min();
        let end = ranges.iter().map(|(start, length)| start + length).max();
        start.unwrap_or(0)..end.unwrap_or(0)
    }

    /// The first rows of the row group that have the value in the column; its columns, in no order,
    /// but for those without a value in all of the row group.
    pub fn rows(&self, pages: Bytes, wanted: &Wanted) -> Result<Vec<RecordBatch>> {
        let leaf = self.leaf(wanted.column)?;
        let part = Part {
            pages,
            start: self.pages(wanted.group).start,
        };
        let chosen = self.selection(&part, leaf, wanted)?;
        if !chosen.selects_any() {
            return Ok(Vec::new());
        }
        let shares = self.shares(wanted.group, wanted.threads);
        let read = |leaves| self.chosen(&part, wanted, &chosen, leaves);
        let read = &read;
        thread::scope(|scope| {
            let others: Vec<_> = shares[1..]
                .iter()
                .map(|leaves| scope.spawn(move || read(leaves.clone())))
                .collect();
            let mut batches = read(shares[0].clone())?;
            for other in others {
                let more = other.join().map_err(|_| general("a page is none"))??;
                batches = beside(&batches, &more)?;
            }
            Ok(batches)
        })
    }

    fn chosen(
        &self,
        part: &Part,
        wanted: &Wanted,
        chosen: &RowSelection,
        leaves: Vec<usize>,
    ) -> Result<Vec<RecordBatch>> {
        self.reader(part, wanted.group, leaves)
            .with_row_selection(chosen.clone())
            // Masks would unpack the pages between.
            .with_row_selection_policy(RowSelectionPolicy::Selectors)
            .with_limit(wanted.most)
            .build()?
            .map(|batch| batch.map_err(ParquetError::from))
            .collect()
    }

    fn selection(&self, part: &Part, leaf: usize, wanted: &Wanted) -> Result<RowSelection> {
        let mut chosen: Vec<Range<usize>> = Vec::new();
        let mut first = 0;
        for batch in self.reader(part, wanted.group, vec![leaf]).build()? {
            let batch = batch?;
            let values = batch.column(0).as_any().downcast_ref::<StringArray>();
            let values = values.ok_or_else(|| general("the column is not of strings"))?;
            for row in 0..values.len() {
                if values.value(row) == wanted.value && values.is_valid(row) {
                    let row = first + row;
                    match chosen.last_mut() {
                        Some(run) if run.end == row => run.end += 1,
                        _ => chosen.push(row..row + 1),
                    }
                }
            }
            first += values.len();
        }
        Ok(RowSelection::from_consecutive_ranges(
            chosen.into_iter(),
            first,
        ))
    }

    fn reader(
        &self,
        part: &Part,
        group: usize,
        leaves: Vec<usize>,
    ) -> ParquetRecordBatchReaderBuilder<Part> {
        ParquetRecordBatchReaderBuilder::new_with_metadata(part.clone(), self.0.clone())
            .with_row_groups(vec![group])
            .with_batch_size(BATCH_ROWS)
            .with_projection(ProjectionMask::leaves(self.0.parquet_schema(), leaves))
    }

    /// The columns with values, dealt out to so many threads; a list goes with all of its members.
    fn shares(&self, group: usize, threads: usize) -> Vec<Vec<usize>> {
        let schema = self.0.parquet_schema();
        let chunks = self.0.metadata().row_group(group).columns();
        let empty = |leaf: usize| {
            let found = chunks[leaf].statistics();
            let nulls = found.and_then(|found| found.null_count_opt());
            schema.column(leaf).max_rep_level() == 0
                && nulls.is_some_and(|nulls| nulls as i64 == chunks[leaf].num_values())
        };
        let mut shares = vec![Vec::new(); threads.max(1)];
        for leaf in (0..chunks.len()).filter(|leaf| !empty(*leaf)) {
            shares[schema.get_column_root_idx(leaf) % threads.max(1)].push(leaf);
        }
        shares.retain(|leaves| !leaves.is_empty());
        shares
    }

    fn leaf(&self, column: &str) -> Result<usize> {
        let mut columns = self.0.parquet_schema().columns().iter();
        columns
            .position(|found| found.path().parts() == [column])
            .ok_or_else(|| general("there is no such column"))
    }
}

/// Whether a row group of these Bloom filters may have the value; true for what is no filter.
pub fn may_have(filter: &[u8], value: &str) -> bool {
    Sbbf::from_bytes(filter).map_or(true, |filter| filter.check(value))
}

/// The batches, each with the columns of both.
fn beside(batches: &[RecordBatch], others: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let pairs = batches.iter().zip(others);
    let joined = pairs.map(|(one, other)| {
        let (own, more) = (one.schema(), other.schema());
        let fields: Vec<_> = own.fields().iter().chain(more.fields()).cloned().collect();
        let columns = one
            .columns()
            .iter()
            .chain(other.columns())
            .cloned()
            .collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
    });
    joined
        .map(|batch| batch.map_err(ParquetError::from))
        .collect()
}

fn filter(chunk: &ColumnChunkMetaData) -> Option<Range<u64>> {
    let start = u64::try_from(chunk.bloom_filter_offset()?).ok()?;
    let length = u64::try_from(chunk.bloom_filter_length()?).ok()?;
    Some(start..start.checked_add(length)?)
}

fn general(message: &str) -> ParquetError {
    ParquetError::General(message.to_owned())
}

/// The bytes of a file from `start`.
#[derive(Clone)]
struct Part {
    pages: Bytes,
    start: u64,
}

impl Part {
    fn within(&self, start: u64) -> Result<Bytes> {
        let first = start.checked_sub(self.start).map(|first| first as usize);
        let first = first.filter(|first| *first <= self.pages.len());
        let first = first.ok_or_else(|| general("a page is not where its column is"))?;
        Ok(self.pages.slice(first..))
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start + self.pages.len() as u64
    }
}

impl ChunkReader for Part {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.within(start).map(Bytes::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let found = self.within(start)?;
        if length > found.len() {
            return Err(general("a page is cut off"));
        }
        Ok(found.slice(..length))
    }
}
