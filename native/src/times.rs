//! What is odd about the time that an item gives (docs/decoding.md, section 7).

use crate::counts::Counts;

/// Clocks that differ by more than this are wrong.
const MAX_AHEAD_NS: i64 = 3_600_000_000_000;
/// What is older was kept back for a while.
const LATE_AFTER_NS: i64 = 24 * 3_600_000_000_000;
/// The year 2000: seconds, milli- and microseconds read as nanoseconds lie before it.
const YEAR_2000_NS: u64 = 946_684_800_000_000_000;

#[inline]
pub fn check_time(sent: u64, received_time_ns: i64, warnings: &mut Counts) {
    let newest = received_time_ns.saturating_add(MAX_AHEAD_NS);
    if sent > newest.max(0) as u64 {
        warnings.add("future_time");
    } else if sent == 0 {
        // Not said; other rules have their say.
    } else if sent < YEAR_2000_NS {
        warnings.add("ancient_time");
    } else if (sent as i64) < received_time_ns.saturating_sub(LATE_AFTER_NS) {
        warnings.add("late_time");
    }
}
