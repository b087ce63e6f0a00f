//! Reports as text, pages and screens. A view lays out what a report has summed; it adds nothing up and opens no file.

pub(crate) mod block;
pub(crate) mod commits;
pub(crate) mod compare;
pub(crate) mod cross_check;
pub(crate) mod csv;
pub(crate) mod doctor;
pub(crate) mod estimate;
pub(crate) mod export;
pub(crate) mod format;
pub(crate) mod glance;
pub(crate) mod insight;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod price;
pub(crate) mod reconcile;
pub(crate) mod session;
pub(crate) mod statusline;
pub(crate) mod style;
pub(crate) mod sync;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod trend;
pub(crate) mod usage;
