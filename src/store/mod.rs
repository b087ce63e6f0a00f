//! The program's own files.

pub(crate) mod fs;
