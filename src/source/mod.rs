//! Readers of what other programs wrote.

pub(crate) mod ccusage;
pub(crate) mod claude_settings;
mod field;
pub(crate) mod git;
pub(crate) mod message;
pub(crate) mod prices;
pub(crate) mod statusline;
pub(crate) mod text;
pub(crate) mod tokenizer;
pub(crate) mod transcript;
