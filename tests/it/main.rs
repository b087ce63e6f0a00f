//! Every command, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod config;
mod estimate;
mod help;
mod init;
mod install;
mod prices;
mod readme;
mod sandbox;
mod tidy;
