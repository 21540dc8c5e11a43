//! Promoted attributes: keys with a column of their own, and the JSON of the rest.

use std::borrow::Cow;

use arrow_array::ArrayRef;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_schema::DataType;
use rustc_hash::FxHashMap;

use crate::columns::{Booleans, Numbers, Strings, Words};
use crate::counts::Counts;
use crate::fault::Result;
use crate::text::{push_json_string, utf8};
use crate::value::{AnyValue, Pair, push_any};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Int,
    Double,
    Bool,
}

impl Kind {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "string" => Some(Self::Text),
            "int" => Some(Self::Int),
            "double" => Some(Self::Double),
            "bool" => Some(Self::Bool),
            _ => None,
        }
    }
}

/// The keys with a column, in the order of their columns.
pub struct Keys {
    prefix: &'static str,
    names: Vec<String>,
    kinds: Vec<Kind>,
    by_name: FxHashMap<String, usize>,
    /// Repeating strings are dictionaries (resources), or not.
    words: bool,
}

impl Keys {
    /// `keys` are (key, type name); None where a type name is unknown.
    pub fn new(prefix: &'static str, keys: &[(String, String)], words: bool) -> Option<Self> {
        let kinds = keys
            .iter()
            .map(|(_, kind)| Kind::from_name(kind))
            .collect::<Option<_>>()?;
        Some(Self {
            prefix,
            names: keys.iter().map(|(key, _)| key.clone()).collect(),
            kinds,
            by_name: keys
                .iter()
                .enumerate()
                .map(|(at, (key, _))| (key.clone(), at))
                .collect(),
            words,
        })
    }

    pub fn column_name(&self, at: usize) -> String {
        format!("{}.{}", self.prefix, self.names[at])
    }

    pub fn column_names(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.names.len()).map(|at| self.column_name(at))
    }

    pub fn kind(&self, at: usize) -> Kind {
        self.kinds[at]
    }

    pub fn data_type(&self, at: usize) -> DataType {
        match self.kinds[at] {
            Kind::Text if self.words => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            Kind::Text => DataType::Utf8,
            Kind::Int => DataType::Int64,
            Kind::Double => DataType::Float64,
            Kind::Bool => DataType::Boolean,
        }
    }

    /// The place of a key's column.
    pub fn find(&self, key: &str) -> Option<usize> {
        self.by_name.get(key).copied()
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }
}

enum Column {
    Untouched,
    Text(Strings),
    Words(Words),
    Int(Numbers<Int64Type>),
    Double(Numbers<Float64Type>),
    Bool(Booleans),
}

/// The promoted columns of one table.
pub struct Promoted {
    columns: Vec<Column>,
    /// Columns whose key also occurs in the JSON.
    pub strays: Vec<bool>,
}

/// A value that fits its column.
pub enum Fit<'a> {
    Text(Cow<'a, str>),
    Int(i64),
    Double(f64),
    Bool(bool),
}

impl Promoted {
    pub fn new(keys: &Keys) -> Self {
        Self {
            columns: (0..keys.len()).map(|_| Column::Untouched).collect(),
            strays: vec![false; keys.len()],
        }
    }

