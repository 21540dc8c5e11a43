//! What Python sees of it.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Int32Array, Int64Array, StringArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;

use super::{Spans, operations, paths};

/// (offsets, span ids, parents' ids, starts, ends, kinds, ids of roots), see `Spans`.
type Columns = (
    PyArray,
    PyArray,
    PyArray,
    PyArray,
    PyArray,
    PyArray,
    PyArray,
);

/// (root row of each trace, its roots, offsets of its sections, row, start and end of each).
#[pyfunction]
pub fn critical_paths<'py>(
    py: Python<'py>,
    spans: Columns,
    tolerance: f64,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let spans = spans_of(spans)?;
    let found = py.detach(|| paths(&spans, tolerance));
    let columns: [ArrayRef; 6] = [
        Arc::new(Int32Array::from(found.roots)),
        Arc::new(Int32Array::from(found.root_counts)),
        Arc::new(Int32Array::from(found.offsets)),
        Arc::new(Int32Array::from(found.rows)),
        Arc::new(Int64Array::from(found.starts)),
        Arc::new(Int64Array::from(found.ends)),
    ];
    columns
        .into_iter()
        .map(|column| to_pyarrow(py, column))
        .collect()
}

/// (root row of each trace, offsets of its operations, and of each its number, exclusive ns,
/// saved ns, spans, spans with errors).
#[pyfunction]
pub fn critical_path_operations<'py>(
    py: Python<'py>,
    spans: Columns,
    numbers: PyArray,
    failed: PyArray,
    tolerance: f64,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let spans = spans_of(spans)?;
    let numbers: Int32Array = typed(&numbers)?;
    let failed: BooleanArray = typed(&failed)?;
    if numbers.len() != spans.ids.len() || failed.len() != spans.ids.len() {
        return Err(PyValueError::new_err(
            "the columns of spans must have one length",
        ));
    }
    let found = py.detach(|| operations(&spans, &numbers, &failed, tolerance));
    let columns: [ArrayRef; 7] = [
        Arc::new(Int32Array::from(found.roots)),
        Arc::new(Int32Array::from(found.offsets)),
        Arc::new(Int32Array::from(found.operations)),
        Arc::new(Int64Array::from(found.exclusive)),
        Arc::new(Int64Array::from(found.saved)),
        Arc::new(Int64Array::from(found.counts)),
        Arc::new(Int64Array::from(found.errors)),
    ];
    columns
        .into_iter()
        .map(|column| to_pyarrow(py, column))
        .collect()
}

fn spans_of(columns: Columns) -> PyResult<Spans> {
    let (offsets, ids, parents, starts, ends, kinds, roots) = columns;
    let spans = Spans {
        offsets: typed(&offsets)?,
        ids: typed::<StringArray>(&ids)?,
        parents: typed::<StringArray>(&parents)?,
        starts: typed::<Int64Array>(&starts)?,
        ends: typed::<Int64Array>(&ends)?,
        kinds: typed::<StringArray>(&kinds)?,
        roots: typed::<StringArray>(&roots)?,
    };
    match spans.fault() {
        Some(fault) => Err(PyValueError::new_err(fault)),
        None => Ok(spans),
    }
}

fn typed<A: Array + Clone + 'static>(column: &PyArray) -> PyResult<A> {
    let found = column.array().as_any().downcast_ref::<A>().cloned();
    found.ok_or_else(|| PyValueError::new_err("a column has another type"))
}

fn to_pyarrow(py: Python<'_>, array: ArrayRef) -> PyResult<Bound<'_, PyAny>> {
    let array = PyArray::from_array_ref(array).into_pyobject(py)?;
    py.import("pyarrow")?.call_method1("array", (array,))
}
