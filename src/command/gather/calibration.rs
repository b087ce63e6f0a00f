//! Estimates fitted to the person's own transcripts.

use std::collections::BTreeMap;

use crate::command::gather;
use crate::context::Context;
use crate::domain::estimate::Calibration;
use crate::domain::estimate::Estimate;
use crate::domain::estimate::Family;
use crate::domain::estimate::own::Evidence;
use crate::domain::estimate::own::Fit;
use crate::domain::estimate::own::LEAST_MESSAGES;
use crate::domain::estimate::own::MOST_MESSAGES;
use crate::domain::estimate::own::OwnFactor;
use crate::domain::estimate::own::tokenizer;
use crate::domain::model::ModelId;
use crate::error::Failure;
use crate::source::message;
use crate::source::tokenizer::Cl100k;
use crate::source::transcript;
use crate::store::ledger::LedgerStore;

/// A factor changes slowly, and finding it takes a tokenizer.
const GOOD_FOR_HOURS: i64 = 24;

/// Has a process of its own look at the newest answers, if that was long ago and there are enough: nobody waits for it.
pub(crate) fn refresh_later(ctx: &Context, ledger: &LedgerStore) -> Result<(), Failure> {
    if ledger.is_lasting() && is_due(ctx, ledger)? && ledger.has_exchanges(LEAST_MESSAGES)? {
        gather::background::refresh(ctx)?;
    }
    Ok(())
}

fn is_due(ctx: &Context, ledger: &LedgerStore) -> anyhow::Result<bool> {
    Ok(ledger.calibrated_at()?.is_none_or(|at| (ctx.now - at).num_hours() >= GOOD_FOR_HOURS))
}

/// Looks at the newest answers again, if that was long ago.
pub(crate) fn refresh(ctx: &Context, ledger: &mut LedgerStore) -> Result<(), Failure> {
    if !is_due(ctx, ledger)? {
        return Ok(());
    }
    let (files, _) = transcript::find(&ctx.paths.claude, &ctx.paths.claude_desktop);
    let mut evidence: BTreeMap<String, (Calibration, Vec<Evidence>)> = BTreeMap::new();
    for answer in transcript::answers(files, MOST_MESSAGES) {
        let Ok(counted) = message::read(&answer.message, &Cl100k) else { continue };
        let (family, calibration) = Family::of(&answer.model);
        let estimate = counted.content.estimate(counted.form, family, calibration);
        if !estimate.is_lower_bound && !estimate.is_mostly_non_latin {
            let known = evidence.entry(tokenizer(&answer.model)).or_insert_with(|| (calibration, Vec::new()));
            known.1.push(Evidence { tokens: answer.output, milli: estimate.milli });
        }
    }
    let fits = evidence.into_iter().filter_map(|(tokenizer, (calibration, evidence))| {
        let newest = &evidence[..evidence.len().min(MOST_MESSAGES)];
        Some(Fit { tokenizer, factor: OwnFactor::of(newest, calibration)?, at: ctx.now })
    });
    Ok(ledger.put_fits(ctx.now, &fits.collect::<Vec<_>>())?)
}

/// What the person's own answers say of estimates.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnFactors(BTreeMap<String, OwnFactor>);

impl OwnFactors {
    /// A ledger that cannot be read makes estimates no worse than they were.
    pub(crate) fn load(ctx: &Context) -> Self {
        let fits = LedgerStore::open_to_read(&ctx.paths.ledger_file()).and_then(|ledger| ledger.fits());
        let in_force = fits.unwrap_or_default().into_iter().filter(Fit::is_in_force);
        Self(in_force.map(|fit| (fit.tokenizer, fit.factor)).collect())
    }

    pub(crate) fn applied(&self, model: &ModelId, estimate: Estimate) -> Estimate {
        self.0.get(&tokenizer(model)).map_or(estimate, |factor| factor.applied(estimate))
    }
}
