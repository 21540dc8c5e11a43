//! What Python sees of it.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

type Columns = Vec<(&'static str, ArrayRef)>;

/// Rows of span_rollups or trace_parts from batches of spans; raises ValueError for others.
#[pyfunction]
pub fn derive<'py>(
    py: Python<'py>,
    table: &str,
    spans: Vec<PyRecordBatch>,
) -> PyResult<Bound<'py, PyAny>> {
    let derive = match table {
        "span_rollups" => super::span_rollups,
        "trace_parts" => super::trace_parts,
        other => return Err(PyValueError::new_err(format!("{other} is not derived"))),
    };
    let batches: Vec<RecordBatch> = spans.into_iter().map(PyRecordBatch::into_inner).collect();
    let columns = py
        .detach(|| derive(&batches))
        .ok_or_else(|| PyValueError::new_err("the rows are not those of spans"))?;
    PyRecordBatch::new(batch(columns)).into_pyarrow(py)
}

fn batch(columns: Columns) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true))
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .expect("all columns have the table's rows")
}
