//! Some of a file's bytes, which the reader of Parquet takes for the file.

use std::io::Error;

use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// Pieces, each with its offset in the file, in the order of these.
#[derive(Clone)]
pub struct Part(Vec<(u64, Bytes)>);

impl Part {
    pub fn new(mut pieces: Vec<(u64, Bytes)>) -> Self {
        pieces.sort_by_key(|(offset, _)| *offset);
        Self(pieces)
    }

    /// What there is of the piece that has that byte, from it on.
    pub fn from(&self, start: u64) -> Result<Bytes> {
        let after = self.0.partition_point(|(offset, _)| *offset <= start);
        let piece = after.checked_sub(1).map(|at| &self.0[at]);
        let found = piece.and_then(|(offset, bytes)| {
            let skipped = usize::try_from(start - offset).ok()?;
            (skipped < bytes.len()).then(|| bytes.slice(skipped..))
        });
        found.ok_or_else(missing)
    }
}

impl Length for Part {
    /// It is not known where the file ends.
    fn len(&self) -> u64 {
        u64::MAX
    }
}

impl ChunkReader for Part {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        self.from(start).map(Bytes::reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let found = self.from(start)?;
        if length > found.len() {
            return Err(missing());
        }
        Ok(found.slice(..length))
    }
}

fn missing() -> ParquetError {
    ParquetError::from(Error::other("a page is not where its column is"))
}
