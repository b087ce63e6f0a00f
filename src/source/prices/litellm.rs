//! `LiteLLM`'s price file (`model_prices_and_context_window.json`): a map of model to row, in US dollars a token.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use anyhow::Context;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::money::Factor;
use crate::domain::money::Rate;
use crate::domain::price::Confidence;
use crate::domain::price::LongPrompt;
use crate::domain::price::ModelPrice;
use crate::domain::price::OffPeak;
use crate::domain::price::Period;
use crate::domain::price::Rates;
use crate::domain::price::Window;

/// The vendors whose rows are read. Clouds sell the same models under other names, which resolve to these rows.
const VENDORS: &[&str] = &[
    "anthropic",
    "openai",
    "deepseek",
    "groq",
    "gemini",
    "mistral",
    "xai",
    "moonshot",
    "zai",
    "minimax",
    "dashscope",
    "voyage",
    "jina_ai",
];

#[derive(Debug, Default)]
pub(crate) struct Import {
    pub(crate) rows: Vec<ModelPrice>,
    /// Rows that could not be read: model and reason.
    pub(crate) bad: Vec<(String, String)>,
    /// Rows of other vendors, or without a price for tokens.
    pub(crate) left_out: usize,
}

type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads the file's text. One row that cannot be read does not spoil the others.
pub(crate) fn read(text: &str) -> anyhow::Result<Import> {
    let rows: BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(text).context("this is not a price file of LiteLLM")?;
    let mut import = Import::default();
    for (name, row) in rows {
        match model(&name, row) {
            Ok(Some(row)) => import.rows.push(row),
            Ok(None) => import.left_out += 1,
            Err(reason) => import.bad.push((name.into_owned(), format!("{reason:#}"))),
        }
    }
    Ok(import)
}

fn model(name: &str, row: &RawValue) -> anyhow::Result<Option<ModelPrice>> {
    // The first entry explains the fields to people.
    if name == "sample_spec" {
        return Ok(None);
    }
    let fields: Fields<'_> = serde_json::from_str(row.get())?;
    let vendor = text(&fields, "litellm_provider").unwrap_or_default();
    let Some(rates) = rates(&fields, "")?.filter(|_| VENDORS.contains(&vendor.as_str())) else { return Ok(None) };

    let period = Period { from: None, rates, long: long_prompt(&fields)?, off_peak: off_peak(&fields, rates)? };
    let batch = batch_factor(&fields, &rates)?;
    // Groq sells models of others, so there the vendor belongs to the name.
    let id = match name.strip_prefix(&format!("{vendor}/")) {
        Some(rest) if vendor != "groq" => rest,
        _ => name,
    };
    let context = text(&fields, "max_input_tokens").and_then(|count| count.parse().ok());
    let source = text(&fields, "source").unwrap_or_else(|| "LiteLLM, model_prices_and_context_window.json".to_owned());
    Ok(Some(ModelPrice {
        context,
        retired: text(&fields, "deprecation_date").and_then(|day| day.parse().ok()),
        batch,
        source,
        confidence: Some(Confidence::Medium),
        ..ModelPrice::new(id.to_lowercase(), vendor, period)
    }))
}

/// The rates whose fields end in `ending`; `None` unless both input and output have one.
fn rates(fields: &Fields<'_>, ending: &str) -> anyhow::Result<Option<Rates>> {
    let of = |name: &str| rate(fields, &format!("{name}{ending}"));
    let (Some(input), Some(output)) = (of("input_cost_per_token")?, of("output_cost_per_token")?) else {
        return Ok(None);
    };
    let cache_read = match of("cache_read_input_token_cost")? {
        None if ending.is_empty() => rate(fields, "input_cost_per_token_cache_hit")?,
        known => known,
    };
    Ok(Some(Rates {
        input,
        output,
        cache_write_5m: of("cache_creation_input_token_cost")?,
        cache_write_1h: of("cache_creation_input_token_cost_above_1hr")?,
        cache_read,
    }))
}

