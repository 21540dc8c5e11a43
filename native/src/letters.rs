//! The distinct runs of letters of many texts, by which words are known not to be in them.

pub mod python;

use arrow_array::StringArray;
use rustc_hash::FxHashSet;

/// Letters as `lower` makes them of ASCII's; 0 for all other bytes.
const LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut letter = b'a';
    while letter <= b'z' {
        letters[letter as usize] = letter;
        letters[letter.to_ascii_uppercase() as usize] = letter;
        letter += 1;
    }
    letters
};
/// The Kelvin sign and the dotted capital I, which are lower-cased to letters of ASCII, too.
const KELVIN: &[u8] = "\u{212A}".as_bytes();
const DOTTED: &[u8] = "\u{130}".as_bytes();

/// Runs of A to F alone are left out: hexadecimal ids have all of them.
pub struct LetterRuns {
    runs: FxHashSet<Box<[u8]>>,
    left_bytes: Option<usize>,
}

impl LetterRuns {
    /// At most so many bytes, a separator for each run included.
    pub fn new(most_bytes: usize) -> Self {
        Self {
            runs: FxHashSet::default(),
            left_bytes: Some(most_bytes),
        }
    }

    pub fn add(&mut self, texts: &StringArray) {
        let mut run = Vec::new();
        for text in texts.iter().flatten() {
            if self.left_bytes.is_none() {
                return;
            }
            self.add_text(text.as_bytes(), &mut run);
        }
    }

    /// In lower case, one after the other, each with a newline; None where they were too many.
    pub fn joined(&self) -> Option<String> {
        self.left_bytes?;
        let mut joined = Vec::new();
        for run in &self.runs {
            joined.extend_from_slice(run);
            joined.push(b'\n');
        }
        String::from_utf8(joined).ok()
    }

    fn add_text(&mut self, text: &[u8], run: &mut Vec<u8>) {
        let mut at = 0;
        while at < text.len() {
            let (letter, length) = first(&text[at..]);
            at += length;
            if letter > 0 {
                run.push(letter);
            } else if !run.is_empty() {
                self.insert(run);
                run.clear();
            }
        }
        self.insert(run);
        run.clear();
    }

    fn insert(&mut self, run: &[u8]) {
        if run.iter().all(|letter| *letter <= b'f') || self.runs.contains(run) {
            return;
        }
        let left = self
            .left_bytes
            .and_then(|left| left.checked_sub(run.len() + 1));
        self.left_bytes = left;
        if left.is_some() {
            self.runs.insert(run.into());
        } else {
            self.runs.clear();
        }
    }
}

/// The first letter in lower case, 0 where there is none, and how many bytes it takes.
fn first(text: &[u8]) -> (u8, usize) {
    if text[0].is_ascii() {
        return (LETTERS[text[0] as usize], 1);
    }
    if text.starts_with(KELVIN) {
        return (b'k', KELVIN.len());
    }
    if text.starts_with(DOTTED) {
        return (b'i', DOTTED.len());
    }
    (0, 1)
}
