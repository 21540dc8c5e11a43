//! What Python sees.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use pyo3_arrow::PyRecordBatch;

use crate::common::PromotedKeys;
use crate::counts::Counts;
use crate::group::{self, Encoding, Outcome};
use crate::items;
use crate::signal::Signal;
use crate::sink::Table;

/// The text of a column is addressed with 31 bits, and the densest input (an empty entity
/// reference of 2 bytes) grows 31-fold.
const MAX_GROUP_BYTES: usize = i32::MAX as usize / 31;

/// What is looked through in so little time that letting go of the GIL would cost more.
const QUICK_BYTES: usize = 1 << 17;

type BodyResult<'py> = (
    u64,
    Bound<'py, PyDict>,
    Bound<'py, PyDict>,
    Option<String>,
    Option<String>,
);
type Decoded<'py> = (Bound<'py, PyDict>, Vec<BodyResult<'py>>, Bound<'py, PyDict>);

#[pyclass(frozen)]
struct Decoder {
    keys: PromotedKeys,
}

#[pymethods]
impl Decoder {
    /// `attributes` and `resource_attributes` are (key, type name) in the order of columns.
    #[new]
    fn new(
        attributes: Vec<(String, String)>,
        resource_attributes: Vec<(String, String)>,
    ) -> PyResult<Self> {
        let keys = PromotedKeys::new(&attributes, &resource_attributes)
            .ok_or_else(|| PyValueError::new_err("a promoted key has an unknown type"))?;
        Ok(Self { keys })
    }

    /// (table -> batch, (accepted, rejected, warnings, error, first_rejected) of each body, table -> strays).
    fn decode<'py>(
        &self,
        py: Python<'py>,
        signal: &str,
        encoding: &str,
        bodies: Vec<Bound<'py, PyBytes>>,
        received_time_ns: Vec<i64>,
    ) -> PyResult<Decoded<'py>> {
        let (signal, encoding) = kind(signal, encoding)?;
        if bodies.len() != received_time_ns.len() {
            return Err(PyValueError::new_err(
                "every body needs the time of its receipt",
            ));
        }
        let views: Vec<(&[u8], i64)> = bodies
            .iter()
            .map(|body| body.as_bytes())
            .zip(received_time_ns)
            .collect();
        if views.iter().map(|(body, _)| body.len()).sum::<usize>() > MAX_GROUP_BYTES {
            let message = format!("a group is over {MAX_GROUP_BYTES} bytes");
            return Err(PyValueError::new_err(message));
        }
        let decoded = py.detach(|| {
            let decoded = group::decode(signal, encoding, &views, &self.keys);
            (
                decoded.tables.into_iter().map(finished).collect::<Vec<_>>(),
                decoded.outcomes,
            )
        });
        answer(py, decoded)
    }

    /// No fewer items than `decode` would find.
    #[staticmethod]
    fn items(py: Python<'_>, signal: &str, encoding: &str, body: &[u8]) -> PyResult<usize> {
        let (signal, encoding) = kind(signal, encoding)?;
        if body.len() <= QUICK_BYTES {
            return Ok(items::items(signal, encoding, body));
        }
        Ok(py.detach(|| items::items(signal, encoding, body)))
    }
}

/// The CRC-32 of each, as zlib has it.
#[pyfunction]
fn crc32s(py: Python<'_>, parts: Vec<Bound<'_, PyBytes>>) -> Vec<u32> {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    py.detach(|| parts.into_iter().map(crc32fast::hash).collect())
}

fn kind(signal: &str, encoding: &str) -> PyResult<(Signal, Encoding)> {
    let signal = Signal::from_name(signal)
        .ok_or_else(|| PyValueError::new_err(format!("no signal is named {signal}")))?;
    let encoding = match encoding {
        "protobuf" => Encoding::Protobuf,
        "json" => Encoding::Json,
        other => {
            return Err(PyValueError::new_err(format!(
                "no encoding is named {other}"
            )));
        }
    };
    Ok((signal, encoding))
}

struct Finished {
    name: &'static str,
    batch: RecordBatch,
    strays: Vec<String>,
}

fn finished(table: Table) -> Finished {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|(name, column)| Field::new(name, column.data_type().clone(), true))
        .collect();
    let columns = table
        .columns
        .into_iter()
        .map(|(_, column)| column)
        .collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .expect("all columns have the table's rows");
    Finished {
        name: table.name,
        batch,
        strays: table.strays,
    }
}

fn answer<'py>(
    py: Python<'py>,
    (tables, outcomes): (Vec<Finished>, Vec<Outcome>),
) -> PyResult<Decoded<'py>> {
    let (batches, strays) = (PyDict::new(py), PyDict::new(py));
    for table in tables {
        batches.set_item(
            table.name,
            PyRecordBatch::new(table.batch).into_pyarrow(py)?,
        )?;
        if !table.strays.is_empty() {
            strays.set_item(table.name, table.strays)?;
        }
    }
    let results = outcomes
        .into_iter()
        .map(|outcome| {
            let rejected = dict(py, &outcome.rejected)?;
            let warnings = dict(py, &outcome.warnings)?;
            Ok((
                outcome.accepted,
                rejected,
                warnings,
                outcome.error,
                outcome.first_rejected,
            ))
        })
        .collect::<PyResult<_>>()?;
    Ok((batches, results, strays))
}

fn dict<'py>(py: Python<'py>, counts: &Counts) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (code, count) in counts.iter() {
        dict.set_item(code, count)?;
    }
    Ok(dict)
}

#[pymodule]
mod goldeneye_native {
    #[pymodule_export]
    use super::{Decoder, crc32s};
    #[pymodule_export]
    use crate::critical_path::python::{critical_path_operations, critical_paths};
    #[pymodule_export]
    use crate::derive::python::derive;
    #[pymodule_export]
    use crate::footer::python::{Footer, Found, filters_with};
    #[pymodule_export]
    use crate::letters::python::LetterRuns;
    #[pymodule_export]
    use crate::python_dense::{KeyCounts, split};
}
