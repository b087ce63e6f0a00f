//! Five-hour blocks: as a table, as JSON in ccusage's shape, and the running one in words.

use serde::Serialize;

use crate::domain::instant::written;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
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
use crate::view::text;
use crate::view::usage;
use crate::view::usage::Look;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Start,
    Time,
    Models,
    Tokens,
    Limit,
    Cost,
}

/// Columns for ever narrower terminals. The second is what `--compact` begins with.
const LAYOUTS: [&[Column]; 4] = [
    &[Column::Start, Column::Time, Column::Models, Column::Tokens, Column::Limit, Column::Cost],
    &[Column::Start, Column::Time, Column::Tokens, Column::Limit, Column::Cost],
    &[Column::Start, Column::Tokens, Column::Limit, Column::Cost],
    &[Column::Start, Column::Limit, Column::Cost],
];

/// One line a block, the projection of the running one below it.
pub(crate) fn table(report: &BlockReport, limit: Option<u64>, look: Look, style: &Style) -> String {
    let mut tables = layouts(look).iter().map(|columns| filled(report, limit, columns, look));
    let narrowest = || filled(report, limit, LAYOUTS[LAYOUTS.len() - 1], look);
    let table = tables.find(|table| table.fits(style)).unwrap_or_else(narrowest);
    let mut lines = vec![table.render(style)];
    lines.extend(style.notes(&notes(report, look)));
    lines.join("\n")
}

fn layouts(look: Look) -> &'static [&'static [Column]] {
    &LAYOUTS[usize::from(look.is_compact)..]
}

pub(crate) fn markdown(report: &BlockReport, limit: Option<u64>, look: Look) -> String {
    let mut text = filled(report, limit, layouts(look)[0], look).markdown();
    for note in notes(report, look) {
        text.extend(["\n\n", &crate::view::markdown::escaped(&note)]);
    }
    text
}

fn notes(report: &BlockReport, look: Look) -> Vec<String> {
    usage::notes(&report.total(), report.unpriced_models(), look)
}

fn filled(report: &BlockReport, limit: Option<u64>, columns: &[Column], look: Look) -> Table {
    let is_shown = |column: &Column| match column {
        Column::Limit => limit.is_some(),
        Column::Cost => look.has_costs,
        _ => true,
    };
    let columns: Vec<Column> = columns.iter().copied().filter(is_shown).collect();
    let mut table = Table::new(&columns.iter().map(|column| header(*column)).collect::<Vec<_>>());
    let total = report.total();
    let figure = |column: Column, tokens: u64, cost: Option<Usd>| match column {
        Column::Tokens => format::tokens(tokens),
        Column::Limit => limit.map(|limit| share(tokens, limit)).unwrap_or_default(),
        Column::Cost => format::or_unknown(cost, |cost| format::usd_of(cost, total.cost.total())),
        _ => String::new(),
    };
    for row in &report.blocks {
        let used = &row.usage.total;
        table.row(columns.iter().map(|column| match column {
            Column::Start => format::moment(row.block.start, look.tz),
            Column::Time => state(row),
            Column::Models => usage::models(&row.usage),
            _ if row.block.work.is_none() => String::new(),
            _ => figure(*column, used.tokens.total(), used.known_cost()),
        }));
        if let Some(end) = row.active.as_ref().and_then(|active| active.projection) {
            table.row(columns.iter().map(|column| match column {
                Column::Start => "└ at this rate".to_owned(),
                Column::Time => "in the end".to_owned(),
                _ => figure(*column, end.tokens, end.cost),
            }));
        }
    }
    table.total(columns.iter().map(|column| match column {
        Column::Start => "Total".to_owned(),
        // A sum of all blocks is not what a limit is for.
        Column::Limit => String::new(),
        _ => figure(*column, total.tokens.total(), total.known_cost()),
    }));
    table
}

fn header(column: Column) -> (&'static str, Align) {
    match column {
        Column::Start => ("Start", Align::Left),
        Column::Time => ("Time", Align::Left),
        Column::Models => ("Models", Align::Left),
        Column::Tokens => ("Tokens", Align::Right),
        Column::Limit => ("Limit", Align::Right),
        Column::Cost => ("Cost", Align::Right),
    }
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
    let (gone, left) = (format::duration(active.elapsed), format::duration(active.remaining));
    let heading = text::wrapped(&format!("Block since {start}: {gone} gone, {left} left"), style.width_columns());
    let mut lines: Vec<String> = heading.iter().map(|line| style.strong(line)).collect();
    let mut line = |name: &str, text: String| lines.push(style.named(&format!("  {name}"), &text));
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
    lines.extend(style.notes(&usage::notes(total, row.usage.unpriced_models(), look)));
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
        let mut cells = [row.block.start, row.block.end, first, last].map(written).to_vec();
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
    let start = written(block.start);
    let TokenUsage { input, output, cache_read, .. } = total.tokens;
    let projection = row.active.as_ref().and_then(|active| active.projection);
    let amount = |cost| has_costs.then_some(Amount(cost));
    BlockJson {
        id: if block.work.is_none() { format!("gap-{start}") } else { start.clone() },
        start_time: start,
        end_time: written(block.end),
        actual_end_time: block.work.map(|(_, last)| written(last)),
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
