//! Every command, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod concurrency;
mod config;
mod crash;
mod disk;
mod estimate;
mod help;
mod hostile;
mod init;
mod install;
mod output;
mod permissions;
mod prices;
mod readme;
mod sandbox;
mod tidy;
