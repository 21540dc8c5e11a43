//! Rows of a row group that are known by their place, read from the pages that have them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ListArray, RecordBatch, new_empty_array};
use arrow_schema::{DataType, FieldRef, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, RowSelection};
use parquet::arrow::parquet_to_arrow_field_levels;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{
    ColumnChunkMetaData, FileMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader,
    RowGroupMetaData,
};

use super::constant::Constant;
use super::pages::Group;
use super::part::Part;
use super::{BATCH_ROWS, general, options, pages};

/// Pieces with no more between them are read as one.
const GAP_BYTES: u64 = 16 * 1024;
/// What a column costs that has hardly any bytes, in bytes of one that has.
const COLUMN_BYTES: u64 = 16 * 1024;

/// Runs of so few rows, chosen or not, are read by a mask; the reader's bound is half of it.
const DENSE_ROWS: usize = 64;

/// A row group of its own, and which of its rows are wanted.
pub struct Found {
    metadata: ArrowReaderMetadata,
    chosen: RowSelection,
    /// Leaves of the columns that have several values, each column's together.
    columns: Vec<Vec<usize>>,
    /// The other columns that have values.
    constants: Vec<(FieldRef, Constant)>,
}

impl Found {
    /// Of the row group, whose index of pages lies in that part, or is nowhere; the rows have one
    /// value in the leaf that is `known`.
    pub fn new(
        file: &ParquetMetaData,
        group: usize,
        index: Part,
        runs: Vec<Range<usize>>,
        known: (usize, Constant),
    ) -> Result<Self> {
        let group = file.row_group(group);
        let rows = usize::try_from(group.num_rows())?;
        let metadata = with_index(alone(file.file_metadata(), group), &index)?;
        let metadata = ArrowReaderMetadata::try_new(Arc::new(metadata), options())?;
        let mut columns = columns(metadata.metadata());
        let constants = constants(&metadata, &mut columns, &known);
        Ok(Self {
            metadata,
            chosen: RowSelection::from_consecutive_ranges(runs.into_iter(), rows),
            columns,
            constants,
        })
    }

