//! When the next request is due, where a rate is asked for.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Shared by all connections. Latency counts from when a request was due, not from when it was
/// sent, so that a server that stalls is not flattered.
#[derive(Clone)]
pub struct Pace {
    next: Rc<RefCell<Instant>>,
    every: Duration,
}

impl Pace {
    pub fn new(rate: f64) -> Self {
        let every = if rate > 0.0 {
            Duration::from_secs_f64(1.0 / rate)
        } else {
            Duration::ZERO
        };
        Self {
            next: Rc::new(RefCell::new(Instant::now())),
            every,
        }
    }

    /// Wait for the next turn; when it was due. None once the end is there, whoever still waits.
    pub async fn turn(&self, end: Instant) -> Option<Instant> {
        let now = Instant::now();
        if now >= end {
            return None;
        }
        if self.every.is_zero() {
            return Some(now);
        }
        let due = self.next.replace_with(|next| *next + self.every);
        if due >= end {
            return None;
        }
        tokio::time::sleep_until(due.into()).await;
        Some(due)
    }
}
