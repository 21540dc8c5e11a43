//! Why a body is refused, and where.

use std::fmt;

/// Small, since every step of the hot path may return one.
#[derive(Debug)]
pub struct Fault(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: String,
    /// Innermost first.
    path: Vec<String>,
}

pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    #[cold]
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            message: message.into(),
            path: Vec::new(),
        }))
    }

    /// The fault lies in this field of the message around it.
    #[cold]
    pub fn within(mut self, field: &str) -> Self {
        self.0.path.push(field.to_owned());
        self
    }

    #[cold]
    pub fn within_item(mut self, field: &str, index: usize) -> Self {
        self.0.path.push(format!("{field}[{index}]"));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: Vec<&str> = self.0.path.iter().rev().map(String::as_str).collect();
        if !path.is_empty() {
            write!(out, "{}: ", path.join("."))?;
        }
        out.write_str(&self.0.message)
    }
}
