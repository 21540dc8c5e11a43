//! What Python sees of `dense`.

use arrow_array::{Array, ArrayRef, StringArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;

use crate::attributes::Keys;
use crate::dense;

/// How often each key of attributes objects occurs, and with what values.
#[pyclass]
pub struct KeyCounts(dense::KeyCounts);

#[pymethods]
impl KeyCounts {
    /// `certain` are counted however many keys there are.
    #[new]
    fn new(certain: Vec<String>) -> Self {
        Self(dense::KeyCounts::new(certain))
    }

    /// Count the keys of the objects, an array of strings.
    fn add(&mut self, py: Python<'_>, objects: PyArray) -> PyResult<()> {
        let objects = strings(objects)?;
        py.detach(|| self.0.add(&objects));
        Ok(())
    }

    /// (key, rows with a string, an int, a double, a bool, anything else).
    fn counts(&self) -> Vec<(String, [u64; 5])> {
        let counts = self.0.counts();
        counts.map(|(key, rows)| (key.to_owned(), rows)).collect()
    }
}

type Parts<'py> = (Bound<'py, PyAny>, Vec<Bound<'py, PyAny>>);

/// The objects without the keys, null where nothing is left, and a column for each key.
#[pyfunction]
pub fn split<'py>(
    py: Python<'py>,
    objects: PyArray,
    keys: Vec<(String, String)>,
) -> PyResult<Parts<'py>> {
    let keys = Keys::new("", &keys, false)
        .ok_or_else(|| PyValueError::new_err("a key has an unknown type"))?;
    let objects = strings(objects)?;
    let (rest, columns) = py.detach(|| dense::split(&objects, &keys));
    let columns = columns.into_iter().map(|column| to_pyarrow(py, column));
    Ok((to_pyarrow(py, rest)?, columns.collect::<PyResult<_>>()?))
}

fn to_pyarrow(py: Python<'_>, array: ArrayRef) -> PyResult<Bound<'_, PyAny>> {
    let array = PyArray::from_array_ref(array).into_pyobject(py)?;
    py.import("pyarrow")?.call_method1("array", (array,))
}

fn strings(objects: PyArray) -> PyResult<StringArray> {
    let found = objects.array().as_any().downcast_ref::<StringArray>();
    found
        .cloned()
        .ok_or_else(|| PyValueError::new_err("the objects must be an array of strings"))
}
