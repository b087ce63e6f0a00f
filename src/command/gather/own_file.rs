//! The user's own configuration and prices: two terminals that change them at once must lose nothing.

use crate::error::Failure;
use crate::paths::Paths;
use crate::store;
use crate::store::lock::Lock;
use crate::store::lock::Patience;

/// The right to read, change and write a file of the user's; others wait until it is dropped.
pub(crate) fn lock(paths: &Paths) -> Result<Lock, Failure> {
    store::fs::create_private_dir(&paths.config)?;
    let path = paths.config.join("config.lock");
    Lock::acquire(&path, Patience::COMMAND)?.ok_or_else(|| {
        Failure::new("another claude-cost is still changing your settings or prices")
            .with_hint("nothing was changed: try again in a moment")
    })
}
