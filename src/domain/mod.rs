//! Facts and arithmetic. No I/O, no clock, no floats: what is here can be tested with values alone.
#![deny(clippy::float_arithmetic)]

pub(crate) mod block;
pub(crate) mod commit;
pub(crate) mod decimal;
pub(crate) mod estimate;
pub(crate) mod event;
pub(crate) mod folder;
pub(crate) mod foreign;
pub(crate) mod import;
pub(crate) mod infra;
pub(crate) mod instant;
pub(crate) mod ledger;
pub(crate) mod live;
pub(crate) mod model;
pub(crate) mod money;
pub(crate) mod period;
pub(crate) mod price;
pub(crate) mod ratio;
pub(crate) mod route;
pub(crate) mod session;
pub(crate) mod status;
pub(crate) mod task;
pub(crate) mod tokens;
