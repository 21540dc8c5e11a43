//! Any bytes as a JSON body of each signal: refused or decoded, never a panic.
#![no_main]

use goldeneye_native::Encoding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| goldeneye_fuzz::decode_as_each_signal(Encoding::Json, body));
