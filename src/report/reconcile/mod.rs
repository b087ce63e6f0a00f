//! What conversations cost by our reckoning beside what Claude Code says itself, and why these differ.

mod explain;
mod family;
mod unknown;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use chrono::DateTime;
use chrono::NaiveDate;
use chrono::TimeDelta;
use chrono::Utc;
use chrono_tz::Tz;
use serde::Serialize;

use crate::domain::import::CostState;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::ratio::Ratio;
use crate::domain::status::RateLimit;
use crate::domain::status::StatusCost;
use crate::report::reconcile::explain::Ours;
use crate::report::reconcile::explain::Stated;
use crate::report::usage::filter::is_project;

pub(crate) use crate::report::reconcile::explain::Explanation;
pub(crate) use crate::report::reconcile::family::Families;

pub(crate) struct Facts<'a> {
    /// All that was measured, whatever the filter: totals are of whole conversations.
    pub(crate) sums: &'a [UsageSum],
    pub(crate) states: &'a [CostState],
    pub(crate) statuses: &'a [StatusCost],
    /// Of a plan, as the status line was told last.
    pub(crate) limits: &'a [RateLimit],
    pub(crate) titles: &'a BTreeMap<String, String>,
    pub(crate) families: &'a Families,
    pub(crate) prices: &'a PriceBook,
    pub(crate) tz: Tz,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReconcileReport {
    /// In order of the day on which they last were at work.
    pub(crate) conversations: Vec<Row>,
    pub(crate) totals: Totals,
    /// Conversations of which Claude Code states no total: those that still run, and those of old versions.
    pub(crate) not_stated: NotStated,
    /// How much of a plan's limits was used up when a status line was last told.
    pub(crate) limits: Vec<RateLimit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// Several are forks of one another, of whose totals the greatest has the most in it.
    pub(crate) conversations: Vec<String>,
    pub(crate) title: Option<String>,
    pub(crate) last_day: Option<NaiveDate>,
    pub(crate) exchanges: u64,
    pub(crate) ours: Usd,
    /// Tokens of models without a price: they are not in `ours`.
    pub(crate) unpriced_tokens: u64,
    /// Claude Code's figure: what it wrote at the end, and where it did not, what it told the status line.
    pub(crate) stated: Usd,
    /// What it wrote at the end of the conversation.
    pub(crate) cost_state: Option<Usd>,
    /// What it told the status line.
    pub(crate) status_line: Option<Usd>,
    /// Its figure less ours.
    pub(crate) difference: Usd,
    /// In parts of ours.
    pub(crate) share: Option<Ratio>,
    pub(crate) explanation: Explanation,
    pub(crate) models: Vec<ModelRow>,
}

/// One model of a conversation; empty where Claude Code does not tell models apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ModelRow {
    pub(crate) model: String,
    /// `null` where a price is not known.
    pub(crate) ours: Option<Usd>,
    /// `null` where Claude Code does not name the model.
    pub(crate) stated: Option<Usd>,
    /// `null` where either has no figure.
    pub(crate) difference: Option<Usd>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) ours: Usd,
    pub(crate) stated: Usd,
    pub(crate) difference: Usd,
    pub(crate) share: Option<Ratio>,
    /// Of rows whose difference has no explanation.
    pub(crate) unexplained: Usd,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NotStated {
    pub(crate) conversations: u64,
    pub(crate) cost: Usd,
}

/// Which conversations are meant: those that were at work then and there, each as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
    pub(crate) project: Option<&'a str>,
}

impl Asked<'_> {
    fn holds(&self, group: &Group<'_>) -> bool {
        let is_then = |at| self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until);
        let is_there = |project: &str| self.project.is_none_or(|asked| is_project(project, asked));
        if group.sums.is_empty() {
            // Where it was is nowhere written.
            return self.project.is_none() && group.stated().and_then(|(_, at)| at).is_none_or(is_then);
        }
        group.sums.iter().any(|sum| is_then(sum.at) && is_there(&sum.place.project))
    }
}

/// What there is of one family.
#[derive(Default)]
struct Group<'a> {
    members: BTreeSet<&'a str>,
    sums: Vec<&'a UsageSum>,
    state: Option<&'a CostState>,
    status: Option<&'a StatusCost>,
}

pub(crate) fn build(facts: &Facts<'_>, asked: &Asked<'_>) -> ReconcileReport {
    let mut rows = Vec::new();
    let mut not_stated = NotStated::default();
    for group in groups(facts).into_values().filter(|group| asked.holds(group)) {
        let mut ours = Ours::default();
        group.sums.iter().for_each(|sum| ours.add(sum, facts.prices));
        if let Some((total, at)) = group.stated() {
            rows.push(row(facts, &group, &ours, total, at));
        } else {
            not_stated.conversations += group.members.len() as u64;
            not_stated.cost += ours.cost;
        }
    }
    rows.sort_by(|one, other| (one.last_day, &one.conversations).cmp(&(other.last_day, &other.conversations)));
    ReconcileReport { totals: totals(&rows), conversations: rows, not_stated, limits: facts.limits.to_vec() }
}

