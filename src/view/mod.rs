//! Reports as text, pages and screens. A view lays out what a report has summed; it adds nothing up and opens no file.

pub(crate) mod estimate;
pub(crate) mod format;
pub(crate) mod style;
pub(crate) mod text;
