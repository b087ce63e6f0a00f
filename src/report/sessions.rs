//! Many sessions: what each cost, and what a project cost so far.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Serialize;

use crate::domain::money::Usd;
use crate::domain::price::PriceBook;
use crate::domain::session::SessionId;
use crate::domain::session::past::Exchange;
use crate::domain::session::past::PastSession;
use crate::domain::session::past::PastSum;
use crate::domain::session::past::Used;
use crate::domain::tokens::TokenUsage;
use crate::report::session::per_hour;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionsReport {
    /// The latest first.
    pub(crate) sessions: Vec<SessionRow>,
    pub(crate) totals: ProjectTotals,
    /// By project, the costliest first.
    pub(crate) projects: Vec<ProjectRow>,
}

impl SessionsReport {
    /// Leaves at most so many rows, which changes no total; how many went.
    pub(crate) fn keep(&mut self, most: usize) -> usize {
        let hidden = self.sessions.len().saturating_sub(most);
        self.sessions.truncate(most);
        hidden
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SessionRow {
    pub(crate) id: SessionId,
    pub(crate) short_id: String,
    pub(crate) name: String,
    pub(crate) project: String,
    /// Tells projects of one name apart.
    pub(crate) project_root: String,
    pub(crate) state: &'static str,
    pub(crate) tags: Vec<String>,
    pub(crate) client: Option<String>,
    pub(crate) ticket: Option<String>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) wall_seconds: i64,
    pub(crate) entries: u64,
    pub(crate) tokens: TokenUsage,
    pub(crate) cost: Usd,
    /// Tokens of models without a price: they are not in `cost`.
    pub(crate) unpriced_tokens: u64,
    pub(crate) per_hour: Option<Usd>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ProjectRow {
    pub(crate) project: String,
    pub(crate) project_root: String,
    pub(crate) totals: ProjectTotals,
}

/// Running totals of sessions; cancelled ones do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ProjectTotals {
    pub(crate) sessions: u64,
    pub(crate) cost: Usd,
    pub(crate) unpriced_tokens: u64,
    pub(crate) wall_seconds: i64,
    pub(crate) per_hour: Option<Usd>,
}

impl ProjectTotals {
    /// These totals and one session more.
    pub(crate) fn with(self, cost: Usd, unpriced_tokens: u64, wall: TimeDelta) -> Self {
        let (cost, wall_seconds) = (self.cost + cost, self.wall_seconds + wall.num_seconds());
        Self {
            sessions: self.sessions + 1,
            cost,
            unpriced_tokens: self.unpriced_tokens + unpriced_tokens,
            wall_seconds,
            per_hour: TimeDelta::try_seconds(wall_seconds).and_then(|wall| per_hour(cost, wall)),
        }
    }