/// `…_above_200k_tokens` is the price of the whole request once its prompt is longer.
fn long_prompt(fields: &Fields<'_>) -> anyhow::Result<Option<LongPrompt>> {
    let thresholds: BTreeSet<u64> = fields
        .keys()
        .filter_map(|name| {
            let thousands = name.strip_prefix("input_cost_per_token_above_")?.strip_suffix("k_tokens")?;
            thousands.parse().ok()
        })
        .collect();
    let Some(&thousands) = thresholds.first() else { return Ok(None) };
    anyhow::ensure!(thresholds.len() == 1, "more than one price for long prompts");
    let over = thousands.checked_mul(1000).context("a threshold that is too large")?;
    Ok(rates(fields, &format!("_above_{thousands}k_tokens"))?.map(|rates| LongPrompt { over, rates }))
}

/// Batches have a factor if all that is stated of them is the same share of the ordinary price.
fn batch_factor(fields: &Fields<'_>, rates: &Rates) -> anyhow::Result<Option<Factor>> {
    let half = "0.5".parse()?;
    let input = rate(fields, "input_cost_per_token_batches")?;
    let output = rate(fields, "output_cost_per_token_batches")?;
    let is_half = input == Some(rates.input.scaled(half)) && output == Some(rates.output.scaled(half));
    Ok((is_half && rates.input != Rate::ZERO).then_some(half))
}

#[derive(Deserialize)]
struct WireOffPeak<'a> {
    #[serde(borrow)]
    windows: Vec<WireWindow<'a>>,
}

#[derive(Deserialize)]
struct WireWindow<'a> {
    /// One text or a list of them.
    #[serde(borrow)]
    hours_utc: &'a RawValue,
    weekdays: Vec<u32>,
}

