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

use crate::footer;

/// Methods raise ValueError for bytes that are not what the footer says.
#[pyclass(frozen)]
pub struct Footer(footer::Footer);

#[pymethods]
impl Footer {
    /// Of a file whose rows are looked for by values of the column.
    #[new]
    fn new(py: Python<'_>, metadata: &[u8], column: &str) -> PyResult<Self> {
        py.detach(|| guarded(|| footer::Footer::new(metadata, column)))
            .map(Self)
    }

    #[getter]
    fn memory_bytes(&self) -> usize {
        self.0.memory_bytes()
    }

    /// (offset, length) of each row group's Bloom filter of the column.
    #[getter]
    fn filters(&self) -> Vec<Option<(u64, u64)>> {
        let found = self.0.filters().into_iter();
        found.map(|range| range.map(placed)).collect()
    }

    /// (offset, length) of the column's pages in a row group.
    fn values(&self, group: usize) -> PyResult<(u64, u64)> {
        guarded(|| Ok(placed(self.0.values(group))))
    }

    /// (offset, length) of where a row group's pages are listed; no length where they are not.
    fn index(&self, group: usize) -> PyResult<(u64, u64)> {
        guarded(|| Ok(placed(self.0.index(group))))
    }

    /// The first `most` rows of the row group that have the value; None where there are none.
    fn find(
        &self,
        py: Python<'_>,
        group: usize,
        index: PyBackedBytes,
        values: PyBackedBytes,
        value: &str,
        most: usize,
    ) -> PyResult<Option<Found>> {
        let (index, values) = (Bytes::from_owner(index), Bytes::from_owner(values));
        let found = py.detach(|| guarded(|| self.0.find(group, index, values, value, most)))?;
        Ok(found.map(Found))
    }
}

/// Rows of a row group. Methods raise ValueError as those of Footer do.
#[pyclass(frozen)]
pub struct Found(footer::found::Found);

#[pymethods]
impl Found {
    /// (offset, length) of what `rows` is to be given.
    #[getter]
    fn parts(&self) -> PyResult<Vec<(u64, u64)>> {
        guarded(|| Ok(self.0.parts().into_iter().map(placed).collect()))
    }

    /// Batches of the rows, read by so many threads.
    fn rows<'py>(
        &self,
        py: Python<'py>,
        parts: Vec<PyBackedBytes>,
        threads: usize,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let parts = parts.into_iter().map(Bytes::from_owner).collect();
        let found = py.detach(|| guarded(|| self.0.rows(parts, threads)))?;
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
