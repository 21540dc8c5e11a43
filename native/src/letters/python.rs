//! What Python sees of `letters`.

use arrow_array::{Array, StringArray};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;

use crate::letters;

/// The distinct runs of letters of texts, but for those of A to F alone.
#[pyclass]
pub struct LetterRuns(letters::LetterRuns);

#[pymethods]
impl LetterRuns {
    #[new]
    fn new(most_bytes: usize) -> Self {
        Self(letters::LetterRuns::new(most_bytes))
    }

    /// Those of an array of strings; raises ValueError for any other.
    fn add(&mut self, py: Python<'_>, texts: PyArray) -> PyResult<()> {
        let found = texts.array().as_any().downcast_ref::<StringArray>();
        let texts = found.ok_or_else(|| PyValueError::new_err("the texts must be strings"))?;
        py.detach(|| self.0.add(texts));
        Ok(())
    }

    /// Each in lower case and with a newline; None where they are more bytes than that.
    fn joined(&self) -> Option<String> {
        self.0.joined()
    }
}
