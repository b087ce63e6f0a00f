//! Lines without usage that tell of a conversation: its title, and Claude Code's own total.
//!
//! They are short and begin with their kind; looking at no more than that keeps the search for them free.

use chrono::DateTime;

use crate::domain::import::CostOfModel;
use crate::domain::import::CostState;
use crate::domain::import::Title;
use crate::domain::import::TitleKind;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::tokens::TokenUsage;
use crate::source::transcript::wire::CostStateLine;
use crate::source::transcript::wire::Field;
use crate::source::transcript::wire::ModelTotal;
use crate::source::transcript::wire::TitleLine;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Other {
    Title(Title),
    CostState(CostState),
}

/// What a line tells besides usage; `None` for most.
///
/// `summary` lines of old versions are left out: they name a message of some other file, not the conversation they lie in.
pub(super) fn read(line: &[u8]) -> Result<Option<Other>, &'static str> {
    Ok(match kind(line) {
        Some(b"custom-title") => title(line, TitleKind::Custom, |line| line.custom),
        Some(b"agent-name") => title(line, TitleKind::Agent, |line| line.agent),
        Some(b"ai-title") => title(line, TitleKind::Ai, |line| line.ai),
        Some(b"cost-state") => return cost_state(line),
        _ => None,
    })
}

/// The `type` of a line that begins with it.
fn kind(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start().strip_prefix(b"{")?.trim_ascii_start().strip_prefix(br#""type""#)?;
    let line = line.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(br#"""#)?;
    line.iter().take(32).position(|&byte| byte == b'"').map(|end| &line[..end])
}

fn title<'a>(line: &'a [u8], kind: TitleKind, field: impl Fn(&TitleLine<'a>) -> Field<'a>) -> Option<Other> {
    let line: TitleLine<'_> = serde_json::from_slice(line).ok()?;
    Some(Other::Title(Title {
        conversation: line.session_id.text()?.into_owned(),
        kind,
        text: field(&line).text()?.into_owned(),
    }))
}

/// A total that is not stated is not known; one that is no cost is an error.
fn cost_state(line: &[u8]) -> Result<Option<Other>, &'static str> {
    let Ok(line) = serde_json::from_slice::<CostStateLine<'_>>(line) else { return Ok(None) };
    let Some(conversation) = line.session_id.text() else { return Ok(None) };
    if !line.total.is_present() {
        return Ok(None);
    }
    let total = line.total.number().and_then(Usd::nearest).ok_or("its total is no cost")?;
    let count = |field: Field<'_>| field.count().ok().flatten();
    // Both in milliseconds; durations add up over resumed runs, so this is about the time.
    let at = count(line.start_time).map(|start| start.saturating_add(count(line.total_duration).unwrap_or(0)));
    let models = line.models.members::<ModelTotal<'_>>().into_iter().filter_map(|(name, total)| {
        let count = |field| count(field).unwrap_or(0);
        let tokens = TokenUsage {
            input: count(total.input),
            output: count(total.output),
            // Of writes only the sum is told.
            cache_write_5m: count(total.cache_write),
            cache_write_1h: 0,
            cache_read: count(total.cache_read),
            web_searches: count(total.web_searches),
        };
        let cost = total.cost.number().and_then(Usd::nearest)?;
        Some(CostOfModel { model: ModelId::new(name), tokens, cost })
    });
    Ok(Some(Other::CostState(CostState {
        conversation: conversation.into_owned(),
        total,
        has_unknown_model: line.has_unknown_model.is_true(),
        at: at.and_then(|at| DateTime::from_timestamp_millis(i64::try_from(at).ok()?)),
        models: models.collect(),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_by_their_kind() {
        for (line, expected) in [
            (r#"{"type":"custom-title","customTitle":"JWT","sessionId":"c"}"#, Some((TitleKind::Custom, "JWT"))),
            (
                r#" { "type" : "ai-title", "aiTitle": "Add \"x\"", "sessionId": "c"}"#,
                Some((TitleKind::Ai, "Add \"x\"")),
            ),
            (r#"{"type":"agent-name","agentName":"n","sessionId":"c"}"#, Some((TitleKind::Agent, "n"))),
            (r#"{"type":"custom-title","customTitle":"JWT"}"#, None),
            (r#"{"type":"summary","summary":"s","leafUuid":"u"}"#, None),
            (r#"{"type":"custom-title""#, None),
            (r#"{"sessionId":"c"}"#, None),
        ] {
            let title = expected
                .map(|(kind, text)| Other::Title(Title { conversation: "c".to_owned(), kind, text: text.to_owned() }));
            assert_eq!(read(line.as_bytes()), Ok(title), "{line}");
        }
    }

    #[test]
    fn a_total_keeps_every_digit_that_counts() {
        let line = r#"{"type":"cost-state","sessionId":"S1","totalCostUSD":1.2345000000000002,"totalDuration":500000,"startTime":1795168800000,
            "modelUsage":{"claude-opus-5-5[1m]":{"inputTokens":30,"outputTokens":4100,"cacheReadInputTokens":480000,"cacheCreationInputTokens":52000,"webSearchRequests":0,"costUSD":1.2345}},"hasUnknownModelCost":true}"#;
        let Ok(Some(Other::CostState(state))) = read(line.replace('\n', " ").as_bytes()) else { panic!("no total") };
        assert_eq!((state.total.to_string().as_str(), state.has_unknown_model), ("1.2345", true));
        assert_eq!(state.at.unwrap().timestamp_millis(), 1_795_169_300_000);
        assert_eq!(state.models[0].tokens.prompt(), 532_030);
    }

    #[test]
    fn a_total_that_is_no_cost_is_an_error_and_one_that_is_missing_is_not() {
        for (total, is_error) in [("null", false), ("-1", true), ("\"1.5\"", true), ("1e12", true), ("{}", true)] {
            let line = format!(r#"{{"type":"cost-state","sessionId":"c","totalCostUSD":{total}}}"#);
            assert_eq!(read(line.as_bytes()).is_err(), is_error, "{total}");
        }
        let line = br#"{"type":"cost-state","sessionId":"c","totalCostUSD":1,"modelUsage":{"a":{"costUSD":-1},"b":{"costUSD":1}}}"#;
        let Ok(Some(Other::CostState(state))) = read(line) else { panic!("no total") };
        assert_eq!(state.models.iter().map(|of| of.model.as_str()).collect::<Vec<_>>(), ["b"]);
    }
}
