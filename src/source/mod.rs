//! Readers of what other programs wrote.

pub(crate) mod prices;
pub(crate) mod tokenizer;