    fn with_row(self, row: &SessionRow) -> Self {
        self.with(row.cost, row.unpriced_tokens, TimeDelta::try_seconds(row.wall_seconds).unwrap_or_default())
    }
}

/// Rows of closed sessions, with `open` ones before them.
pub(crate) fn build(open: Vec<SessionRow>, past: &[PastSession], prices: &PriceBook) -> SessionsReport {
    let mut sessions = open;
    sessions.extend(past.iter().map(|past| row(past, prices)));
    sessions.sort_by_key(|row| std::cmp::Reverse((row.ended_at.is_none(), row.started_at)));
    let counted = || sessions.iter().filter(|row| row.state != "cancelled");
    let totals = counted().fold(ProjectTotals::default(), ProjectTotals::with_row);
    let mut projects: BTreeMap<(&str, &str), ProjectTotals> = BTreeMap::new();
    for row in counted() {
        let totals = projects.entry((&row.project, &row.project_root)).or_default();
        *totals = totals.with_row(row);
    }
    let row = |((project, root), totals): ((&str, &str), ProjectTotals)| ProjectRow {
        project: project.to_owned(),
        project_root: root.to_owned(),
        totals,
    };
    let mut projects: Vec<ProjectRow> = projects.into_iter().map(row).collect();
    projects.sort_by_key(|row| std::cmp::Reverse(row.totals.cost));
    SessionsReport { sessions, totals, projects }
}

pub(crate) fn totals(past: &PastSum, prices: &PriceBook) -> ProjectTotals {
    let (cost, unpriced_tokens) = price(&past.used, prices);
    ProjectTotals {
        sessions: past.sessions,
        cost,
        unpriced_tokens,
        wall_seconds: past.wall_seconds,
        per_hour: TimeDelta::try_seconds(past.wall_seconds).and_then(|wall| per_hour(cost, wall)),
    }
}

/// What was used costs, and the tokens of models without a price.
fn price(used: &Used, prices: &PriceBook) -> (Usd, u64) {
    let mut cost = Usd::ZERO;
    let mut unpriced_tokens = 0;
    for (model, exchanges) in &used.exchanges {
        let model = prices.resolve(model);
        for Exchange { at, tokens, prompt, terms } in exchanges {
            match model.and_then(|model| model.cost_of_prompt(*at, tokens, *prompt, terms)) {
                Some(priced) => cost += priced.total(),
                None => unpriced_tokens += tokens.total(),
            }
        }
    }
    cost += used.infra.iter().filter_map(|used| used.quantity.at(prices.infra(&used.item)?.usd)).sum();
    (cost, unpriced_tokens)
}

pub(crate) fn row(past: &PastSession, prices: &PriceBook) -> SessionRow {
    let (cost, unpriced_tokens) = price(&past.used, prices);
    SessionRow {
        id: past.id,
        short_id: past.id.short(),
        name: past.start.name.clone(),
        project: past.start.project.name.clone(),
        project_root: past.start.project.root.clone(),
        state: if past.is_cancelled { "cancelled" } else { "ended" },
        tags: past.start.tags.clone(),
        client: past.start.client.clone(),
        ticket: past.start.ticket.clone(),
        started_at: past.started_at,
        ended_at: Some(past.ended_at),
        wall_seconds: past.wall.num_seconds(),
        entries: past.entries,
        tokens: past.used.tokens(),
        cost,
        unpriced_tokens,
        per_hour: per_hour(cost, past.wall),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::model::ModelId;
    use crate::domain::session::journal::Project;
    use crate::domain::session::journal::Start;

    /// A price that changes, one for long prompts, and one by the hour.
    fn prices() -> PriceBook {
        let list = r#"{"version":1,"models":[
            {"id":"dated","vendor":"v","prices":[{"rates":{"in":"3","out":"15"}},{"from":"2026-11-01","rates":{"in":"0.7","out":"7.01"}}],"source":"s"},
            {"id":"tiered","vendor":"v","prices":[{"rates":{"in":"1","out":"5"},"long":{"over":100000,"rates":{"in":"2","out":"9.5"}}}],"source":"s"}],
            "infra":[{"id":"gpu","unit":"hour","usd":"2.29","source":"s"}]}"#;
        PriceBook::new(serde_json::from_str(list).unwrap())
    }

    fn past(number: i64, used: Used) -> PastSession {
        let at = DateTime::from_timestamp(1_793_000_000 + number, 0).unwrap();
        PastSession {
            id: SessionId::new(Uuid::now_v7()),
            start: Start {
                name: "x".to_owned(),
                project: Project { name: "p".to_owned(), root: "/p".to_owned() },
                directory: "/p".to_owned(),
                branch: None,
                model: ModelId::new("dated"),
                tags: Vec::new(),
                ticket: None,
                client: None,
                estimate: None,
                budget: None,
                rate: None,
            },
            is_cancelled: false,
            started_at: at,
            ended_at: at,
            wall: TimeDelta::try_milliseconds(number * 1501).unwrap(),
            entries: 1,
            used,
        }
    }

    proptest! {
        #[test]
        fn sessions_cost_together_what_they_cost_one_by_one(
            sessions in prop::collection::vec(prop::collection::vec((0_usize..3, 0_i64..80, 0_u64..200_000, 0_u64..9999), 0..6), 0..8),
        ) {
            let prices = prices();
            let mut sum = PastSum::default();
            let mut one_by_one = ProjectTotals::default();
            for (number, exchanges) in (0..).zip(sessions) {
                let mut used = Used::default();
                for (model, day, input, output) in exchanges {
                    let (model, tokens) = (["dated", "tiered", "unknown"][model], TokenUsage::new(input, output));
                    let at = DateTime::from_timestamp(1_790_000_000 + day * 86_400, 0).unwrap();
                    used.add_exchange(model, Exchange::new(at, tokens));
                    sum.used.add_exchange(model, Exchange::new(at, tokens));
                }
                used.infra.push("gpu=0.333333".parse().unwrap());
                sum.used.infra.push("gpu=0.333333".parse().unwrap());
                let past = past(number, used);
                sum.sessions += 1;
                sum.wall_seconds += past.wall.num_seconds();
                one_by_one = one_by_one.with_row(&row(&past, &prices));
            }
            prop_assert_eq!(totals(&sum, &prices), one_by_one);
        }
    }
}
