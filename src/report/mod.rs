//! What is shown, computed: plain serializable data with all sums done.

pub(crate) mod attribution;
pub(crate) mod block;
pub(crate) mod commits;
pub(crate) mod compare;
pub(crate) mod cross_check;
pub(crate) mod doctor;
pub(crate) mod estimate;
pub(crate) mod export;
pub(crate) mod glance;
pub(crate) mod insight;
pub(crate) mod price;
pub(crate) mod reconcile;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod span;
pub(crate) mod status;
pub(crate) mod statusline;
pub(crate) mod sync;
pub(crate) mod trend;
pub(crate) mod usage;
