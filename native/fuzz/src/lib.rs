//! What the targets share: a body goes through the decoder of each signal, twice in one group.

use std::sync::OnceLock;

use arrow_array::{Array, ArrayRef};
use goldeneye_native::{Encoding, Outcome, PromotedKeys, Signal, decode, items};

/// Metric series are told once a group, not once a body.
const SERIES: &str = "metric_series";

/// The second time must give what the first gave: the decoder remembers, and must not show it.
pub fn decode_as_each_signal(encoding: Encoding, body: &[u8]) {
    static KEYS: OnceLock<PromotedKeys> = OnceLock::new();
    let keys = KEYS.get_or_init(promoted_keys);
    for signal in [Signal::Traces, Signal::Metrics, Signal::Logs] {
        let decoded = decode(signal, encoding, &[(body, 1), (body, 1)], keys);
        let [first, second] = &decoded.outcomes[..] else {
            panic!("not one outcome for each body");
        };
        check_outcomes(first, second);
        let found = first.accepted + first.rejected.iter().map(|(_, count)| count).sum::<u64>();
        assert!(
            items(signal, encoding, body) as u64 >= found,
            "more items than were told"
        );
        let is_refused = first.error.is_some();
        assert!(
            !is_refused || decoded.tables.is_empty(),
            "rows of a refused body"
        );
        for table in &decoded.tables {
            for (name, column) in &table.columns {
                check_column(name, column, table.rows, table.name != SERIES);
            }
        }
    }
}

fn check_outcomes(first: &Outcome, second: &Outcome) {
    assert_eq!(first.accepted, second.accepted);
    assert!(first.rejected.iter().eq(second.rejected.iter()));
    assert!(first.warnings.iter().eq(second.warnings.iter()));
    // Not the words: attributes are named by index where they were seen before, else by key.
    assert_eq!(first.error.is_some(), second.error.is_some());
}

/// Arrow as it must be, text UTF-8 among other things; the second half equal to the first.
fn check_column(name: &str, column: &ArrayRef, rows: usize, is_twice: bool) {
    assert_eq!(column.len(), rows, "{name}");
    column.to_data().validate_full().expect(name);
    if is_twice {
        let half = rows / 2;
        assert!(column.slice(0, half) == column.slice(half, half), "{name}");
    }
}

/// A key of each type for attributes, and one for resources.
fn promoted_keys() -> PromotedKeys {
    let own = [
        ("a", "string"),
        ("b", "int"),
        ("c", "double"),
        ("d", "bool"),
    ];
    let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = |&(key, kind): &(&str, &str)| (key.to_owned(), kind.to_owned());
        list.iter().map(owned).collect()
    };
    PromotedKeys::new(&pairs(&own), &pairs(&[("service.name", "string")])).expect("known types")
}
