//! What is shown, computed: plain serializable data with all sums done.

pub(crate) mod estimate;
pub(crate) mod price;
