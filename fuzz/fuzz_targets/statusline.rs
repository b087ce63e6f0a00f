//! What Claude Code gives to a status line.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claude_cost::fuzzing::statusline(bytes));
