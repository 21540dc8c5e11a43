//! Columns under construction: padded with nulls only where they are touched again, and cut back
//! where a row or a body turns out bad.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Int32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, ListArray, PrimitiveArray,
    StringArray, StructArray, new_null_array,
};
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer,
    ScalarBuffer,
};
use arrow_schema::{DataType, Field, Fields};
use rustc_hash::FxHashMap;

/// Which rows have a value; nothing is kept while all of them do.
#[derive(Default)]
struct Validity {
    bits: Option<BooleanBufferBuilder>,
}

impl Validity {
    #[inline]
    fn push_valid(&mut self, count: usize) {
        if let Some(bits) = &mut self.bits {
            bits.append_n(count, true);
        }
    }

    fn push_null(&mut self, count: usize, rows: usize) {
        let bits = self.bits.get_or_insert_with(|| {
            let mut bits = BooleanBufferBuilder::new(rows + count);
            bits.append_n(rows, true);
            bits
        });
        bits.append_n(count, false);
    }

    fn truncate(&mut self, rows: usize) {
        if let Some(bits) = &mut self.bits {
            bits.truncate(rows);
        }
    }

    fn finish(&mut self) -> Option<NullBuffer> {
        self.bits
            .take()
            .map(|mut bits| NullBuffer::new(bits.finish()))
    }
}

/// Strings; `data` may be appended to directly before `end_row`.
pub struct Strings {
    pub data: Vec<u8>,
    offsets: Vec<i32>,
    validity: Validity,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            data: Vec::new(),
            offsets: vec![0],
            validity: Validity::default(),
        }
    }
}

impl Strings {
    #[inline]
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The bytes appended to `data` since the last row make up the next one.
    #[inline]
    pub fn end_row(&mut self) {
        self.offsets.push(self.data.len() as i32);
        self.validity.push_valid(1);
    }

    #[inline]
    pub fn push(&mut self, text: &[u8]) {
        self.data.extend_from_slice(text);
        self.end_row();
    }

    /// The row `at` has this text; rows before it that have none are null.
    #[inline]
    pub fn set(&mut self, at: usize, text: &[u8]) {
        self.pad_to(at);
        self.push(text);
    }

    #[inline]
    pub fn pad_to(&mut self, rows: usize) {
        let missing = rows - self.rows();
        if missing > 0 {
            self.validity.push_null(missing, self.rows());
            let last = self.data.len() as i32;
            self.offsets.resize(rows + 1, last);
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        if rows < self.rows() {
            self.offsets.truncate(rows + 1);
            self.validity.truncate(rows);
        }
        self.data.truncate(self.offsets[self.rows()] as usize);
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        self.pad_to(rows);
        let nulls = self.validity.finish();
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let data = std::mem::take(&mut self.data);
        Arc::new(StringArray::new(
            OffsetBuffer::new(ScalarBuffer::from(offsets)),
            Buffer::from_vec(data),
            nulls,
        ))
    }
}

/// Numbers and times.
pub struct Numbers<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    validity: Validity,
}

impl<T: ArrowPrimitiveType> Default for Numbers<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            validity: Validity::default(),
        }
    }
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    #[inline]
    pub fn push(&mut self, value: T::Native) {
        self.values.push(value);
        self.validity.push_valid(1);
    }

    #[inline]
    pub fn set(&mut self, at: usize, value: T::Native) {
        self.pad_to(at);
        self.push(value);
    }

    /// The rows from `from` to `to` have this value.
    pub fn fill(&mut self, from: usize, to: usize, value: T::Native) {
        self.pad_to(from);
        self.validity.push_valid(to - from);
        self.values.resize(to, value);
    }

    #[inline]
    pub fn pad_to(&mut self, rows: usize) {
        let missing = rows - self.values.len();
        if missing > 0 {
            self.validity.push_null(missing, self.values.len());
            self.values.resize(rows, T::Native::usize_as(0));
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        if rows < self.values.len() {
            self.values.truncate(rows);
            self.validity.truncate(rows);
        }
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        self.pad_to(rows);
        let nulls = self.validity.finish();
        let values = std::mem::take(&mut self.values);
        Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(values), nulls))
    }
}

/// Booleans.
#[derive(Default)]
pub struct Booleans {
    values: Vec<bool>,
    validity: Validity,
}

impl Booleans {
    pub fn set(&mut self, at: usize, value: bool) {
        self.fill(at, at + 1, value);
    }

    pub fn fill(&mut self, from: usize, to: usize, value: bool) {
        self.pad_to(from);
        self.validity.push_valid(to - from);
        self.values.resize(to, value);
    }