fn off_peak(fields: &Fields<'_>, peak: Rates) -> anyhow::Result<Option<OffPeak>> {
    let Some(row) = fields.get("off_peak_pricing").filter(|row| row.get() != "null") else { return Ok(None) };
    let own: Fields<'_> = serde_json::from_str(row.get())?;
    let stated = Rates {
        input: rate(&own, "input_cost_per_token")?.unwrap_or(peak.input),
        output: rate(&own, "output_cost_per_token")?.unwrap_or(peak.output),
        cache_write_5m: rate(&own, "cache_creation_input_token_cost")?,
        cache_write_1h: None,
        cache_read: rate(&own, "cache_read_input_token_cost")?,
    };
    let wire: WireOffPeak<'_> = serde_json::from_str(row.get())?;
    let windows = wire
        .windows
        .into_iter()
        .map(|window| {
            let hours = match serde_json::from_str::<Vec<String>>(window.hours_utc.get()) {
                Ok(hours) => hours,
                Err(_) => vec![serde_json::from_str(window.hours_utc.get())?],
            };
            let hours = hours.iter().map(|hours| hours.parse()).collect::<Result<Vec<_>, _>>()?;
            Ok(Window { days: window.weekdays, hours })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Some(OffPeak { rates: peak.overlaid(stated), windows }))
}

/// Read from the number's own digits, so that no float comes between.
fn rate(fields: &Fields<'_>, name: &str) -> anyhow::Result<Option<Rate>> {
    let Some(number) = text(fields, name) else { return Ok(None) };
    Rate::parse_per_token(&number).map(Some).with_context(|| format!("{name} is `{number}`"))
}

/// A field's text: a string's content, or a number as it is written.
fn text(fields: &Fields<'_>, name: &str) -> Option<String> {
    let raw = fields.get(name)?.get();
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_ours_and_bad_ones_are_named() {
        let import = read(
            r#"{"sample_spec":{"input_cost_per_token":0,"output_cost_per_token":0,"litellm_provider":"one of …"},
            "gpt-x":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1.25e-06,"output_cost_per_token":"1e-05","cache_read_input_token_cost":1.25e-07,
              "input_cost_per_token_above_272k_tokens":2.5e-06,"output_cost_per_token_above_272k_tokens":1.5e-05,"input_cost_per_token_above_272k_tokens_batches":1e-06,
              "input_cost_per_token_batches":6.25e-07,"output_cost_per_token_batches":5e-06,"max_input_tokens":400000,"deprecation_date":"2027-04-01"},
            "groq/openai/gpt-oss":{"litellm_provider":"groq","input_cost_per_token":1.5e-07,"output_cost_per_token":6e-07},
            "minimax/MiniMax-M9":{"litellm_provider":"minimax","input_cost_per_token":3e-07,"output_cost_per_token":1.2e-06},
            "claude-x":{"litellm_provider":"anthropic","input_cost_per_token":1e-06,"output_cost_per_token":5e-06,"cache_creation_input_token_cost":1.25e-06,"cache_creation_input_token_cost_above_1hr":2e-06},
            "bedrock/claude-x":{"litellm_provider":"bedrock","input_cost_per_token":1e-06,"output_cost_per_token":5e-06},
            "dall-e":{"litellm_provider":"openai","mode":"image_generation","input_cost_per_pixel":1e-08},
            "chatgpt":{"litellm_provider":"openai","input_cost_per_token":null,"output_cost_per_token":null},
            "fine":{"litellm_provider":"openai","input_cost_per_token":1.23456789e-10,"output_cost_per_token":1},
            "negative":{"litellm_provider":"openai","input_cost_per_token":-1,"output_cost_per_token":1},
            "no-object":7}"#,
        )
        .unwrap();
        let ids: Vec<_> = import.rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["claude-x", "gpt-x", "groq/openai/gpt-oss", "minimax-m9"]);
        assert_eq!(import.left_out, 4);
        let bad: Vec<_> = import.bad.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(bad, ["fine", "negative", "no-object"]);
        assert_eq!(import.bad[0].1, "input_cost_per_token is `1.23456789e-10`: too many decimal places");

        let row = serde_json::to_string(&import.rows[1]).unwrap();
        insta::assert_snapshot!(row, @r#"{"id":"gpt-x","vendor":"openai","retired":"2027-04-01","context":400000,"prices":[{"rates":{"in":"1.25","out":"10.00","read":"0.125"},"long":{"over":272000,"rates":{"in":"2.50","out":"15.00"}}}],"batch":"0.5","source":"LiteLLM, model_prices_and_context_window.json","confidence":"medium"}"#);
        let rates = import.rows[0].periods[0].rates;
        assert_eq!(
            [rates.cache_write_5m, rates.cache_write_1h],
            [Some("1.25".parse().unwrap()), Some("2".parse().unwrap())]
        );
    }

    #[test]
    fn off_peak_hours_are_read_in_both_forms() {
        let import = read(
            r#"{"deepseek/d":{"litellm_provider":"deepseek","input_cost_per_token":3e-07,"output_cost_per_token":1.2e-06,"cache_creation_input_token_cost":0.0,
            "off_peak_pricing":{"input_cost_per_token":1.5e-07,"windows":[{"hours_utc":["04:00-06:00"],"weekdays":[1]},{"hours_utc":"00:00-00:00","weekdays":[6,7]}]}}}"#,
        )
        .unwrap();
        let off_peak = import.rows[0].periods[0].off_peak.as_ref().unwrap();
        assert_eq!(
            serde_json::to_string(off_peak).unwrap(),
            r#"{"rates":{"in":"0.15","out":"1.20","write_5m":"0.00"},"windows":[{"days":[1],"hours":["04:00-06:00"]},{"days":[6,7],"hours":["00:00-00:00"]}]}"#
        );
    }

    #[test]
    fn what_is_no_price_file_is_an_error() {
        for text in ["", "[]", "{\"a\":", "<html>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