    /// Set rows `from` to `to` of a column.
    #[inline]
    pub fn fill(&mut self, keys: &Keys, at: usize, from: usize, to: usize, value: &Fit<'_>) {
        let column = &mut self.columns[at];
        if let Column::Untouched = column {
            *column = match keys.kinds[at] {
                Kind::Text if keys.words => Column::Words(Words::default()),
                Kind::Text => Column::Text(Strings::default()),
                Kind::Int => Column::Int(Numbers::default()),
                Kind::Double => Column::Double(Numbers::default()),
                Kind::Bool => Column::Bool(Booleans::default()),
            };
        }
        match (column, value) {
            (Column::Text(column), Fit::Text(text)) => {
                (from..to).for_each(|row| column.set(row, text.as_bytes()));
            }
            (Column::Words(column), Fit::Text(text)) => column.fill(from, to, text.as_bytes()),
            (Column::Int(column), Fit::Int(number)) => column.fill(from, to, *number),
            (Column::Double(column), Fit::Double(number)) => column.fill(from, to, *number),
            (Column::Bool(column), Fit::Bool(truth)) => column.fill(from, to, *truth),
            _ => unreachable!("a value was fitted to its column's kind"),
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        for column in &mut self.columns {
            match column {
                Column::Untouched => {}
                Column::Text(column) => column.truncate(rows),
                Column::Words(column) => column.truncate(rows),
                Column::Int(column) => column.truncate(rows),
                Column::Double(column) => column.truncate(rows),
                Column::Bool(column) => column.truncate(rows),
            }
        }
    }

    pub fn stray_names(&self, keys: &Keys) -> impl Iterator<Item = String> {
        let strays = self.strays.iter().enumerate().filter(|(_, stray)| **stray);
        strays.map(|(at, _)| keys.column_name(at))
    }

    /// The columns, None for those without a value: most are empty in most groups.
    pub fn finish(&mut self, rows: usize) -> impl Iterator<Item = Option<ArrayRef>> {
        self.columns.iter_mut().map(move |column| {
            let filled = match column {
                Column::Untouched => return None,
                Column::Text(column) => column.finish(rows),
                Column::Words(column) => column.finish(rows),
                Column::Int(column) => column.finish(rows),
                Column::Double(column) => column.finish(rows),
                Column::Bool(column) => column.finish(rows),
            };
            (filled.null_count() < rows).then_some(filled)
        })
    }
}

/// The value as its column takes it; None where it is of another type or not finite.
#[inline]
fn fit<'v>(kind: Kind, value: &AnyValue<'v>, warnings: &mut Counts) -> Option<Fit<'v>> {
    match (kind, value) {
        (Kind::Text, AnyValue::Text(bytes)) => Some(Fit::Text(utf8(bytes, warnings))),
        (Kind::Int, AnyValue::Int(number)) => Some(Fit::Int(*number)),
        (Kind::Double, AnyValue::Double(number)) if number.is_finite() => {
            Some(Fit::Double(*number))
        }
        (Kind::Bool, AnyValue::Bool(truth)) => Some(Fit::Bool(*truth)),
        _ => None,
    }
}

/// Where attributes go: to their columns, or into a JSON object of the rest.
pub struct Parting<'p> {
    pub keys: &'p Keys,
    pub out: &'p mut Vec<u8>,
    /// Whether `out` got any.
    pub some: bool,
    /// Stray columns, which count once the row is accepted.
    pub strays: &'p mut Vec<usize>,
    pub warnings: &'p mut Counts,
}

impl Parting<'_> {
    /// Part one attribute; `json` is its key as a member's name.
    #[inline]
    pub fn known(
        &mut self,
        json: &[u8],
        column: Option<usize>,
        value: &[u8],
        take: &mut impl FnMut(usize, &Fit<'_>),
    ) -> Result<()> {
        let value = AnyValue::read(value)?;
        if let Some(at) = column {
            if let Some(fit) = fit(self.keys.kinds[at], &value, self.warnings) {
                take(at, &fit);
                return Ok(());
            }
            self.strays.push(at);
        }
        self.comma();
        self.out.extend_from_slice(json);
        push_any(self.out, &value, 0, self.warnings)
    }

    pub fn pairs(
        &mut self,
        pairs: &[Pair<'_>],
        mut take: impl FnMut(usize, &Fit<'_>),
    ) -> Result<()> {
        let mut json = Vec::new();
        for pair in pairs {
            json.clear();
            push_json_string(&mut json, &pair.key);
            json.push(b':');
            self.known(&json, self.keys.find(&pair.key), &pair.value, &mut take)
                .map_err(|fault| fault.within("value").within(&pair.key))?;
        }
        Ok(())
    }

    #[inline]
    fn comma(&mut self) {
        self.out.push(if self.some { b',' } else { b'{' });
        self.some = true;
    }

    /// Close the object; whether there is one.
    #[inline]
    pub fn end(&mut self) -> bool {
        if self.some {
            self.out.push(b'}');
        }
        self.some
    }
}
