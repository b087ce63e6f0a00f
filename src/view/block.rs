//! Five-hour blocks: as a table, as JSON in ccusage's shape, and the running one in words.

use serde::Serialize;

use crate::domain::model::ModelId;
use crate::domain::ratio::Ratio;
use crate::domain::tokens::TokenUsage;
use crate::report::block::Active;
use crate::report::block::BlockReport;
use crate::report::block::BlockRow;
use crate::report::block::LimitStatus;
use crate::view::csv;
use crate::view::format;
use crate::view::json;
use crate::view::json::Amount;
use crate::view::style::Style;
use crate::view::table::Align;
use crate::view::table::Table;
use crate::view::usage;
use crate::view::usage::Look;
use crate::view::usage::json::instant;

/// One line a block, the projection of the running one below it.
pub(crate) fn table(report: &BlockReport, limit: Option<u64>, look: Look, style: &Style) -> String {
    let has_models = !look.is_compact;
    let widest = filled(report, limit, has_models, look);
    let table = if widest.fits(style) { widest } else { filled(report, limit, false, look) };
    let mut lines = vec![table.render(style)];
    lines.extend(notes(report, look).iter().map(|note| style.faint(note)));
    lines.join("\n")
}

pub(crate) fn markdown(report: &BlockReport, limit: Option<u64>, look: Look) -> String {
    let mut text = filled(report, limit, !look.is_compact, look).markdown();
    for note in notes(report, look) {
        text.extend(["\n\n", &crate::view::markdown::escaped(&note)]);
    }
    text
}

fn notes(report: &BlockReport, look: Look) -> Vec<String> {
    usage::notes(&report.total(), report.unpriced_models(), look)
}

fn filled(report: &BlockReport, limit: Option<u64>, has_models: bool, look: Look) -> Table {
    let columns = [
        Some(("Start", Align::Left)),
        Some(("State", Align::Left)),
        has_models.then_some(("Models", Align::Left)),
        Some(("Tokens", Align::Right)),
        limit.map(|_| ("Limit", Align::Right)),
        look.has_costs.then_some(("Cost", Align::Right)),
    ];
    let mut table = Table::new(&columns.into_iter().flatten().collect::<Vec<_>>());
    let total = report.total();
    let cost = |cost| format::or_unknown(cost, |cost| format::usd_of(cost, total.cost.total()));
    let cells = |[start, state, models]: [String; 3], tokens: Option<u64>, cost: String| {
        let figures = [
            Some(tokens.map(format::tokens).unwrap_or_default()),
            limit.map(|limit| tokens.map(|tokens| share(tokens, limit)).unwrap_or_default()),
            look.has_costs.then_some(cost),
        ];
        let names = [Some(start), Some(state), has_models.then_some(models)];
        names.into_iter().chain(figures).flatten().collect::<Vec<_>>()
    };
    for row in &report.blocks {
        let start = format::moment(row.block.start, look.tz);
        if row.block.work.is_none() {
            table.row(cells([start, state(row), String::new()], None, String::new()));
            continue;
        }
        let used = &row.usage.total;
        let names = [start, state(row), usage::models(&row.usage)];
        table.row(cells(names, Some(used.tokens.total()), cost(used.known_cost())));
        if let Some(end) = row.active.as_ref().and_then(|active| active.projection) {
            let names = ["└ at this rate".to_owned(), "in the end".to_owned(), String::new()];
            table.row(cells(names, Some(end.tokens), cost(end.cost)));
        }
    }
    let names = ["Total".to_owned(), String::new(), String::new()];
    // A sum of all blocks is not what a limit is for.
    let mut cells = cells(names, Some(total.tokens.total()), cost(total.known_cost()));
    if limit.is_some() {
        let place = if has_models { 4 } else { 3 };
        cells[place] = String::new();
    }
    table.total(cells);
    table
}

fn state(row: &BlockRow) -> String {
    match (&row.active, row.block.work) {
        (Some(active), _) => format!("active, {} left", format::duration(active.remaining)),
        (None, Some((_, last))) => format::duration(last - row.block.start),
        (None, None) => format!("nothing for {}", format::duration(row.block.end - row.block.start)),
    }
}

fn share(tokens: u64, limit: u64) -> String {
    format::or_unknown(Ratio::of(tokens, limit), format::percent)
}

/// The running block in words.
pub(crate) fn active(row: &BlockRow, active: &Active, limit: Option<u64>, look: Look, style: &Style) -> String {
    let total = &row.usage.total;
    let and_cost = |cost| {
        let cost = format::or_unknown(cost, format::usd);
        if look.has_costs { format!(", {cost}") } else { String::new() }
    };
    let start = format::moment(row.block.start, look.tz);
    let mut lines = vec![style.strong(&format!(
        "Block since {start}: {} gone, {} left",
        format::duration(active.elapsed),
        format::duration(active.remaining)
    ))];
    let mut line = |name: &str, text: String| lines.push(format!("  {}  {text}", style.faint(&format!("{name:<6}"))));
    let used = total.tokens.total();
    line("used", format!("{} tokens{}", format::tokens(used), and_cost(total.known_cost())));
    if let Some(burn) = active.burn {
        let hourly = if look.has_costs {
            format!(", {} an hour", format::or_unknown(burn.cost_per_hour, format::usd))
        } else {
            String::new()
        };
        let rate = u64::try_from(burn.tokens_per_minute.rounded(0)).unwrap_or(u64::MAX);
        line("rate", format!("{} tokens a minute{hourly}", format::tokens(rate)));
    }
    if let Some(end) = active.projection {
        line("end", format!("{} tokens{} at this rate", format::tokens(end.tokens), and_cost(end.cost)));
    }
    if let Some(limit) = limit {
        let end = active.projection.map(|end| format!(", {} in the end", limit_words(end.tokens, limit)));
        let (limit_tokens, used) = (format::tokens(limit), share(used, limit));
        line("limit", format!("{limit_tokens} tokens: {used} used{}", end.unwrap_or_default()));
    }
    lines.extend(usage::notes(total, row.usage.unpriced_models(), look).iter().map(|note| style.faint(note)));
    lines.join("\n")
}

