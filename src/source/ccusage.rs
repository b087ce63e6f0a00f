//! The JSON of ccusage's daily report, in both of its forms: of Claude Code alone, and of all agents together (from 20.0).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::Context as _;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::foreign::ForeignSum;
use crate::domain::foreign::ForeignUsage;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::tokens::MOST_TOKENS;

/// What the unified form calls Claude Code, and all agents together.
const CLAUDE: &str = "claude";
const ALL: &str = "all";

/// Either form, with a list of days or with one for each project (`--instances`).
#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow)]
    daily: Option<Vec<Day<'a>>>,
    #[serde(borrow)]
    projects: Option<BTreeMap<String, Vec<Day<'a>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Day<'a> {
    date: Option<NaiveDate>,
    /// What the unified form has for `date`.
    period: Option<NaiveDate>,
    agent: Option<String>,
    metadata: Option<Metadata>,
    #[serde(borrow)]
    model_breakdowns: Option<Vec<Breakdown<'a>>>,
    /// The day by agent (`--by-agent`), each without a day of its own.
    #[serde(borrow)]
    agents: Option<Vec<Day<'a>>>,
}

#[derive(Deserialize)]
struct Metadata {
    agents: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Breakdown<'a> {
    model_name: String,
    input_tokens: u64,
    output_tokens: u64,
    cache_creation_tokens: u64,
    cache_read_tokens: u64,
    /// Not there with `--no-cost`.
    #[serde(borrow)]
    cost: Option<&'a RawValue>,
    #[serde(default)]
    missing_pricing: bool,
}

/// Reads what `ccusage daily --json` printed.
pub(crate) fn parse(json: &str) -> anyhow::Result<ForeignUsage> {
    read(json).context("this is no daily report of ccusage; make one with `ccusage daily --json`")
}

fn read(json: &str) -> anyhow::Result<ForeignUsage> {
    let report: Report<'_> = serde_json::from_str(json.trim_start_matches('\u{feff}'))?;
    let days = match (report.daily, report.projects) {
        (Some(days), _) => days,
        (None, Some(projects)) => projects.into_values().flatten().collect(),
        (None, None) => anyhow::bail!("it has neither `daily` nor `projects`"),
    };
    let mut usage = ForeignUsage::default();
    for day in days {
        let date = day.date.or(day.period).context("a day without a date")?;
        let by_agent = day.agents.as_ref().and_then(|agents| agents.iter().find(|agent| agent.is_claude()));
        let mine = by_agent.unwrap_or(&day);
        if day.agents.is_none() {
            let agents = day.metadata.iter().flat_map(|metadata| metadata.agents.iter().flatten());
            let others = agents.chain(&day.agent).filter(|agent| !matches!(agent.as_str(), CLAUDE | ALL));
            usage.other_agents.extend(others.cloned());
        } else if by_agent.is_none() {
            // Claude Code was not used on that day.
            continue;
        }
        for breakdown in mine.model_breakdowns.as_ref().with_context(|| format!("{date} has no `modelBreakdowns`"))? {
            let sum = breakdown.sum().with_context(|| format!("{} on {date}", breakdown.model_name))?;
            match usage.by_day_and_model.entry((date, ModelId::new(breakdown.model_name.as_str()))) {
                Entry::Vacant(entry) => drop(entry.insert(sum)),
                // Another project's.
                Entry::Occupied(mut entry) => *entry.get_mut() = entry.get().and(sum),
            }
        }
    }
    Ok(usage)
}

impl Day<'_> {
    fn is_claude(&self) -> bool {
        self.agent.as_deref() == Some(CLAUDE)
    }
}

