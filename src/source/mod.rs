//! Readers of what other programs wrote.
