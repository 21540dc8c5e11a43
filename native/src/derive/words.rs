//! Words as numbers, over all batches.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray};
use rustc_hash::FxHashMap;

/// No word.
pub const NONE: u32 = u32::MAX;

/// The distinct words of one column.
#[derive(Default)]
pub struct Words<'a> {
    numbers: FxHashMap<&'a str, u32>,
    words: Vec<&'a str>,
}

impl<'a> Words<'a> {
    /// The numbers of a batch's words; None where the column is of no strings.
    pub fn add(&mut self, column: &'a dyn Array) -> Option<Vec<u32>> {
        if let Some(plain) = column.as_any().downcast_ref::<StringArray>() {
            return Some(plain.iter().map(|word| self.number(word)).collect());
        }
        let coded: &DictionaryArray<Int32Type> = column.as_any().downcast_ref()?;
        let words: &StringArray = coded.values().as_any().downcast_ref()?;
        // Only what occurs: a dictionary is that of all batches.
        let mut numbers: Vec<Option<u32>> = vec![None; words.len()];
        let mut number = |key: Option<i32>| {
            let Some(key) = key else { return NONE };
            let at = key as usize;
            *numbers[at]
                .get_or_insert_with(|| self.number((!words.is_null(at)).then(|| words.value(at))))
        };
        Some(coded.keys().iter().map(&mut number).collect())
    }

    fn number(&mut self, word: Option<&'a str>) -> u32 {
        let Some(word) = word else { return NONE };
        *self.numbers.entry(word).or_insert_with(|| {
            self.words.push(word);
            self.words.len() as u32 - 1
        })
    }

    pub fn word(&self, number: u32) -> Option<&'a str> {
        self.words.get(number as usize).copied()
    }

    /// A dictionary column of these words.
    pub fn column(&self, numbers: impl Iterator<Item = u32>) -> ArrayRef {
        let keys: Int32Array = numbers
            .map(|number| (number != NONE).then_some(number as i32))
            .collect();
        let words = Arc::new(StringArray::from_iter_values(&self.words));
        Arc::new(DictionaryArray::new(keys, words))
    }
}
