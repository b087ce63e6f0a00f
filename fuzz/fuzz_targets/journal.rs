//! The journal of a session.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claude_cost::fuzzing::journal(bytes));
