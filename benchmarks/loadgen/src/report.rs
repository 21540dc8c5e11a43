//! Counts and latencies.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Outcome;

#[derive(Default)]
pub struct Report {
    latencies_us: Vec<u32>,
    /// How often each body was acknowledged is not kept: only how many requests were.
    refused: BTreeMap<String, u64>,
    bytes: u64,
}

impl Report {
    pub fn add(&mut self, outcome: Outcome, latency: Duration, size_bytes: usize) {
        match outcome {
            Outcome::Acknowledged => {
                self.latencies_us
                    .push(latency.as_micros().min(u128::from(u32::MAX)) as u32);
                self.bytes += size_bytes as u64;
            }
            Outcome::Refused(why) => *self.refused.entry(why).or_default() += 1,
        }
    }

    pub fn json(mut self, elapsed: Duration) -> String {
        self.latencies_us.sort_unstable();
        let at = |share: f64| -> f64 {
            let last = self.latencies_us.len().saturating_sub(1);
            let index = (last as f64 * share).round() as usize;
            self.latencies_us
                .get(index)
                .map_or(0.0, |&us| f64::from(us) / 1e3)
        };
        let refused: Vec<String> = self
            .refused
            .iter()
            .map(|(why, count)| format!("{why:?}: {count}"))
            .collect();
        format!(
            "{{\"acknowledged\": {}, \"bytes\": {}, \"elapsed_s\": {:.3}, \"p50_ms\": {:.3}, \
             \"p99_ms\": {:.3}, \"max_ms\": {:.3}, \"refused\": {{{}}}}}",
            self.latencies_us.len(),
            self.bytes,
            elapsed.as_secs_f64(),
            at(0.5),
            at(0.99),
            at(1.0),
            refused.join(", "),
        )
    }
}
