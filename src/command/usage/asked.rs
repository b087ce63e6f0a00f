//! What of the usage was asked for, and how it is to look.

use chrono::DateTime;
use chrono::Utc;
use chrono_tz::Tz;

use crate::cli::usage::FormArgs;
use crate::cli::usage::Order;
use crate::cli::usage::SharedArgs;
use crate::command::gather;
use crate::context::Context;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::error::Failure;
use crate::report::usage::Direction;
use crate::report::usage::filter::Filter;
use crate::store::ledger::LedgerStore;
use crate::ui::Ui;
use crate::view::format;
use crate::view::style::Style;
use crate::view::usage::Look;

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) since: Option<DateTime<Utc>>,
    /// Without this instant itself.
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) filter: Filter,
    pub(super) direction: Option<Direction>,
    pub(super) form: Form,
    pub(super) look: Look,
    has_color: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Table,
    Json,
    Csv,
    Markdown,
}

impl Form {
    pub(super) fn of(typed: &FormArgs) -> Self {
        match (typed.json, typed.csv, typed.markdown) {
            (true, _, _) => Self::Json,
            (_, true, _) => Self::Csv,
            (_, _, true) => Self::Markdown,
            _ => Self::Table,
        }
    }
}

impl Asked {
    /// `last` is how many days, weeks or months up to now are asked for.
    pub(super) fn new(ctx: &Context, typed: &SharedArgs, last: Option<(Unit, u32)>) -> Result<Self, Failure> {
        let tz = typed.filter.timezone.unwrap_or_default().or(ctx.time_zone);
        let (since, until) = gather::usage::span(typed.days, tz)?;
        let last = last.map(|(unit, count)| match count.checked_sub(1) {
            Some(before) => Period::at(unit, ctx.now, tz).back(before).start(tz),
            None => Period::at(unit, ctx.now, tz).end(tz),
        });
        Ok(Self {
            since: since.or(last),
            until,
            filter: gather::filter::filter(ctx, &typed.filter)?,
            direction: typed.order.map(|order| match order {
                Order::Asc => Direction::Ascending,
                Order::Desc => Direction::Descending,
            }),
            form: Form::of(&typed.form),
            look: Look { tz, has_costs: !typed.no_cost, has_models: false, is_compact: typed.compact },
            has_color: !typed.no_color,
        })
    }

    pub(super) fn with_models(mut self, has_models: bool) -> Self {
        self.look.has_models = has_models;
        self
    }

    pub(super) fn style(&self, ui: &Ui) -> Style {
        let style = ui.style();
        Style::new(style.has_color() && self.has_color, style.width_columns())
    }

    /// Why there is nothing to see, and what can be done.
    pub(super) fn nothing(&self, ctx: &Context) -> String {
        nothing(ctx, self.is_part())
    }

    /// Whether a part of the usage is asked for.
    pub(super) fn is_part(&self) -> bool {
        self.since.is_some() || self.until.is_some() || !self.filter.is_empty()
    }
}

/// Why there is nothing to see; `is_part` says whether only a part of the usage was asked for.
pub(super) fn nothing(ctx: &Context, is_part: bool) -> String {
    if is_part {
        return "No usage matches; without options all of it is shown.".to_owned();
    }
    let places: Vec<_> = ctx.paths.claude.iter().map(|path| path.display().to_string()).collect();
    format!(
        "No usage yet: work with Claude Code, and it shows here.\nIts transcripts are looked for in {}; CLAUDE_CONFIG_DIR names another place.",
        places.join(", ")
    )
}

/// The same of a report that shows the last days only.
pub(super) fn nothing_lately(ctx: &Context, ledger: &LedgerStore, filter: &Filter, tz: Tz) -> Result<String, Failure> {
    let Some(last) = ledger.last_at()? else { return Ok(nothing(ctx, false)) };
    if !filter.is_empty() {
        return Ok(
            "No usage of these days matches; claude-cost monthly with the same filters shows all that does.".to_owned()
        );
    }
    Ok(format!("No usage in these days: the last was on {}, and claude-cost monthly shows all.", format::day(last, tz)))
}
