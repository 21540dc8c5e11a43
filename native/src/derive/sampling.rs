//! How many spans one stands for, by its trace state.

/// Probabilities are parts of 2^56, as thresholds of 14 hex digits are.
const WHOLE: i64 = 1 << 56;
const DIGITS: usize = 14;

/// 2^56 spans for each 2^56 - T, where T is the threshold `th` of the vendor `ot`; else one.
pub fn adjusted_count(trace_state: Option<&str>) -> f64 {
    let threshold = trace_state.and_then(|text| threshold(text.as_bytes()));
    threshold.map_or(1.0, |threshold| WHOLE as f64 / (WHOLE - threshold) as f64)
}

/// Of the first list member of `ot` that has a threshold.
fn threshold(text: &[u8]) -> Option<i64> {
    text.split(|&byte| byte == b',').find_map(of_member)
}

fn of_member(member: &[u8]) -> Option<i64> {
    let start = member
        .iter()
        .position(|&byte| byte != b' ' && byte != b'\t')?;
    let fields = member[start..].strip_prefix(b"ot=")?;
    // Of several the last counts.
    fields.split(|&byte| byte == b';').rev().find_map(of_field)
}

fn of_field(field: &[u8]) -> Option<i64> {
    let value = field.strip_prefix(b"th:")?;
    let digits = value
        .iter()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        .count();
    let rest = &value[digits..];
    let is_whole = rest.iter().all(|&byte| byte == b' ' || byte == b'\t');
    if !(1..=DIGITS).contains(&digits) || !is_whole {
        return None;
    }
    let digits = std::str::from_utf8(&value[..digits]).ok()?;
    i64::from_str_radix(&format!("{digits:0<DIGITS$}"), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::adjusted_count;

    #[test]
    fn thresholds_are_found() {
        for (text, count) in [
            ("", 1.0),
            ("ot=th:8", 2.0),
            ("a=b, ot=rv:1;th:c\t,c=d", 4.0),
            ("ot=th:8;th:c", 4.0),
            ("ot=th:c;th:x", 4.0),
            ("ot=th:0,ot=th:8", 1.0),
            ("ot=rv:1,ot=th:8", 2.0),
            ("ot=th:", 1.0),
            ("ot=th:8z", 1.0),
            ("ot=th:800000000000000", 1.0),
            ("xot=th:8", 1.0),
        ] {
            assert_eq!(adjusted_count(Some(text)), count, "{text}");
        }
        assert_eq!(adjusted_count(None), 1.0);
    }
}
