//! The pages of a row group's columns, as the reader of Parquet takes them.
//!
//! The crate's own reader makes two contexts of zstd for each column, which ask the processor what
//! it can: on a virtual machine that takes longer than unpacking a page.

use std::cell::RefCell;
use std::collections::VecDeque;

use bytes::Bytes;
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use zstd::bulk::Decompressor;

use super::page_header::PageHeader;
use super::part::Part;
use super::{general, pages};

const DATA: i64 = 0;
const DICTIONARY: i64 = 2;

thread_local! {
    static ZSTD: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// A file's only row group.
pub struct Group<'a> {
    pub metadata: &'a ParquetMetaData,
    pub part: &'a Part,
}

impl RowGroups for Group<'_> {
    fn num_rows(&self) -> usize {
        self.metadata.row_group(0).num_rows() as usize
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>> {
        let chunk = self.metadata.row_group(0).column(leaf);
        if !matches!(chunk.compression(), Compression::ZSTD(_)) {
            return Err(general("the column is not packed by zstd"));
        }
        let whole = pages(chunk);
        let index = self.metadata.offset_index();
        let listed = index.map(|index| index[0][leaf].page_locations());
        let first = listed.and_then(|listed| listed.first());
        let dictionary = first.is_none_or(|first| whole.start < first.offset as u64);
        let rows = listed.map(|listed| {
            let starts = listed.iter().map(|page| page.first_row_index);
            let ends = starts.clone().skip(1).chain([self.num_rows() as i64]);
            let counts = starts.zip(ends).map(|(start, end)| (end - start) as usize);
            let places = listed.iter().map(|page| page.offset as u64);
            let first = dictionary.then_some((whole.start, None));
            let pages = places.zip(counts.map(Some));
            first.into_iter().chain(pages).collect()
        });
        Ok(Box::new(Chunk(Some(Pages {
            part: self.part.clone(),
            at: whole.start,
            end: whole.end,
            listed: rows,
        }))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

/// The pages of one column.
struct Chunk(Option<Pages>);

impl Iterator for Chunk {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let pages: Box<dyn PageReader> = Box::new(self.0.take()?);
        Some(Ok(pages))
    }
}

impl PageIterator for Chunk {}

struct Pages {
    part: Part,
    /// Where the next page is, where they are not listed.
    at: u64,
    end: u64,
    /// Where pages are, and how many rows each has; None is that of a dictionary.
    listed: Option<VecDeque<(u64, Option<usize>)>>,
}

impl Pages {
    fn next_at(&self) -> Option<u64> {
        match &self.listed {
            Some(listed) => listed.front().map(|(at, _)| *at),
            None => (self.at < self.end).then_some(self.at),
        }
    }

    fn header(&self, at: u64) -> Result<(PageHeader, Bytes)> {
        let bytes = self.part.from(at)?;
        let header = PageHeader::of(&bytes).ok_or_else(|| general("a page has no header"))?;
        let length = usize::try_from(header.packed_bytes).unwrap_or(usize::MAX);
        let end = header.header_bytes.saturating_add(length);
        if end > bytes.len() {
            return Err(general("a page is cut off"));
        }
        let packed = bytes.slice(header.header_bytes..end);
        Ok((header, packed))
    }

    fn pass(&mut self, header: &PageHeader) {
        match &mut self.listed {
            Some(listed) => drop(listed.pop_front()),
            None => self.at += header.header_bytes as u64 + header.packed_bytes as u64,
        }
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(at) = self.next_at() else {
            return Ok(None);
        };
        let (header, packed) = self.header(at)?;
        self.pass(&header);
        page(&header, &packed).map(Some)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        if let Some(listed) = &self.listed {
            return Ok(listed.front().map(|(_, rows)| PageMetadata {
                num_rows: *rows,
                num_levels: None,
                is_dict: rows.is_none(),
            }));
        }
        let Some(at) = self.next_at() else {
            return Ok(None);
        };
        let (header, _) = self.header(at)?;
        Ok(Some(PageMetadata {
            num_rows: None,
            num_levels: (header.kind == DATA).then_some(header.values as usize),
            is_dict: header.kind == DICTIONARY,
        }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        match (&mut self.listed, self.at < self.end) {
            (Some(listed), _) => drop(listed.pop_front()),
            (None, true) => {
                let (header, _) = self.header(self.at)?;
                self.pass(&header);
            }
            (None, false) => {}
        }
        Ok(())
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        // Only an index says that no row goes on in the next page.
        Ok(self.listed.is_some() || self.next_at().is_none())
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

fn page(header: &PageHeader, packed: &[u8]) -> Result<Page> {
    if header
        .checksum
        .is_some_and(|sum| sum != crc32fast::hash(packed))
    {
        return Err(general("a page is damaged"));
    }
    let buf = unpacked(packed, header.unpacked_bytes)?;
    let num_values = u32::try_from(header.values)?;
    let encoding = encoding(header.encoding)?;
    match header.kind {
        DATA => Ok(Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding: self::encoding(header.definition)?,
            rep_level_encoding: self::encoding(header.repetition)?,
            statistics: None,
        }),
        DICTIONARY => Ok(Page::DictionaryPage {
            buf,
            num_values,
            encoding,
            is_sorted: false,
        }),
        _ => Err(general("a page is of a kind that is not written")),
    }
}

fn unpacked(packed: &[u8], size: i64) -> Result<Bytes> {
    let size = usize::try_from(size)?;
    let mut found = Vec::new();
    found
        .try_reserve_exact(size)
        .map_err(|_| general("a page is too large"))?;
    if size > 0 {
        ZSTD.with_borrow_mut(|kept| -> Result<usize> {
            let zstd = match kept {
                Some(zstd) => zstd,
                None => kept.insert(Decompressor::new()?),
            };
            Ok(zstd.decompress_to_buffer(packed, &mut found)?)
        })?;
    }
    if found.len() != size {
        return Err(general("a page has another size"));
    }
    Ok(Bytes::from(found))
}

/// By their numbers in Parquet's format: those that are written.
fn encoding(number: i64) -> Result<Encoding> {
    match number {
        0 => Ok(Encoding::PLAIN),
        2 => Ok(Encoding::PLAIN_DICTIONARY),
        3 => Ok(Encoding::RLE),
        5 => Ok(Encoding::DELTA_BINARY_PACKED),
        8 => Ok(Encoding::RLE_DICTIONARY),
        _ => Err(ParquetError::NYI(format!("encoding {number}"))),
    }
}
