//! What fuzzers may call (`fuzz/`): any bytes go in, and nothing comes out but a panic where a promise is broken.

use std::sync::LazyLock;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::event::UsageEvent;
use crate::domain::live::CostSource;
use crate::domain::model::ModelId;
use crate::domain::price::PriceBook;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::domain::tokens::MOST_TOKENS;
use crate::domain::tokens::TokenUsage;
use crate::report::statusline as report;
use crate::source::prices;
use crate::source::prices::litellm;
use crate::source::statusline as source;
use crate::source::transcript::agreement;
use crate::store::journal;
use crate::view;
use crate::view::statusline::Look;
use crate::view::statusline::Template;
use crate::view::style::Style;

static BUILT_IN: LazyLock<PriceBook> = LazyLock::new(prices::built_in);

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + second, 0).expect("a second of 2026")
}

/// Lines of a transcript: each way of reading gives the same.
pub fn transcript(bytes: &[u8]) {
    agreement::check(bytes);
}

/// A session's journal: what it says twice counts once.
pub fn journal(bytes: &[u8]) {
    let id = journal::new_session_id(at(0));
    let Some(session) = journal::fold(id, bytes) else { return };
    assert!(journal::start(bytes).is_some(), "a session has a start");
    assert!(session.wall_time(at(0)) >= TimeDelta::zero());
    assert!(session.active_time(at(0), TimeDelta::minutes(15), &[at(-60)]) >= TimeDelta::zero());
    assert_eq!(session.intervals().count(), session.entries.len());
    let _events: Vec<UsageEvent> =
        session.entries.iter().filter_map(|entry| UsageEvent::of_entry(&session, entry)).collect();

    let twice = journal::fold(id, &[bytes, b"\n", bytes].concat()).expect("it had a start");
    assert_eq!((&session.entries, &session.notes, session.state), (&twice.entries, &twice.notes, twice.state));
}

/// What a status line is given: one line comes of it, no wider than the terminal.
pub fn statusline(bytes: &[u8]) {
    const COLUMNS: usize = 60;
    let live = source::read(bytes);
    let _seen = live.seen(at(0));
    let report = report::build(&live, None, None, &BUILT_IN, CostSource::Both, at(0));
    view::json::pretty(&report).expect("a report is plain data");
    let look = Look { pace_emoji: true, pace_word: true, context_low: 50, context_medium: 80 };
    let style = Style::new(false, Some(COLUMNS));
    let line = view::statusline::line(&report, &Template::default(), look, at(0), chrono_tz::Tz::UTC, &style);
    assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
    assert_eq!(view::text::shortened_line(&line, COLUMNS), line);
}

/// A price file, the user's own or LiteLLM's: whatever it says, a cost can be asked for.
pub fn prices(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut names: Vec<String> =
        ["claude-opus-5-5", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "gpt-5-fast"].map(ToOwned::to_owned).into();
    let mut book = BUILT_IN.clone();
    if let Ok(list) = prices::parse(text) {
        let again = prices::to_text(&list).expect("what was read can be written");
        assert_eq!(prices::parse(&again).expect("what was written can be read"), list);
        names.extend(list.models.iter().flat_map(|row| row.aliases.iter().chain([&row.id])).cloned());
        book = book.overlaid(list);
    }
    if let Ok(import) = litellm::read(text) {
        names.extend(import.rows.iter().map(|row| row.id.clone()));
        book = book.overlaid(crate::domain::price::PriceList { models: import.rows, ..Default::default() });
    }
    let most = TokenUsage {
        input: MOST_TOKENS,
        output: MOST_TOKENS,
        cache_write_5m: MOST_TOKENS,
        cache_write_1h: MOST_TOKENS,
        cache_read: MOST_TOKENS,
        web_searches: MOST_TOKENS,
    };
    let batch = Terms { speed: Some(Speed::Fast), tier: Tier::Batch, us_only: true };
    for name in names {
        let model = book.alias(&name, at(0)).unwrap_or_else(|| ModelId::new(name));
        for (tokens, terms) in [(TokenUsage::default(), Terms::default()), (most, Terms::default()), (most, batch)] {
            let _total = book.cost_of(&model, at(0), &tokens, &terms).map(|cost| cost.total());
        }
    }
}
