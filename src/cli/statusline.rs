//! What can be typed about the status line.

use clap::Args;
use clap::ValueEnum;

use crate::cli::zone::Zone;
use crate::domain::live::CostSource;

pub(super) const STATUSLINE_HELP: &str = "\
Claude Code runs it when its settings.json has
  \"statusLine\": { \"type\": \"command\", \"command\": \"claude-cost statusline\" }

The line is a template, of parts between ` | ` and ` / `. A part in which
something is not known, or is not there, vanishes. Its placeholders:
  {model}         the model
  {conversation}  the conversation's cost; `cc` marks Claude Code's own figure
  {today}         the day's cost
  {block} {left}  the five-hour block's cost, and the time left of it
  {burn}          dollars an hour in that block
  {context}       tokens in the model's context
  {session}       your running session and its cost
  {budget}        what is left of its budget
  {limit_5h} {limit_7d}  what is used up of a subscription's limits
An amount with a `≥` is not all: something in it has no price.

Examples:
  claude-cost statusline < payload.json
  claude-cost config set statusline.template '{model} | 💰 {today} today'";

#[derive(Debug, Args)]
#[command(after_help = STATUSLINE_HELP)]
pub(crate) struct StatuslineArgs {
    /// Whose figure the conversation's cost is
    #[arg(long, value_name = "WHOSE", default_value = "auto")]
    pub(crate) cost_source: CostSource,
    /// Show beside the burn rate whether it is high
    #[arg(short = 'B', long, value_name = "HOW", default_value = "off")]
    pub(crate) visual_burn_rate: BurnRateForm,
    /// Per cent of the context from which it is painted as filling up
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) context_low_threshold: u8,
    /// Per cent of the context from which it is painted as nearly full
    #[arg(long, value_name = "PERCENT", default_value_t = 80, value_parser = clap::value_parser!(u8).range(..=100))]
    pub(crate) context_medium_threshold: u8,
    /// Where the day begins, as an IANA name
    #[arg(short = 'z', long, value_name = "ZONE")]
    pub(crate) timezone: Option<Zone>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) moot: MootArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BurnRateForm {
    Off,
    Emoji,
    Text,
    EmojiText,
}

/// What ccusage's status line takes and ours has no use for: it never asks the network, and needs no cache.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags of another program, none of which is read")]
pub(crate) struct MootArgs {
    /// Accepted for ccusage's sake
    #[arg(short = 'O', long, hide = true)]
    offline: bool,
    /// Accepted for ccusage's sake
    #[arg(long, hide = true)]
    no_offline: bool,
    /// Accepted for ccusage's sake
    #[arg(long, hide = true)]
    cache: bool,
    /// Accepted for ccusage's sake
    #[arg(long, hide = true)]
    no_cache: bool,
    /// Accepted for ccusage's sake
    #[arg(long, hide = true, value_name = "SECONDS")]
    refresh_interval: Option<u64>,
    /// Accepted for ccusage's sake
    #[arg(short, long, hide = true)]
    debug: bool,
}
