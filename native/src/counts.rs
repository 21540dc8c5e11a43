//! Why items are rejected and what is warned about; the names are those of `reasons.py`.

/// Counters of one body, by code.
#[derive(Clone, Default)]
pub struct Counts(Vec<(&'static str, u64)>);

impl Counts {
    pub fn add(&mut self, code: &'static str) {
        match self.0.iter_mut().find(|(name, _)| *name == code) {
            Some((_, count)) => *count += 1,
            None => self.0.push((code, 1)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &(&'static str, u64)> {
        self.0.iter()
    }
}
