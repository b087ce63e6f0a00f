//! What reading the transcripts gave.

use serde::Serialize;

use crate::domain::estimate::own::Fit;
use crate::domain::estimate::own::OwnFactor;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SyncReport {
    /// Transcripts that are there.
    pub(crate) transcripts: u64,
    /// Those that had something new in them.
    pub(crate) read: u64,
    /// Exchanges that the ledger did not know.
    pub(crate) new: u64,
    /// Exchanges of which more is known now.
    pub(crate) changed: u64,
    /// All that the ledger holds by now, those of transcripts that are gone among them.
    pub(crate) exchanges: u64,
    /// Lines that could not be read, in all transcripts: they are in no total.
    pub(crate) skipped: u64,
    /// What estimates are multiplied by, by tokenizer.
    pub(crate) calibrations: Vec<OwnCalibration>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct OwnCalibration {
    pub(crate) tokenizer: String,
    #[serde(flatten)]
    pub(crate) factor: OwnFactor,
}

/// Those that are in force.
pub(crate) fn calibrations(fits: Vec<Fit>) -> Vec<OwnCalibration> {
    let in_force = fits.into_iter().filter(Fit::is_in_force);
    in_force.map(|fit| OwnCalibration { tokenizer: fit.tokenizer, factor: fit.factor }).collect()
}