    /// Which parts of the file have its rows.
    pub fn parts(&self) -> Vec<Range<u64>> {
        let leaves = self.columns.iter().flatten();
        let mut ranges: Vec<_> = leaves.flat_map(|leaf| self.pages(*leaf)).collect();
        ranges.sort_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end.saturating_add(GAP_BYTES) => {
                    last.end = last.end.max(range.end);
                }
                _ => joined.push(range),
            }
        }
        joined
    }

    /// The rows, from the bytes of `parts`, read by so many threads; columns in no order, but for
    /// those without a value in all of the row group.
    pub fn rows(&self, parts: Vec<Bytes>, threads: usize) -> Result<Vec<RecordBatch>> {
        let offsets = self.parts().into_iter().map(|range| range.start);
        let part = Part::new(offsets.zip(parts).collect());
        let shares = self.shares(threads.max(1));
        let Some(first) = shares.first() else {
            return Ok(vec![self.constant(self.chosen.row_count())?]);
        };
        let part = &part;
        let batches: Result<Vec<RecordBatch>> = thread::scope(|scope| {
            let others: Vec<_> = shares[1..]
                .iter()
                .map(|share| scope.spawn(move || self.share(part, share)))
                .collect();
            let mut batches = self.share(part, first)?;
            for other in others {
                let more = other.join().map_err(|_| general("a page is none"))??;
                batches = beside(&batches, &more)?;
            }
            Ok(batches)
        });
        let batches = batches?;
        let constants: Result<Vec<_>> = batches
            .iter()
            .map(|batch| self.constant(batch.num_rows()))
            .collect();
        beside(&batches, &constants?)
    }

    fn constant(&self, rows: usize) -> Result<RecordBatch> {
        let fields: Vec<_> = self
            .constants
            .iter()
            .map(|(field, _)| field.clone())
            .collect();
        let columns = self.constants.iter().map(|(_, one)| one.column(rows));
        let schema = Arc::new(Schema::new(fields));
        Ok(RecordBatch::try_new(schema, columns.collect())?)
    }

    fn share(&self, part: &Part, columns: &[&Vec<usize>]) -> Result<Vec<RecordBatch>> {
        let (flat, lists): (Vec<&Vec<usize>>, Vec<_>) = columns
            .iter()
            .copied()
            .partition(|leaves| leaves.len() == 1);
        let flat: Vec<usize> = flat.into_iter().flatten().copied().collect();
        let mut batches = Vec::new();
        if !flat.is_empty() {
            batches = self.read(part, flat)?;
        }
        for leaves in lists {
            let list = self.list(part, leaves)?;
            batches = if batches.is_empty() {
                list
            } else {
                beside(&batches, &list)?
            };
        }
        Ok(batches)
    }

    /// A column of lists: where one member has no elements, the others have none either.
    fn list(&self, part: &Part, leaves: &[usize]) -> Result<Vec<RecordBatch>> {
        let chunks = self.chunks();
        let smallest = leaves
            .iter()
            .min_by_key(|leaf| chunks[**leaf].compressed_size());
        let batches = self.read(part, smallest.copied().into_iter().collect())?;
        let root = self
            .metadata
            .parquet_schema()
            .get_column_root_idx(leaves[0]);
        let field = &self.metadata.schema().fields()[root];
        let empty: Option<Vec<_>> = batches.iter().map(|batch| empty(batch, field)).collect();
        match empty {
            Some(lists) => lists
                .into_iter()
                .map(|list| alone_in(field, list))
                .collect(),
            None => self.read(part, leaves.to_vec()),
        }
    }

    fn read(&self, part: &Part, leaves: Vec<usize>) -> Result<Vec<RecordBatch>> {
        let schema = self.metadata.parquet_schema();
        let mask = ProjectionMask::leaves(schema, leaves);
        let levels = parquet_to_arrow_field_levels(schema, mask, None)?;
        let metadata = self.metadata.metadata();
        let group = Group { metadata, part };
        let chosen = Some(self.chosen.clone());
        ParquetRecordBatchReader::try_new_with_row_groups(&levels, &group, BATCH_ROWS, chosen)?
            .map(|batch| batch.map_err(ParquetError::from))
            .collect()
    }

    /// The columns, dealt out so that all threads have about as much to do.
    fn shares(&self, threads: usize) -> Vec<Vec<&Vec<usize>>> {
        let chunks = self.chunks();
        let cost = |leaves: &Vec<usize>| -> u64 {
            let sizes = leaves.iter().map(|leaf| pages(&chunks[*leaf]));
            sizes
                .map(|range| range.end - range.start + COLUMN_BYTES)
                .sum()
        };
        let mut columns: Vec<_> = self.columns.iter().collect();
        columns.sort_by_key(|leaves| Reverse(cost(leaves)));
        let mut shares = vec![(0, Vec::new()); threads];
        for leaves in columns {
            let least = shares.iter_mut().min_by_key(|(cost, _)| *cost);
            let Some((sum, share)) = least else { break };
            *sum += cost(leaves);
            share.push(leaves);
        }
        let shares = shares.into_iter().map(|(_, share)| share);
        shares.filter(|share| !share.is_empty()).collect()
    }

    /// Where the leaf's pages with wanted rows are, and its dictionary.
    fn pages(&self, leaf: usize) -> Vec<Range<u64>> {
        let whole = pages(&self.chunks()[leaf]);
        let index = self.metadata.metadata().offset_index();
        let locations = index.map(|index| index[0][leaf].page_locations());
        let Some(locations) = locations.filter(|_| !self.is_dense()) else {
            return vec![whole];
        };
        let first = locations.first().map_or(0, |page| page.offset as u64);
        let mut ranges = self.chosen.scan_ranges(locations);
        if whole.start < first {
            ranges.push(whole.start..first);
        }
        ranges
    }

    /// Whether so many runs are chosen that the reader may take the rows between, too.
    fn is_dense(&self) -> bool {
        let rows = self.metadata.metadata().row_group(0).num_rows();
        (rows as usize) < DENSE_ROWS * self.chosen.iter().count()
    }

    fn chunks(&self) -> &[ColumnChunkMetaData] {
        self.metadata.metadata().row_group(0).columns()
    }
}

