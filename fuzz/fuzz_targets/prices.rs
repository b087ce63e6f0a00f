//! A price file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claude_cost::fuzzing::prices(bytes));
