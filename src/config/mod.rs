//! Settings: defaults, overlaid by the user's file, the project's, the environment and flags.

use chrono_tz::Tz;

use crate::env::Env;
use crate::error::Failure;
use crate::paths::Paths;

#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) time_zone: Option<Tz>,
}

impl Config {
    pub(crate) fn load(_env: &Env, _paths: &Paths, _flags: &[String]) -> Result<Self, Failure> {
        Ok(Self::default())
    }
}
