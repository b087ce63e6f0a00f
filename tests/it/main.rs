//! Every command, run as a user runs it.

mod estimate;
mod sandbox;
mod tidy;