fn alone(file: &FileMetaData, group: &RowGroupMetaData) -> ParquetMetaData {
    let schema = file.schema_descr_ptr();
    let file = FileMetaData::new(file.version(), group.num_rows(), None, None, schema, None);
    ParquetMetaData::new(file, vec![group.clone()])
}

fn with_index(metadata: ParquetMetaData, index: &Part) -> Result<ParquetMetaData> {
    let mut chunks = metadata.row_group(0).columns().iter();
    if !chunks.all(|chunk| chunk.offset_index_length().is_some()) {
        return Ok(metadata);
    }
    let mut reader = ParquetMetaDataReader::new_with_metadata(metadata)
        .with_column_index_policy(PageIndexPolicy::Skip)
        .with_offset_index_policy(PageIndexPolicy::Required);
    reader.read_page_indexes(index)?;
    reader.finish()
}

fn columns(metadata: &ParquetMetaData) -> Vec<Vec<usize>> {
    let schema = metadata.file_metadata().schema_descr();
    let chunks = metadata.row_group(0).columns();
    let empty = |leaf: usize| {
        let found = chunks[leaf].statistics();
        let nulls = found.and_then(|found| found.null_count_opt());
        schema.column(leaf).max_rep_level() == 0
            && nulls.is_some_and(|nulls| nulls as i64 == chunks[leaf].num_values())
    };
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for leaf in (0..chunks.len()).filter(|leaf| !empty(*leaf)) {
        let column = schema.get_column_root_idx(leaf);
        columns.entry(column).or_default().push(leaf);
    }
    columns.into_values().collect()
}

/// Takes out the columns that have one value.
fn constants(
    metadata: &ArrowReaderMetadata,
    columns: &mut Vec<Vec<usize>>,
    known: &(usize, Constant),
) -> Vec<(FieldRef, Constant)> {
    let chunks = metadata.metadata().row_group(0).columns();
    let mut found = Vec::new();
    columns.retain(|leaves| {
        let [leaf] = leaves[..] else { return true };
        let root = metadata.parquet_schema().get_column_root_idx(leaf);
        let field = &metadata.schema().fields()[root];
        let constant = if leaf == known.0 {
            Some(known.1.clone())
        } else {
            Constant::of(&chunks[leaf], field.data_type())
        };
        let several = constant.is_none();
        found.extend(constant.map(|one| (field.clone(), one)));
        several
    });
    found
}

/// The lists with all of their members, where no list has an element.
fn empty(batch: &RecordBatch, field: &FieldRef) -> Option<ListArray> {
    let lists = batch.column(0).as_list_opt::<i32>()?;
    let DataType::List(element) = field.data_type() else {
        return None;
    };
    let elements = new_empty_array(element.data_type());
    let (offsets, nulls) = (lists.offsets().clone(), lists.nulls().cloned());
    (lists.values().is_empty())
        .then(|| ListArray::try_new(element.clone(), offsets, elements, nulls).ok())?
}

fn alone_in(field: &FieldRef, list: ListArray) -> Result<RecordBatch> {
    let schema = Arc::new(Schema::new(vec![field.clone()]));
    Ok(RecordBatch::try_new(schema, vec![Arc::new(list)])?)
}

/// The batches, each with the columns of both.
fn beside(batches: &[RecordBatch], others: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let pairs = batches.iter().zip(others);
    let joined = pairs.map(|(one, other)| {
        let (own, more) = (one.schema(), other.schema());
        let fields: Vec<_> = own.fields().iter().chain(more.fields()).cloned().collect();
        let columns = one.columns().iter().chain(other.columns());
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.cloned().collect())
    });
    joined
        .map(|batch| batch.map_err(ParquetError::from))
        .collect()
}
