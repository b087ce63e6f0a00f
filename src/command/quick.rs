//! `quick`: records an exchange by its kind of task.

use crate::cli::session::QuickArgs;
use crate::command::gather;
use crate::command::gather::session;
use crate::command::gather::typed;
use crate::context::Context;
use crate::domain::session::Session;
use crate::domain::session::journal::Basis;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Logged;
use crate::domain::session::rules;
use crate::domain::task;
use crate::domain::task::Task;
use crate::domain::tokens::TokenUsage;
use crate::error::Failure;
use crate::store::lock::Patience;
use crate::ui::Ui;

/// From so many own entries of a task on, their median is a better guess than the preset.
const LEAST_HISTORY: usize = 3;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &QuickArgs) -> Result<(), Failure> {
    let at = typed::at(ctx, &args.at)?;
    let task = typed::task(ctx, &args.task)?;
    let text = typed::text("the text", &args.text, rules::MOST_TEXT_CHARACTERS)?;
    let id = session::open_session(ctx, args.session.session.as_deref())?;
    let prices = gather::price_book(ctx)?;
    let own_model = args.model.as_deref().map(|model| typed::model(ctx, &prices, model, at)).transpose()?;
    let history = history(ctx, ui, &task);

    let session = session::add(ctx, id, Patience::COMMAND, |session| {
        session.check_item(at).map_err(|refusal| session::refused(ctx, session, refusal))?;
        let (tokens, basis) = guess(ctx, &task, history, session)?;
        let model = own_model.unwrap_or_else(|| session.start.model.clone());
        let logged = Logged { text, task: Some(task), model, tokens, basis, extra: false, infra: Vec::new() };
        Ok((at, Happening::Logged(Box::new(logged))))
    })?;

    gather::import::of_session(ctx, &session);
    gather::acknowledge(ctx, ui, &session, &prices);
    Ok(())
}

/// What entries of this kind used in earlier sessions. A ledger that cannot be read costs the guess some quality, not
/// the person their entry.
fn history(ctx: &Context, ui: &mut Ui, task: &Task) -> Vec<TokenUsage> {
    let history = gather::ledger::whole(ctx).and_then(|ledger| Ok(ledger.history_of(task)?));
    history.unwrap_or_else(|failure| {
        ui.warning(&format!("earlier entries are not looked at: {}", failure.message()));
        Vec::new()
    })
}

fn guess(
    ctx: &Context,
    task: &Task,
    mut history: Vec<TokenUsage>,
    session: &Session,
) -> Result<(TokenUsage, Basis), Failure> {
    if session.entries.iter().any(|entry| entry.logged.task.as_ref() == Some(task)) {
        history.extend(session.used_for(task, &gather::measured(ctx, session)));
    }
    if history.len() >= LEAST_HISTORY
        && let Some(median) = task::median(&history)
    {
        let entries = u32::try_from(history.len()).unwrap_or(u32::MAX);
        return Ok((median, Basis::History { entries }));
    }
    let preset = gather::tasks(ctx).preset(task).ok_or_else(|| Failure::new(format!("task `{task}` has no preset")))?;
    Ok((preset, Basis::Preset))
}
