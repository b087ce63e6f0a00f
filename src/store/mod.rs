//! The program's own files: session journals, the ledger, archived reports.

pub(crate) mod background;
pub(crate) mod fs;
pub(crate) mod git_hook;
pub(crate) mod journal;
pub(crate) mod ledger;
pub(crate) mod lock;
pub(crate) mod report;
pub(crate) mod session;
pub(crate) mod spool;
pub(crate) mod told;
