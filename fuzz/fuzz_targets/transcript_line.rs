//! A transcript, line by line and as a whole.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claude_cost::fuzzing::transcript(bytes));
