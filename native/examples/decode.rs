//! Decode one body over and over, for a profiler: `decode SIGNAL ENCODING FILE SECONDS`.

use std::time::{Duration, Instant};

use goldeneye_native::{Encoding, PromotedKeys, Signal, decode};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let signal = Signal::from_name(&arguments[1]).expect("a signal");
    let encoding = if arguments[2] == "json" {
        Encoding::Json
    } else {
        Encoding::Protobuf
    };
    let body = std::fs::read(&arguments[3]).expect("a file");
    let limit = Duration::from_secs(arguments[4].parse().expect("seconds"));
    let keys = well_known_keys();
    let start = Instant::now();
    let (mut decoded, mut items) = (0u64, 0);
    while start.elapsed() < limit {
        items = decode(signal, encoding, &[(&body, 1)], &keys).outcomes[0].accepted;
        decoded += items;
    }
    let rate = decoded as f64 / start.elapsed().as_secs_f64();
    println!("{rate:.0} items/s, {items} a body");
}

/// Of the file that the Python package reads: two lists of `key: type`.
fn well_known_keys() -> PromotedKeys {
    let text = include_str!("../../src/goldeneye/attribute_keys.yaml");
    let (own, resource) = text
        .split_once("resource_attributes:")
        .expect("two lists of keys");
    let pairs = |list: &str| -> Vec<(String, String)> {
        list.lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .filter_map(|line| line.trim().split_once(": "))
            .map(|(key, kind)| (key.to_owned(), kind.to_owned()))
            .collect()
    };
    PromotedKeys::new(&pairs(own), &pairs(resource)).expect("known types")
}
