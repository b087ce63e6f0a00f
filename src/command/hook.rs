//! `hook`: what other programs call when something happened. Never in anyone's way: what goes wrong stays unsaid.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use crate::cli::setup::HookArgs;
use crate::cli::setup::HookEvent;
use crate::command::gather;
use crate::command::gather::session;
use crate::context::Context;
use crate::domain::session::journal::Happening;
use crate::error::Failure;
use crate::source::git;
use crate::store::lock::Patience;

pub(crate) fn run(ctx: &Context, args: &HookArgs) {
    match args.event {
        HookEvent::PostCommit => {
            // A commit must not fail, nor look as if it had, because its session could not be told.
            let _ = catch_unwind(AssertUnwindSafe(|| post_commit(ctx)));
        }
    }
}

fn post_commit(ctx: &Context) -> Result<(), Failure> {
    let active = gather::store(ctx).active()?;
    if active.is_empty() {
        return Ok(());
    }
    let here = gather::here(ctx);
    let Some(hash) = here.head.as_ref().and_then(|head| head.hash.clone()) else { return Ok(()) };
    // Commits that a rebase makes again are no new work.
    let Some(session) =
        session::of_project(&active, &here).filter(|_| !git::is_replaying(&ctx.paths.directory).unwrap_or(false))
    else {
        return Ok(());
    };
    session::add_unseen(ctx, session.id, Patience::HOOK, Happening::Committed { hash: hash.to_string() })
}
