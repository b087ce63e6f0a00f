//! The price list: the built-in file beside this one, overlaid by the user's own.

#[cfg(feature = "net")]
pub(crate) mod download;
pub(crate) mod litellm;

use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;

use crate::domain::price::ModelPrice;
use crate::domain::price::PriceBook;
use crate::domain::price::PriceList;

const BUILT_IN: &str = include_str!("prices.json");
/// The newest form of a price file that this program reads.
const VERSION: u32 = 1;

/// The built-in prices, overlaid by the file at `own` if there is one.
pub(crate) fn load(own: &Path) -> anyhow::Result<PriceBook> {
    Ok(built_in().overlaid(load_own(own)?))
}

pub(crate) fn built_in() -> PriceBook {
    PriceBook::new(serde_json::from_str(BUILT_IN).expect("a test reads the built-in file"))
}

/// The user's own list; an empty one where there is no file.
pub(crate) fn load_own(path: &Path) -> anyhow::Result<PriceList> {
    let text = match fs_err::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(PriceList { version: VERSION, ..PriceList::default() });
        }
        Err(error) => return Err(error.into()),
    };
    parse(&text).with_context(|| format!("cannot read prices from {}", path.display()))
}

/// What a price file says.
pub(crate) fn parse(text: &str) -> anyhow::Result<PriceList> {
    let list: PriceList = serde_json::from_str(text)?;
    anyhow::ensure!(list.version <= VERSION, "its version is {}, which is newer than this program", list.version);
    if let Some(row) = list.models.iter().find(|row| row.periods.is_empty()) {
        anyhow::bail!("`{}` has no prices", row.id);
    }
    let is_ordered = |row: &ModelPrice| row.periods.is_sorted_by_key(|period| period.from);
    anyhow::ensure!(list.models.iter().all(is_ordered), "the oldest price of a model has to come first");
    Ok(list)
}

