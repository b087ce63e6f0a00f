//! Every command, run as a user runs it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod by_hand;
mod claude;
mod commit_hook;
mod concurrency;
mod config;
mod crash;
mod disk;
mod doctor;
mod edit;
mod end;
mod estimate;
mod export;
mod help;
mod hostile;
mod init;
mod install;
mod log;
mod measured;
mod output;
mod pause;
mod permissions;
mod prices;
mod quick;
mod readme;
mod sandbox;
mod sessions;
mod show;
mod start;
mod status;
mod statusline;
mod tidy;
mod transcripts;
mod undo;
mod usage;
mod workflows;
