//! `statusline`: the line below Claude Code's prompt. There always is one, and it waits for nobody.

use std::io::IsTerminal as _;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::cli::statusline::BurnRateForm;
use crate::cli::statusline::StatuslineArgs;
use crate::command::gather;
use crate::command::gather::session;
use crate::context::Context;
use crate::domain::block;
use crate::domain::instant;
use crate::domain::live::CostSource;
use crate::domain::live::Live;
use crate::domain::price::PriceBook;
use crate::error::Failure;
use crate::report::status;
use crate::report::status::StatusReport;
use crate::report::statusline;
use crate::report::statusline::Usage;
use crate::source::prices;
use crate::source::statusline::read;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;
use crate::view;
use crate::view::statusline::Look;

/// Breaks of five hours are looked for so far back.
const MOST_DAYS: i64 = 64;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &StatuslineArgs) -> Result<(), Failure> {
    let line = catch_unwind(AssertUnwindSafe(|| line(ctx, ui, args)));
    line.unwrap_or_else(|_| Err(Failure::new("the status line failed for a fault of its own")))
}

fn line(ctx: &Context, ui: &mut Ui, args: &StatuslineArgs) -> Result<(), Failure> {
    ui.paint_pipes();
    let live = live();
    let tz = args.timezone.unwrap_or_default().or(ctx.time_zone);
    let prices = noticed(ctx, gather::price_book(ctx)).unwrap_or_else(prices::built_in);
    let path = ctx.paths.ledger_file();
    let opened = LedgerStore::open_briefly(&path);
    let mut ledger = noticed(ctx, opened).or_else(|| LedgerStore::open_read_only(&path).ok());
    if let (Some(ledger), Some(transcript)) = (&mut ledger, &live.transcript) {
        noticed(ctx, gather::import::of_conversation(ctx, ledger, transcript));
    }
    let usage = ledger
        .as_ref()
        .and_then(|ledger| noticed(ctx, usage(ctx, ledger, &prices, &live, tz, args.cost_source)).flatten());
    let session = ledger.as_ref().and_then(|ledger| noticed(ctx, session(ctx, ledger, &live, &prices)).flatten());

    let report = statusline::build(&live, usage.as_ref(), session.as_ref(), &prices, args.cost_source, ctx.now);

    let template = ctx.config.statusline.clone().unwrap_or_default();
    let text = if args.json {
        view::json::pretty(&report)?
    } else {
        view::statusline::line(&report, &template, look(args), ctx.now, tz, ui.style())
    };
    ui.data(&text)?;
    ui.flush()?;
    // Last, so that a kill or a busy ledger cannot take the line away.
    if let (Some(ledger), Some(seen)) = (&mut ledger, live.seen(ctx.now)) {
        noticed(ctx, ledger.put_status(&seen));
    }
    drop(ledger);
    noticed(ctx, gather::background::refresh(ctx));
    Ok(())
}

/// What Claude Code says. Typed by hand, there is nothing to wait for.
fn live() -> Live {
    let stdin = std::io::stdin();
    if stdin.is_terminal() { Live::default() } else { read(stdin.lock()) }
}

/// What could be had; what failed is a warning beside the line.
fn noticed<T, E: Into<Failure>>(ctx: &Context, outcome: Result<T, E>) -> Option<T> {
    outcome.map_err(|error| ctx.notice(error.into().message())).ok()
}

/// The session that is running where the conversation is.
fn session(
    ctx: &Context,
    ledger: &LedgerStore,
    live: &Live,
    prices: &PriceBook,
) -> Result<Option<StatusReport>, Failure> {
    let store = gather::store(ctx);
    let active = store.active()?;
    if active.is_empty() {
        return Ok(None);
    }
    let here = gather::here_in(ctx, live.directory.as_deref().unwrap_or(&ctx.paths.directory));
    let Some(session) = session::of_project(&active, &here) else { return Ok(None) };
    let Some(session) = store.load(session.id)? else { return Ok(None) };
    let measured = gather::overlap::own_events(ctx, ledger, &session)?;
    Ok(Some(status::build(&session, &measured, prices, ctx.now, ctx.config.active_gap)))
}

/// `None` while the ledger knows of no usage at all: that is not the same as none today.
fn usage(
    ctx: &Context,
    ledger: &LedgerStore,
    prices: &PriceBook,
    live: &Live,
    tz: Tz,
    source: CostSource,
) -> anyhow::Result<Option<Usage>> {
    let blocks = block::blocks(&gather::activity::recent(ledger, ctx.now, Some(MOST_DAYS))?, block::LENGTH);
    let block = blocks.last().copied().filter(|block| block.is_active(ctx.now));
    let day = ctx.now.with_timezone(&tz).date_naive();
    let day_began_at = instant::from_local(day.and_time(NaiveTime::MIN), tz).unwrap_or(ctx.now);
    let since = block.map_or(day_began_at, |block| block.start.min(day_began_at));
    let recent = gather::usage::sums(ledger, prices, Some(since), None)?;
    if recent.is_empty() && !ledger.has_transcripts()? {
        return Ok(None);
    }
    let mut conversation = None;
    if statusline::needs_conversation(source, live)
        && let (Some(id), Some(transcript)) = (&live.conversation, &live.transcript)
        && let Some(mark) = ledger.files_at(std::iter::once(transcript.to_string_lossy()))?.into_values().next()
    {
        let mut sums = gather::usage::sums(ledger, prices, mark.began_at, None)?;
        sums.retain(|sum| sum.place.conversation.as_ref() == Some(id));
        conversation = Some(sums);
    }
    Ok(Some(Usage { recent, day_began_at, block, conversation }))
}

fn look(args: &StatuslineArgs) -> Look {
    let form = args.visual_burn_rate;
    Look {
        pace_emoji: matches!(form, BurnRateForm::Emoji | BurnRateForm::EmojiText),
        pace_word: matches!(form, BurnRateForm::Text | BurnRateForm::EmojiText),
        context_low: args.context_low_threshold,
        context_medium: args.context_medium_threshold,
    }
}
