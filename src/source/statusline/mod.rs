//! What Claude Code gives to a status line on its stdin (<https://code.claude.com/docs/en/statusline>).

mod wire;

use std::borrow::Cow;
use std::io::Read;
use std::path::PathBuf;

use chrono::DateTime;

use crate::domain::live::ContextWindow;
use crate::domain::live::Limit;
use crate::domain::live::Limits;
use crate::domain::live::Live;
use crate::domain::model::ModelId;
use crate::domain::ratio::Ratio;
use crate::source::field::Field;

/// A real payload has some two thousand bytes.
const MOST_BYTES: u64 = 1 << 20;
/// An id is a UUID; what is longer is none, and not worth keeping.
const MOST_ID_BYTES: usize = 128;

/// Reads the payload; what is too long or no JSON says nothing.
pub(crate) fn read(input: impl Read) -> Live {
    let mut json = Vec::new();
    // What came before a failure may still be whole.
    let _ = input.take(MOST_BYTES).read_to_end(&mut json);
    parse(&json)
}

fn parse(json: &[u8]) -> Live {
    let json = String::from_utf8_lossy(json);
    let payload: wire::Payload<'_> = serde_json::from_str(json.trim_start_matches('\u{feff}')).unwrap_or_default();
    let workspace: wire::Workspace<'_> = payload.workspace.object().unwrap_or_default();
    let model: wire::Model<'_> = payload.model.object().unwrap_or_default();
    let cost: wire::Cost<'_> = payload.cost.object().unwrap_or_default();
    let limits: wire::RateLimits<'_> = payload.rate_limits.object().unwrap_or_default();
    Live {
        conversation: text(payload.session_id).filter(|id| id.len() <= MOST_ID_BYTES),
        transcript: text(payload.transcript_path).map(PathBuf::from),
        directory: text(workspace.current_dir).or_else(|| text(payload.cwd)).map(PathBuf::from),
        model: text(model.id).map(ModelId::new),
        model_name: text(model.display_name),
        cost: wire::usd(cost.total_cost_usd),
        context: context(&payload.context_window.object().unwrap_or_default()),
        limits: Limits { five_hours: limit(limits.five_hour), seven_days: limit(limits.seven_day) },
    }
}

fn text(field: Field<'_>) -> Option<String> {
    field.text().map(Cow::into_owned)
}

fn context(window: &wire::ContextWindow<'_>) -> ContextWindow {
    let usage: wire::CurrentUsage<'_> = window.current_usage.object().unwrap_or_default();
    let size = wire::tokens(window.size).filter(|&size| size > 0);
    let counts = [usage.input, usage.cache_write, usage.cache_read];
    let current = counts.into_iter().filter_map(wire::tokens).reduce(|sum, count| sum + count);
    // Before 2.1.132 this was the sum over the conversation, which no context holds (code.claude.com/docs/en/statusline).
    let total = wire::tokens(window.total_input_tokens).filter(|&total| size.is_none_or(|size| total <= size));
    let tokens = current.or(total);
    let computed = || Ratio::of(tokens?, size?);
    ContextWindow { tokens, used: wire::percentage(window.used_percentage).or_else(computed) }
}

fn limit(window: Field<'_>) -> Option<Limit> {
    let limit: wire::RateLimit<'_> = window.object().unwrap_or_default();
    let resets_at =
        wire::whole(limit.resets_at).and_then(|seconds| DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0));
    Some(Limit { used: wire::percentage(limit.used_percentage)?, resets_at })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = r#"{"session_id":"S1","transcript_path":"/h/.claude/projects/p/S1.jsonl","cwd":"/w",
        "model":{"id":"claude-opus-5-5[1m]","display_name":"Opus 5.5"},"version":"2.1.330",
        "workspace":{"current_dir":"/w/app","project_dir":"/w","added_dirs":[]},
        "cost":{"total_cost_usd":0.25172,"total_duration_ms":45000,"total_lines_added":156},
        "context_window":{"total_input_tokens":15234,"total_output_tokens":452,"context_window_size":200000,
            "used_percentage":8,"remaining_percentage":92,"current_usage":{"input_tokens":34,"output_tokens":452,
            "cache_creation_input_tokens":5200,"cache_read_input_tokens":10000}},
        "rate_limits":{"five_hour":{"used_percentage":23.5,"resets_at":1795438800},
            "seven_day":{"used_percentage":"41.2","resets_at":null}},"new":[{}]}"#;

    #[test]
    fn reads_what_is_there() {
        let live = parse(WHOLE.as_bytes());
        assert_eq!(live.conversation.as_deref(), Some("S1"));
        assert_eq!(live.directory, Some(PathBuf::from("/w/app")));
        assert_eq!(live.model, Some(ModelId::new("claude-opus-5-5[1m]")));
        assert_eq!(live.model_name.as_deref(), Some("Opus 5.5"));
        assert_eq!(live.cost.unwrap().to_string(), "0.25172");
        assert_eq!(live.context, ContextWindow { tokens: Some(15_234), used: Ratio::of(8_000_000, 100_000_000) });
        let five_hours = live.limits.five_hours.unwrap();
        assert_eq!(five_hours.used.rounded(3), 235);
        assert_eq!(five_hours.resets_at, DateTime::from_timestamp(1_795_438_800, 0));
        assert_eq!(live.limits.seven_days.unwrap().resets_at, None);
    }

    #[test]
    fn the_share_of_the_context_is_computed_where_it_is_not_given() {
        let context = |json: &str| parse(format!(r#"{{"context_window":{json}}}"#).as_bytes()).context;
        for (json, tokens, thousandths) in [
            (r#"{"context_window_size":1000,"total_input_tokens":250}"#, Some(250), Some(250)),
            (r#"{"context_window_size":1000,"total_input_tokens":2500}"#, None, None),
            (r#"{"context_window_size":0,"total_input_tokens":250}"#, Some(250), None),
            (r#"{"current_usage":{"input_tokens":1,"cache_read_input_tokens":null}}"#, Some(1), None),
            (r#"{"current_usage":null,"used_percentage":null,"context_window_size":1000}"#, None, None),
            (r#"{"used_percentage":"12.5"}"#, None, Some(125)),
            ("[]", None, None),
        ] {
            let context = context(json);
            assert_eq!((context.tokens, context.used.map(|used| used.rounded(3))), (tokens, thousandths), "{json}");
        }
    }

    #[test]
    fn odd_fields_harm_no_others() {
        let json = r#"{"session_id":7,"model":"opus","cost":{"total_cost_usd":1},"workspace":null,"cwd":"/w","rate_limits":[]}"#;
        let live = parse(format!("\u{feff}{json}").as_bytes());
        assert_eq!(live.cost, Some("1".parse().unwrap()));
        assert_eq!(live.directory, Some(PathBuf::from("/w")));
        assert_eq!((live.conversation, live.model), (None, None));
    }

    #[test]
    fn what_is_no_payload_says_nothing() {
        for input in ["", "null", "[]", "{", "not json", "{}", "\"text\"", "7"] {
            assert_eq!(parse(input.as_bytes()), Live::default(), "{input}");
        }
        let endless = std::io::repeat(b'[');
        assert_eq!(read(endless), Live::default());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
        }

        #[test]
        fn no_value_of_a_field_makes_it_panic(value in "(-?[0-9]{1,40}(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,12})?|\"[ -~]{0,9}\"|null|\\[\\]|\\{\\}|true)", number in 0_usize..7) {
            let names = ["0.25172", "15234", "200000", "23.5", "1795438800", "\"41.2\"", "10000"];
            parse(WHOLE.replace(names[number], &value).as_bytes());
        }
    }
}