fn groups<'a>(facts: &'a Facts<'_>) -> BTreeMap<&'a str, Group<'a>> {
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    let mut of = |conversation: &'a str, put: &dyn Fn(&mut Group<'a>)| {
        let group = groups.entry(facts.families.head(conversation)).or_default();
        group.members.insert(conversation);
        put(group);
    };
    for sum in facts.sums {
        if let Some(conversation) = &sum.place.conversation {
            of(conversation, &|group| group.sums.push(sum));
        }
    }
    for state in facts.states {
        of(&state.conversation, &|group| {
            if group.state.is_none_or(|known| known.total < state.total) {
                group.state = Some(state);
            }
        });
    }
    for status in facts.statuses {
        of(&status.conversation, &|group| {
            if group.status.is_none_or(|known| total_of(known) < total_of(status)) {
                group.status = Some(status);
            }
        });
    }
    groups
}

/// A figure that was set back starts again at nothing.
fn total_of(status: &StatusCost) -> Usd {
    status.before + status.total
}

impl Group<'_> {
    /// Claude Code's figure, and when it said so.
    fn stated(&self) -> Option<(Usd, Option<DateTime<Utc>>)> {
        let state = self.state.map(|state| (state.total, state.at));
        state.or_else(|| self.status.map(|status| (total_of(status), Some(status.seen_at))))
    }

    fn models(&self, prices: &PriceBook) -> Vec<ModelRow> {
        let Some(state) = self.state.filter(|state| !state.models.is_empty()) else { return Vec::new() };
        let mut models: BTreeMap<String, (Ours, Option<Usd>)> = BTreeMap::new();
        for sum in &self.sums {
            models.entry(name(&sum.model)).or_default().0.add(sum, prices);
        }
        for of_model in &state.models {
            *models.entry(name(&of_model.model)).or_default().1.get_or_insert_default() += of_model.cost;
        }
        let row = |(model, (ours, stated)): (String, (Ours, Option<Usd>))| {
            let ours = (ours.unpriced_tokens == 0).then_some(ours.cost);
            let difference = stated.zip(ours).map(|(stated, ours)| stated - ours);
            ModelRow { model, ours, stated, difference }
        };
        models.into_iter().map(row).collect()
    }

    /// Ours of what was done about an instant or after it. Sums are of quarters of an hour.
    fn since(&self, at: DateTime<Utc>, prices: &PriceBook) -> Usd {
        let quarter = TimeDelta::try_minutes(15).unwrap_or_default();
        let later = self.sums.iter().filter(|sum| sum.at + quarter > at);
        later.filter_map(|sum| sum.cost(prices)).map(|cost| cost.total()).sum()
    }
}

/// As both call it: Claude Code adds what a context of a million tokens is called by.
fn name(model: &ModelId) -> String {
    model.plain().name
}

fn row(facts: &Facts<'_>, group: &Group<'_>, ours: &Ours, total: Usd, at: Option<DateTime<Utc>>) -> Row {
    let models = group.models(facts.prices);
    let has_ours = |row: &&ModelRow| group.sums.iter().any(|sum| name(&sum.model) == row.model);
    let stated = Stated {
        total,
        of_unknown_models: unknown::share(
            &group.sums,
            &models,
            group.state.is_some_and(|state| state.has_unknown_model),
            facts.prices,
        ),
        is_family: group.members.len() > 1,
        of_other_models: models.iter().filter(|row| !has_ours(row)).filter_map(|row| row.stated).sum(),
        later: at.map(|at| group.since(at, facts.prices)).unwrap_or_default(),
    };
    let last_at = group.sums.iter().map(|sum| sum.at).max().or(at);
    Row {
        conversations: group.members.iter().map(|&member| member.to_owned()).collect(),
        title: group.members.iter().find_map(|&member| facts.titles.get(member).cloned()),
        last_day: last_at.map(|at| at.with_timezone(&facts.tz).date_naive()),
        exchanges: ours.exchanges,
        ours: ours.cost,
        unpriced_tokens: ours.unpriced_tokens,
        stated: total,
        cost_state: group.state.map(|state| state.total),
        status_line: group.status.map(total_of),
        difference: total - ours.cost,
        share: Ratio::of((total - ours.cost).pico(), ours.cost.pico()),
        explanation: explain::explain(ours, &stated),
        models,
    }
}

fn totals(rows: &[Row]) -> Totals {
    let ours: Usd = rows.iter().map(|row| row.ours).sum();
    let stated: Usd = rows.iter().map(|row| row.stated).sum();
    let difference = stated - ours;
    let unexplained = rows.iter().filter(|row| row.explanation == Explanation::Unexplained);
    Totals {
        ours,
        stated,
        difference,
        share: Ratio::of(difference.pico(), ours.pico()),
        unexplained: unexplained.map(|row| row.difference).sum(),
    }
}

#[cfg(test)]
mod tests;