    fn pad_to(&mut self, rows: usize) {
        let missing = rows - self.values.len();
        if missing > 0 {
            self.validity.push_null(missing, self.values.len());
            self.values.resize(rows, false);
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        if rows < self.values.len() {
            self.values.truncate(rows);
            self.validity.truncate(rows);
        }
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        self.pad_to(rows);
        let nulls = self.validity.finish();
        let values = BooleanBuffer::from(std::mem::take(&mut self.values));
        Arc::new(BooleanArray::new(values, nulls))
    }
}

/// Strings that repeat: a dictionary, and keys into it.
#[derive(Default)]
pub struct Words {
    keys: Numbers<Int32Type>,
    words: Strings,
    known: FxHashMap<Vec<u8>, i32>,
}

impl Words {
    /// With words that have the keys 0, 1, 2, …
    pub fn of(words: &[&str]) -> Self {
        let mut found = Self::default();
        for word in words {
            found.key(word.as_bytes());
        }
        found
    }

    /// The key of a word, new or known.
    pub fn key(&mut self, word: &[u8]) -> i32 {
        if let Some(&key) = self.known.get(word) {
            return key;
        }
        let key = self.words.rows() as i32;
        self.words.push(word);
        self.known.insert(word.to_vec(), key);
        key
    }

    #[inline]
    pub fn push_key(&mut self, key: i32) {
        self.keys.push(key);
    }

    pub fn set(&mut self, at: usize, word: &[u8]) {
        let key = self.key(word);
        self.keys.set(at, key);
    }

    pub fn fill(&mut self, from: usize, to: usize, word: &[u8]) {
        let key = self.key(word);
        self.keys.fill(from, to, key);
    }

    pub fn truncate(&mut self, rows: usize) {
        self.keys.truncate(rows);
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        let keys = self.keys.finish(rows);
        let keys = keys
            .as_any()
            .downcast_ref::<Int32Array>()
            .expect("keys are int32")
            .clone();
        let count = self.words.rows();
        self.known.clear();
        Arc::new(
            DictionaryArray::<Int32Type>::try_new(keys, self.words.finish(count))
                .expect("every key was given out"),
        )
    }
}

/// Where each row's list begins and ends among its children.
pub struct Lists {
    offsets: Vec<i32>,
    validity: Validity,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            validity: Validity::default(),
        }
    }
}

impl Lists {
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The children up to `children` belong to row `at`.
    #[inline]
    pub fn end_row(&mut self, at: usize, children: usize) {
        self.pad_to(at);
        self.offsets.push(children as i32);
        self.validity.push_valid(1);
    }

    fn pad_to(&mut self, rows: usize) {
        let missing = rows - self.rows();
        if missing > 0 {
            self.validity.push_null(missing, self.rows());
            let last = self.offsets[self.rows()];
            self.offsets.resize(rows + 1, last);
        }
    }

    /// Cut back; how many children are left.
    pub fn truncate(&mut self, rows: usize) -> usize {
        if rows < self.rows() {
            self.offsets.truncate(rows + 1);
            self.validity.truncate(rows);
        }
        self.offsets[self.rows()] as usize
    }

    pub fn finish(&mut self, rows: usize, children: ArrayRef) -> ArrayRef {
        self.pad_to(rows);
        let nulls = self.validity.finish();
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        let item = Arc::new(Field::new("item", children.data_type().clone(), true));
        Arc::new(ListArray::new(
            item,
            OffsetBuffer::new(ScalarBuffer::from(offsets)),
            children,
            nulls,
        ))
    }
}

/// A list of numbers in each row.
pub struct NumberLists<T: ArrowPrimitiveType> {
    pub lists: Lists,
    pub values: Vec<T::Native>,
}

impl<T: ArrowPrimitiveType> Default for NumberLists<T> {
    fn default() -> Self {
        Self {
            lists: Lists::default(),
            values: Vec::new(),
        }
    }
}

impl<T: ArrowPrimitiveType> NumberLists<T> {
    pub fn set(&mut self, at: usize, values: &[T::Native]) {
        self.values.extend_from_slice(values);
        self.lists.end_row(at, self.values.len());
    }

    pub fn truncate(&mut self, rows: usize) {
        let children = self.lists.truncate(rows);
        self.values.truncate(children);
    }

    pub fn finish(&mut self, rows: usize) -> ArrayRef {
        let values = std::mem::take(&mut self.values);
        let children = PrimitiveArray::<T>::new(ScalarBuffer::from(values), None);
        self.lists.finish(rows, Arc::new(children))
    }
}

/// Structs of the given members, in which no struct itself is null.
pub fn structs(members: Vec<(&str, ArrayRef)>) -> ArrayRef {
    let fields: Fields = members
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = members.into_iter().map(|(_, array)| array).collect();
    Arc::new(StructArray::new(fields, arrays, None))
}

/// A column without a value.
pub fn nulls(kind: &DataType, rows: usize) -> ArrayRef {
    new_null_array(kind, rows)
}
