//! The ledger as commands find it: in line with the journals, mended where it is damaged, and never in anyone's way.

use crate::command::gather::store;
use crate::context::Context;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::error::Failure;
use crate::store::ledger;
use crate::store::ledger::LedgerStore;
use crate::store::session::Closed;
use crate::view::format;

/// The ledger, which has seen all closed sessions. When the one on disk cannot be used, a copy takes its place for this
/// command, or at worst one made from the journals, and a notice says so.
pub(crate) fn whole(ctx: &Context) -> Result<LedgerStore, Failure> {
    with_mending(ctx, || {
        let ledger = LedgerStore::open(&ctx.paths.ledger_file())?;
        if ledger.knows_journals()? { Ok(ledger) } else { filled(ctx, ledger) }
    })
    .or_else(|error| {
        let ledger = if let Ok(copy) = LedgerStore::in_memory_copy(&ctx.paths.ledger_file()) {
            ctx.notice(format!("{error:#}; until that is mended, nothing new is kept"));
            copy
        } else {
            ctx.notice(unusable(&error));
            LedgerStore::in_memory()?
        };
        Ok(filled(ctx, ledger)?)
    })
}

/// Takes in a closed session. When the ledger cannot, the next command will: until then its journal stays where it is.
pub(crate) fn put(ctx: &Context, session: &Session) -> bool {
    attempt(ctx, |ledger| ledger.put_session(session))
}

/// Forgets a session that is about to change.
pub(crate) fn forget(ctx: &Context, id: SessionId) {
    attempt(ctx, |ledger| ledger.remove_session(id));
}

/// Puts a ledger aside in which a command met damage, so that the command can be typed again.
pub(crate) fn mended(ctx: &Context, failure: Failure) -> Failure {
    if ledger::is_damage(failure.cause()) && set_aside(ctx).is_ok() {
        return failure.with_hint("type the command again");
    }
    failure
}

fn unusable(error: &anyhow::Error) -> String {
    format!("{error:#}; until that is mended, closed sessions are read from their journals")
}

fn attempt(ctx: &Context, mut work: impl FnMut(&mut LedgerStore) -> anyhow::Result<()>) -> bool {
    let outcome = with_mending(ctx, || work(&mut LedgerStore::open(&ctx.paths.ledger_file())?));
    if let Err(error) = &outcome {
        ctx.notice(unusable(error));
    }
    outcome.is_ok()
}

fn with_mending<T>(ctx: &Context, mut work: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    match work() {
        Err(error) if ledger::is_damage(&error) => {
            set_aside(ctx)?;
            work()
        }
        outcome => outcome,
    }
}

fn set_aside(ctx: &Context) -> anyhow::Result<()> {
    if let Some(aside) = ledger::set_aside(&ctx.paths.ledger_file())? {
        ctx.notice(format!(
            "the ledger was damaged: it is kept as {}, and a new one is made from the journals",
            aside.display()
        ));
    }
    Ok(())
}

fn filled(ctx: &Context, mut ledger: LedgerStore) -> anyhow::Result<LedgerStore> {
    let closed = store(ctx).closed()?;
    ledger.put_all_sessions(&closed.sessions)?;
    notice_unread(ctx, &closed);
    Ok(ledger)
}

/// Says which journals are in no figure.
pub(crate) fn notice_unread(ctx: &Context, closed: &Closed) {
    if let Some(first) = closed.unread.first() {
        let count = format::count(closed.unread.len() as u64, "journal");
        ctx.notice(format!("{count} of closed sessions could not be read: {}", first.display()));
    }
}
