//! Every command, run as a user runs it.

mod config;
mod estimate;
mod init;
mod sandbox;
mod tidy;