impl Breakdown<'_> {
    fn sum(&self) -> anyhow::Result<ForeignSum> {
        let &Self { input_tokens: input, output_tokens: output, .. } = self;
        let (cache_write, cache_read) = (self.cache_creation_tokens, self.cache_read_tokens);
        anyhow::ensure!(
            [input, output, cache_write, cache_read].iter().all(|&count| count <= MOST_TOKENS),
            "too many tokens"
        );
        let cost = match self.cost {
            Some(cost) if !self.missing_pricing => {
                Some(Usd::nearest(cost.get()).with_context(|| format!("`{cost}` is no amount"))?)
            }
            _ => None,
        };
        Ok(ForeignSum { input, output, cache_write, cache_read, cost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPUS: &str = r#"{"modelName":"claude-opus-5-5","inputTokens":10,"outputTokens":20,"cacheCreationTokens":30,"cacheReadTokens":40,"cost":0.1234567890123456}"#;
    const FAST: &str = r#"{"cacheCreationTokens":0,"cacheReadTokens":0,"cost":-0.0,"inputTokens":1,"modelName":"claude-opus-5-5-fast","outputTokens":2,"missingPricing":true}"#;

    /// A row for each day and model.
    fn rows(json: &str) -> String {
        let usage = parse(json).unwrap();
        let rows = usage.by_day_and_model.iter().map(|((day, model), sum)| {
            let ForeignSum { input, output, cache_write, cache_read, cost } = sum;
            let cost = cost.map_or("unknown".to_owned(), |cost| cost.to_string());
            format!("{day} {model} {input} {output} {cache_write} {cache_read} {cost}\n")
        });
        let others = usage.other_agents.iter().map(|agent| format!("with {agent}\n"));
        rows.chain(others).collect()
    }

    #[test]
    fn the_report_of_claude_code_alone() {
        let json = format!(
            r#"{{"daily":[{{"date":"2026-11-22","inputTokens":11,"outputTokens":22,"cacheCreationTokens":30,"cacheReadTokens":40,
            "totalTokens":103,"totalCost":0.1234567890123456,"modelsUsed":["claude-opus-5-5"],"modelBreakdowns":[{OPUS},{FAST}]}},
            {{"date":"2026-11-23","modelsUsed":[],"modelBreakdowns":[]}}],"totals":{{"inputTokens":11,"unpricedModels":["x"]}}}}"#
        );
        insta::assert_snapshot!(rows(&json), @"
        2026-11-22 claude-opus-5-5 10 20 30 40 0.123456789012
        2026-11-22 claude-opus-5-5-fast 1 2 0 0 unknown
        ");
        assert_eq!(rows(r#"{"daily":[],"totals":{}}"#), "");
    }

    #[test]
    fn projects_are_added_up() {
        let json = format!(
            r#"{{"projects":{{"-w-app":[{{"date":"2026-11-22","project":"-w-app","modelBreakdowns":[{OPUS}]}}],
            "-w-lib":[{{"date":"2026-11-22","project":"-w-lib","modelBreakdowns":[{OPUS}]}}]}},"totals":{{}}}}"#
        );
        insta::assert_snapshot!(rows(&json), @"2026-11-22 claude-opus-5-5 20 40 60 80 0.246913578024");
    }

    #[test]
    fn the_report_of_all_agents() {
        let gpt = OPUS.replace("claude-opus-5-5", "gpt-6-sol");
        let mixed = format!(
            r#"{{"daily":[{{"agent":"all","metadata":{{"agents":["claude","codex"]}},"period":"2026-11-22","modelBreakdowns":[{OPUS},{gpt}]}}],"totals":{{}}}}"#
        );
        insta::assert_snapshot!(rows(&mixed), @"
        2026-11-22 claude-opus-5-5 10 20 30 40 0.123456789012
        2026-11-22 gpt-6-sol 10 20 30 40 0.123456789012
        with codex
        ");
        let apart = format!(
            r#"{{"daily":[{{"agent":"all","metadata":{{"agents":["claude","codex"]}},"period":"2026-11-22","modelBreakdowns":[{OPUS},{gpt}],
            "agents":[{{"agent":"codex","modelBreakdowns":[{gpt}]}},{{"agent":"claude","modelBreakdowns":[{OPUS}]}}]}},
            {{"agent":"all","period":"2026-11-23","modelBreakdowns":[{gpt}],"agents":[{{"agent":"codex","modelBreakdowns":[{gpt}]}}]}}]}}"#
        );
        insta::assert_snapshot!(rows(&apart), @"2026-11-22 claude-opus-5-5 10 20 30 40 0.123456789012");
    }

    #[test]
    fn costs_that_were_left_out_are_unknown() {
        let json = OPUS.replace(r#","cost":0.1234567890123456"#, "");
        let json = format!(r#"{{"daily":[{{"date":"2026-11-22","modelBreakdowns":[{json}]}}]}}"#);
        assert!(rows(&json).ends_with("unknown\n"));
    }

    #[test]
    fn what_is_another_report_is_told_from_an_empty_one() {
        let huge = OPUS.replace("10", "99999999999999999");
        let absurd = OPUS.replace("0.1234567890123456", "1e25");
        let priceless = OPUS.replace("0.1234567890123456", "\"free\"");
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"weekly":[{"week":"2026-11-22"}]}"#,
            r#"{"session":[{"period":"S1"}]}"#,
            r#"{"blocks":[]}"#,
            r#"{"daily":{}}"#,
            r#"{"daily":[{"modelBreakdowns":[]}]}"#,
            r#"{"daily":[{"date":"22.11.2026","modelBreakdowns":[]}]}"#,
            r#"{"daily":[{"date":"2026-11-22","totalTokens":5}]}"#,
            r#"{"daily":[{"date":"2026-11-22","modelBreakdowns":[{"modelName":"x"}]}]}"#,
            &format!(r#"{{"daily":[{{"date":"2026-11-22","modelBreakdowns":[{huge}]}}]}}"#),
            &format!(r#"{{"daily":[{{"date":"2026-11-22","modelBreakdowns":[{absurd}]}}]}}"#),
            &format!(r#"{{"daily":[{{"date":"2026-11-22","modelBreakdowns":[{priceless}]}}]}}"#),
        ] {
            let error = parse(json).unwrap_err();
            assert!(format!("{error:#}").contains("`ccusage daily --json`"), "{json}: {error:#}");
        }
    }
}