fn limit_words(tokens: u64, limit: u64) -> String {
    let share = share(tokens, limit);
    match LimitStatus::of(tokens, limit) {
        LimitStatus::Fine => share,
        LimitStatus::Warning => format!("{share} (close)"),
        LimitStatus::Exceeds => format!("{share} (over)"),
    }
}

/// One line a block, gaps left out; exact figures.
pub(crate) fn csv(report: &BlockReport, has_costs: bool) -> String {
    let mut text = "start,end,first_at,last_at,is_active,models,exchanges,input_tokens,output_tokens,\
                    cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,total_tokens,unpriced_tokens"
        .to_owned();
    text += if has_costs { ",cost_usd\n" } else { "\n" };
    for row in &report.blocks {
        let Some((first, last)) = row.block.work else { continue };
        let (total, tokens) = (&row.usage.total, &row.usage.total.tokens);
        let models: Vec<_> = row.usage.models.keys().map(ModelId::as_str).collect();
        let mut cells = [row.block.start, row.block.end, first, last].map(instant).to_vec();
        cells.extend([row.active.is_some().to_string(), csv::cell(&models.join(" "))]);
        let counts = [
            total.exchanges,
            tokens.input,
            tokens.output,
            tokens.cache_write_5m,
            tokens.cache_write_1h,
            tokens.cache_read,
            tokens.total(),
            total.unpriced_tokens,
        ];
        cells.extend(counts.map(|count| count.to_string()));
        cells.extend(has_costs.then(|| total.known_cost().map(|cost| cost.to_string()).unwrap_or_default()));
        text += &(cells.join(",") + "\n");
    }
    text
}

#[derive(Serialize)]
struct BlocksJson<'a> {
    blocks: Vec<BlockJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockJson<'a> {
    id: String,
    start_time: String,
    end_time: String,
    actual_end_time: Option<String>,
    is_active: bool,
    is_gap: bool,
    entries: u64,
    token_counts: TokenCounts,
    total_tokens: u64,
    #[serde(rename = "costUSD", skip_serializing_if = "Option::is_none")]
    cost: Option<Amount>,
    models: Vec<&'a ModelId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unpriced_models: Vec<&'a ModelId>,
    burn_rate: Option<BurnJson>,
    projection: Option<ProjectionJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_limit_status: Option<LimitJson>,
}

/// With other names than elsewhere, as ccusage has it.
#[derive(Serialize)]
struct TokenCounts {
    #[serde(rename = "inputTokens")]
    input: u64,
    #[serde(rename = "outputTokens")]
    output: u64,
    #[serde(rename = "cacheCreationInputTokens")]
    cache_write: u64,
    #[serde(rename = "cacheReadInputTokens")]
    cache_read: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BurnJson {
    tokens_per_minute: Ratio,
    tokens_per_minute_for_indicator: Ratio,
    cost_per_hour: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProjectionJson {
    total_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_cost: Option<Amount>,
    remaining_minutes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitJson {
    limit: u64,
    projected_usage: u64,
    percent_used: Option<Ratio>,
    status: &'static str,
}

pub(crate) fn json(report: &BlockReport, limit: Option<u64>, has_costs: bool) -> anyhow::Result<String> {
    let blocks = report.blocks.iter().map(|row| block(row, limit, has_costs)).collect();
    json::pretty(&BlocksJson { blocks })
}

fn block(row: &BlockRow, limit: Option<u64>, has_costs: bool) -> BlockJson<'_> {
    let (block, total) = (&row.block, &row.usage.total);
    let start = instant(block.start);
    let TokenUsage { input, output, cache_read, .. } = total.tokens;
    let projection = row.active.as_ref().and_then(|active| active.projection);
    let amount = |cost| has_costs.then_some(Amount(cost));
    BlockJson {
        id: if block.work.is_none() { format!("gap-{start}") } else { start.clone() },
        start_time: start,
        end_time: instant(block.end),
        actual_end_time: block.work.map(|(_, last)| instant(last)),
        is_active: row.active.is_some(),
        is_gap: block.work.is_none(),
        entries: total.exchanges,
        token_counts: TokenCounts { input, output, cache_write: total.tokens.cache_write(), cache_read },
        total_tokens: total.tokens.total(),
        cost: amount(total.known_cost()),
        models: row.usage.models.keys().collect(),
        unpriced_models: row.usage.unpriced_models().filter(|_| has_costs).collect(),
        burn_rate: row.active.as_ref().and_then(|active| active.burn).map(|burn| BurnJson {
            tokens_per_minute: burn.tokens_per_minute,
            tokens_per_minute_for_indicator: burn.plain_tokens_per_minute,
            cost_per_hour: Amount(burn.cost_per_hour),
        }),
        projection: projection.map(|end| ProjectionJson {
            total_tokens: end.tokens,
            total_cost: amount(end.cost),
            remaining_minutes: end.remaining_minutes,
        }),
        token_limit_status: projection.zip(limit).map(|(end, limit)| LimitJson {
            limit,
            projected_usage: end.tokens,
            percent_used: Ratio::of(i128::from(end.tokens) * 100, limit),
            status: match LimitStatus::of(end.tokens, limit) {
                LimitStatus::Fine => "ok",
                LimitStatus::Warning => "warning",
                LimitStatus::Exceeds => "exceeds",
            },
        }),
    }
}
