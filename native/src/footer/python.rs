//! What Python sees of `footer`.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use parquet::errors::Result;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3_arrow::PyRecordBatch;

use crate::footer::{self, Wanted};

/// Methods raise ValueError for bytes that are not what the footer says.
#[pyclass(frozen)]
pub struct Footer(footer::Footer);

#[pymethods]
impl Footer {
    #[new]
    fn new(py: Python<'_>, metadata: &[u8]) -> PyResult<Self> {
        py.detach(|| guarded(|| footer::Footer::new(metadata)))
            .map(Self)
    }

    #[getter]
    fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }

    /// (offset, length) of each row group's Bloom filter.
    fn filters(&self, column: &str) -> PyResult<Vec<Option<(u64, u64)>>> {
        let found = guarded(|| self.0.filters(column))?;
        Ok(found.into_iter().map(|range| range.map(placed)).collect())
    }

    /// (offset, length) of a row group's pages.
    fn pages(&self, group: usize) -> PyResult<(u64, u64)> {
        guarded(|| Ok(placed(self.0.pages(group))))
    }

    /// Batches of the first `most` rows of the row group that have the value, read by so many threads.
    #[allow(clippy::too_many_arguments)]
    fn rows<'py>(
        &self,
        py: Python<'py>,
        group: usize,
        pages: PyBackedBytes,
        column: &str,
        value: &str,
        most: usize,
        threads: usize,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let pages = Bytes::from_owner(pages);
        let wanted = Wanted {
            group,
            column,
            value,
            most,
            threads,
        };
        let found = py.detach(|| guarded(|| self.0.rows(pages, &wanted)))?;
        let batches = found.into_iter().map(PyRecordBatch::new);
        batches
            .map(|batch| Ok(batch.into_pyarrow(py)?.into_any()))
            .collect()
    }
}

/// The numbers of the Bloom filters that may have the value.
#[pyfunction]
pub fn filters_with(filters: Vec<PyBackedBytes>, value: &str) -> Vec<usize> {
    let numbered = filters.iter().enumerate();
    let found = numbered.filter(|(_, filter)| footer::may_have(filter, value));
    found.map(|(number, _)| number).collect()
}

fn placed(range: Range<u64>) -> (u64, u64) {
    (range.start, range.end - range.start)
}

/// The reader of Parquet panics at some bytes that are none.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(found) => found.map_err(|error| PyValueError::new_err(error.to_string())),
        Err(panic) => Err(PyValueError::new_err(said(&*panic))),
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the bytes are not as the footer says")
        .to_owned()
}