/// The text of a price file: one model a line, so that people can read and compare it.
pub(crate) fn to_text(list: &PriceList) -> anyhow::Result<String> {
    let head = PriceList { models: Vec::new(), ..list.clone() };
    let head = serde_json::to_string_pretty(&head)?;
    let rows = list.models.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    if rows.is_empty() {
        return Ok(head + "\n");
    }
    Ok(head.replacen("\"models\": []", &format!("\"models\": [\n    {}\n  ]", rows.join(",\n    ")), 1) + "\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;
    use chrono::Utc;

    use super::*;
    use crate::domain::ledger::UsageSum;
    use crate::domain::model::ModelId;
    use crate::domain::price::Speed;
    use crate::domain::price::Terms;
    use crate::domain::tokens::TokenUsage;

    fn at(day: &str) -> DateTime<Utc> {
        if day.contains('T') { day.parse().unwrap() } else { format!("{day}T12:00:00Z").parse().unwrap() }
    }

    fn cost(model: &str, day: &str, tokens: TokenUsage, terms: Terms) -> Option<String> {
        Some(built_in().cost_of(&ModelId::new(model), at(day), &tokens, &terms)?.total().to_string())
    }

    fn input(tokens: u64) -> TokenUsage {
        TokenUsage::new(tokens, 0)
    }

    fn read(tokens: u64) -> TokenUsage {
        TokenUsage { cache_read: tokens, ..TokenUsage::default() }
    }

    #[test]
    fn no_two_rows_share_a_name_and_every_row_has_ordered_prices() {
        let book = built_in();
        let mut names = BTreeSet::new();
        for row in book.models() {
            for name in row.aliases.iter().chain([&row.id]) {
                assert!(names.insert(name.clone()), "{name} is twice in the file");
                assert_eq!(name, &ModelId::new(name.as_str()).plain().name, "a plain name would not find {name}");
            }
            assert!(!row.periods.is_empty(), "{}", row.id);
            assert!(row.periods.is_sorted_by_key(|period| period.from), "{}", row.id);
            assert!(row.periods.iter().skip(1).all(|period| period.from.is_some()), "{}", row.id);
            assert!(!book.source_of(row).is_empty() && row.confidence.is_some(), "{}", row.id);
            for rate in row.periods.iter().flat_map(|period| [period.rates.input, period.rates.output]) {
                let factor = "0.605".parse().unwrap();
                let exact = (rate * 605).scaled(1, 1000);
                assert_eq!(Some(rate.scaled(factor) * 1), exact, "{} is not exact after its factors", row.id);
            }
        }
        assert!(names.len() > 200 && book.gathered().is_some());
        assert!(BUILT_IN.len() < 120_000);
        assert!(BUILT_IN.contains("Copyright (c) 2023 Berri AI"));
    }

    #[test]
    fn claude_models_cost_what_their_vendor_lists() {
        for (model, day, rates) in [
            ("claude-fable-5-2", "2026-11-20", "8/40/10/16/0.2"),
            ("claude-fable-5-1", "2026-11-20", "10/50/12.5/20/0.25"),
            ("claude-mythos-5-1", "2026-11-20", "10/50/12.5/20/0.25"),
            ("claude-fable-5", "2026-11-20", "10/50/12.5/20/1"),
            ("claude-opus-5-5", "2026-11-20", "4/20/5/8/0.2"),
            ("claude-opus-5", "2026-11-20", "5/25/6.25/10/0.5"),
            ("claude-opus-4-8", "2026-11-20", "5/25/6.25/10/0.5"),
            ("claude-opus-4-7", "2026-11-20", "5/25/6.25/10/0.5"),
            ("claude-opus-4-6", "2026-11-20", "5/25/6.25/10/0.5"),
            ("claude-opus-4-5", "2026-11-20", "5/25/6.25/10/0.5"),
            ("claude-opus-4-1", "2026-01-01", "15/75/18.75/30/1.5"),
            ("claude-opus-4", "2026-01-01", "15/75/18.75/30/1.5"),
            ("claude-3-opus", "2025-01-01", "15/75/18.75/30/1.5"),
            ("claude-sonnet-5-5", "2026-10-06T23:59:59Z", "2/10/2.5/4/0.2"),
            ("claude-sonnet-5-5", "2026-10-07T00:00:00Z", "2/10/2.5/4/0.1"),
            ("claude-sonnet-5", "2026-11-20", "2/10/2.5/4/0.2"),
            ("claude-sonnet-4-6", "2026-11-20", "3/15/3.75/6/0.3"),
            ("claude-sonnet-4-5", "2026-11-20", "3/15/3.75/6/0.3"),
            ("claude-sonnet-4", "2026-01-01", "3/15/3.75/6/0.3"),
            ("claude-3-7-sonnet-latest", "2025-06-01", "3/15/3.75/6/0.3"),
            ("claude-3.5-sonnet", "2025-01-01", "3/15/3.75/6/0.3"),
            ("claude-haiku-5-5", "2026-11-20", "0.1/0.5/0.125/0.2/0.01"),
            ("claude-haiku-4-5", "2026-11-20", "1/5/1.25/2/0.1"),
            ("claude-3-5-haiku-latest", "2025-01-01", "0.8/4/1/1.6/0.08"),
            ("claude-haiku-3", "2025-01-01", "0.25/1.25/0.3/0.5/0.03"),
        ] {
            let book = built_in();
            let found = book.resolve(&ModelId::new(model)).unwrap_or_else(|| panic!("{model} is not in the book"));
            let rates_now = found.model.period_at(at(day)).unwrap().rates;
            let listed: Vec<_> = rates.split('/').map(|rate| rate.parse().unwrap()).collect();
            let [input, output] = [listed[0], listed[1]];
            assert_eq!([rates_now.input, rates_now.output], [input, output], "{model} {day}");
            let cache = [rates_now.cache_write_5m, rates_now.cache_write_1h, rates_now.cache_read];
            assert_eq!(cache, [Some(listed[2]), Some(listed[3]), Some(listed[4])], "{model} {day}");
        }
    }

    #[test]
    fn the_reference_exchanges_cost_what_was_worked_out_by_hand() {
        let fast = Terms { speed: Some(Speed::Fast), ..Terms::default() };
        let plain = Terms::default();
        let answer =
            TokenUsage { input: 6, output: 512, cache_write_1h: 8000, cache_read: 15_000, ..TokenUsage::default() };
        for (model, day, tokens, terms, cost_of_it) in [
            ("claude-opus-5-5", "2026-10-01", answer, plain, Some("0.077264")),
            ("claude-haiku-5-5", "2026-11-01", TokenUsage::new(100_000, 1000), plain, Some("0.0105")),
            ("claude-haiku-5-5", "2026-11-01", TokenUsage::new(100_001, 1000), plain, Some("0.0525005")),
            ("claude-opus-4-6", "2026-03-12", input(200_001), plain, Some("2.00001")),
            ("claude-opus-4-6", "2026-03-13", input(200_001), plain, Some("1.000005")),
            ("claude-opus-4-6", "2026-02-16", input(1_000), fast, Some("0.015")),
            ("claude-opus-4-6", "2026-02-17", input(1_000), fast, Some("0.03")),
            ("claude-opus-5-5", "2026-11-01", input(1_000), fast, Some("0.008")),
            ("claude-sonnet-5-5", "2026-11-01", input(1_000), fast, None),
            ("claude-opus-5", "2026-11-01", read(1_000_000), plain, Some("0.50")),
            ("claude-opus-5-5", "2026-11-01", read(1_000_000), plain, Some("0.20")),
            ("claude-fable-5", "2026-11-20", read(1_000_000), plain, Some("1.00")),
            ("claude-fable-5-1", "2026-11-20", read(1_000_000), plain, Some("0.25")),
            ("claude-fable-5-2", "2026-11-20", read(1_000_000), plain, Some("0.20")),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-01-01", input(1_000), plain, Some("0.0033")),
            ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-01-01", input(1_000), plain, Some("0.0036")),
            ("us.anthropic.claude-3-opus-20240229-v1:0", "2025-01-01", input(1_000), plain, Some("0.015")),
            (
                "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5",
                "2026-11-01",
                input(1_000),
                plain,
                Some("0.0055"),
            ),
            ("claude-3-sonnet-20240229", "2025-01-01", read(1), plain, None),
            // 2026-11-23 is a Monday: peak until 04:00 UTC, then off-peak until 06:00.
            ("deepseek-v4-flash", "2026-11-23T03:59:59Z", input(1_000_000), plain, Some("0.30")),
            ("deepseek-v4-flash[1m]", "2026-11-23T04:00:00Z", input(1_000_000), plain, Some("0.15")),
            ("deepseek-v4-pro", "2026-11-22T03:00:00Z", input(1_000_000), plain, Some("0.66")),
            ("gpt-6-sol", "2026-11-20", TokenUsage::new(272_001, 0), plain, Some("1.088004")),
            ("MiniMax-M2.5", "2026-11-20", input(1_000_000), plain, Some("0.30")),
            ("groq-llama-3.1-8b", "2026-11-20", input(1_000_000), plain, Some("0.05")),
            ("ollama/qwen3-coder:30b", "2026-11-20", input(1_000_000), plain, Some("0.00")),
            ("ollama-llama3", "2026-11-20", input(1_000_000), plain, Some("0.00")),
            ("nomic-embed-text", "2026-11-20", input(1_000_000), plain, Some("0.00")),
            ("voyage-3", "2026-11-20", input(1_000_000), plain, Some("0.02")),
            ("ollama/qwen3-coder:480b-cloud", "2026-11-20", input(1), plain, None),
            ("claude-opus-6", "2026-11-20", input(1), plain, None),
            ("claude-opus", "2026-11-20", input(1), plain, None),
            ("<synthetic>", "2026-11-20", input(1), plain, None),
        ] {
            assert_eq!(cost(model, day, tokens, terms).as_deref(), cost_of_it, "{model} {day} {tokens:?} {terms:?}");
        }
    }

    #[test]
    fn sums_of_usage_are_priced_exactly_with_known_limits_and_hours() {
        assert!(UsageSum::are_exact_with(&built_in()));
        for (prices, are_exact) in [
            (r#"[{"rates":{"in":"1","out":"1"},"long":{"over":200000,"rates":{"in":"2","out":"2"}}}]"#, true),
            (r#"[{"rates":{"in":"1","out":"1"},"long":{"over":50000,"rates":{"in":"2","out":"2"}}}]"#, false),
            (r#"[{"from":"2026-11-23T12:15:00Z","rates":{"in":"1","out":"1"}}]"#, true),
            (r#"[{"from":"2026-11-23T12:07:00Z","rates":{"in":"1","out":"1"}}]"#, false),
            (
                r#"[{"rates":{"in":"1","out":"1"},"off_peak":{"rates":{"in":"1","out":"1"},"windows":[{"days":[1],"hours":["22:30-06:10"]}]}}]"#,
                false,
            ),
        ] {
            let own =
                format!(r#"{{"version":1,"models":[{{"id":"mine","vendor":"a","source":"x","prices":{prices}}}]}}"#);
            let book = built_in().overlaid(serde_json::from_str(&own).unwrap());
            assert_eq!(UsageSum::are_exact_with(&book), are_exact, "{prices}");
        }
    }

    #[test]
    fn short_names_follow_the_calendar() {
        for (name, day, id) in [
            ("opus", "2026-11-23", "claude-opus-5-5"),
            ("opus", "2026-01-01", "claude-opus-4-5-20251101"),
            ("sonnet[1m]", "2026-09-27", "claude-sonnet-5"),
            ("haiku", "2026-10-07", "claude-haiku-5-5"),
            ("fable", "2026-11-09", "claude-fable-5-2"),
            ("best", "2026-01-01", "claude-opus-4-5-20251101"),
            ("best", "2026-11-23", "claude-fable-5-2"),
            ("default", "2026-11-23", "claude-sonnet-5-5"),
        ] {
            assert_eq!(built_in().alias(name, at(day)), Some(ModelId::new(id)), "{name} {day}");
        }
    }

    #[test]
    fn infrastructure_has_units() {
        let book = built_in();
        for (id, unit, usd) in [
            ("runpod/a100-80gb", "hour", "2.29"),
            ("supabase/storage", "GB", "0.02"),
            ("vercel/bandwidth", "GB", "0.15"),
        ] {
            let item = book.infra(id).unwrap();
            assert_eq!((item.unit.as_str(), item.usd), (unit, usd.parse().unwrap()));
        }
        assert_eq!(book.infra("runpod/h100"), None);
    }

    #[test]
    fn a_broken_file_of_the_user_is_named_with_line_and_reason() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("prices.json");
        assert!(load(&path).is_ok());
        for (text, reason) in [
            ("{", "EOF while parsing an object at line 1 column 1"),
            (
                "{\"models\":[\n{\"id\":\"x\",\"prices\":[{\"rates\":{\"in\":\"free\",\"out\":\"1\"}}]}]}",
                "rate `free` is not a number at line 2",
            ),
            ("{\"models\":[{\"id\":\"x\",\"prizes\":[]}]}", "unknown field `prizes`"),
            ("{\"models\":[{\"id\":\"x\",\"prices\":[]}]}", "`x` has no prices"),
            ("{\"version\":2}", "newer than this program"),
        ] {
            fs_err::write(&path, text).unwrap();
            let error = format!("{:#}", load(&path).unwrap_err());
            assert!(error.contains(reason) && error.contains("prices.json"), "{error}");
        }
    }

    #[test]
    fn a_written_list_is_read_back() {
        let list: PriceList = serde_json::from_str(BUILT_IN).unwrap();
        let text = to_text(&list).unwrap();
        assert_eq!(serde_json::from_str::<PriceList>(&text).unwrap(), list);
        assert!(text.lines().count() > list.models.len());
        let empty = PriceList { version: 1, ..PriceList::default() };
        assert_eq!(serde_json::from_str::<PriceList>(&to_text(&empty).unwrap()).unwrap(), empty);
    }
}
