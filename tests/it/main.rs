//! Every command, run as a user runs it.

mod sandbox;
mod tidy;
