//! What can be typed about sessions.

use std::path::PathBuf;

use clap::ArgGroup;
use clap::Args;
use clap::ValueEnum;

use crate::cli::span::day;

/// Which session is meant.
#[derive(Debug, Args)]
pub(crate) struct SessionArg {
    /// The session, by the start of its id or by its name [default: the one of this project]
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AtArg {
    /// When it was: `14:30`, `10m ago`, `yesterday 17:00` or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

/// Tokens that the prompt cache had to do with.
#[derive(Debug, Args)]
pub(crate) struct CacheArgs {
    /// Tokens read from the prompt cache
    #[arg(long = "cache-read", value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) read: Option<String>,
    /// Tokens written to the prompt cache for five minutes
    #[arg(long = "cache-write", value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) write_5m: Option<String>,
    /// Tokens written to the prompt cache for an hour
    #[arg(long = "cache-write-1h", value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) write_1h: Option<String>,
}

/// What a session is about, beside its name.
#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    /// The model of entries that name none, by id or as `opus`, `sonnet`, `haiku`
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// A label; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// The ticket or issue that it is for
    #[arg(long)]
    pub(crate) ticket: Option<String>,
    /// Who it is done for
    #[arg(long)]
    pub(crate) client: Option<String>,
    /// What you think it will cost, in dollars
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) estimate: Option<String>,
    /// What it should not cost more than, in dollars
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) budget: Option<String>,
    /// Your own price for an hour of work, in dollars
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    pub(crate) rate: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost start \"JWT auth\"
  claude-cost start \"Checkout rewrite\" --ticket SHOP-17 --budget 20
  claude-cost start \"Bug hunt\" --at \"25m ago\"")]
pub(crate) struct StartArgs {
    /// What you are going to do
    #[arg(required = true)]
    pub(crate) name: Vec<String>,
    /// The project's name [default: that of the repository or directory]
    #[arg(long)]
    pub(crate) project: Option<String>,
    #[command(flatten)]
    pub(crate) facts: FactsArgs,
    #[command(flatten)]
    pub(crate) at: AtArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost log 1500 800 \"token validation\"
  claude-cost log 12k 3.5k \"read the spec\" --task plan --cache-read 40k
  claude-cost log --input-text prompt.md --output-text answer.md \"design review\"
  claude-cost log --infra runpod/a100-80gb=1.5h \"fine-tuning run\"

A count may be written 1500, 1,500, 1.5k or 2M.")]
pub(crate) struct LogArgs {
    /// Tokens in, tokens out, and what it was; the counts are left out with --input-text, --output-text and --infra
    #[arg(value_name = "IN OUT TEXT", allow_negative_numbers = true)]
    pub(crate) words: Vec<String>,
    /// The kind of work: chat, code, review, debug, plan, audit, test, docs or your own
    #[arg(long)]
    pub(crate) task: Option<String>,
    /// The model, if not the session's
    #[arg(long)]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    /// Estimate the tokens in from the text of a file (`-` for stdin)
    #[arg(long, value_name = "FILE")]
    pub(crate) input_text: Option<PathBuf>,
    /// Estimate the tokens out from the text of a file (`-` for stdin)
    #[arg(long, value_name = "FILE")]
    pub(crate) output_text: Option<PathBuf>,
    /// Infrastructure that was used, as in `runpod/a100-80gb=1.5h`; may be given several times
    #[arg(long, value_name = "ITEM=QUANTITY", allow_hyphen_values = true)]
    pub(crate) infra: Vec<String>,
    /// Count it on top of what Claude Code's transcripts show for the same time
    #[arg(long)]
    pub(crate) extra: bool,
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost quick code \"auth middleware\"
  claude-cost quick review \"security audit of the JWT handling\"

Tokens are those of your own earlier entries of that kind, or a preset until there are some.")]
pub(crate) struct QuickArgs {
    /// The kind of work: chat, code, review, debug, plan, audit, test, docs or your own
    pub(crate) task: String,
    /// What it was
    #[arg(required = true)]
    pub(crate) text: Vec<String>,
    /// The model, if not the session's
    #[arg(long)]
    pub(crate) model: Option<String>,
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost note \"the library has no refresh tokens\"")]
pub(crate) struct NoteArgs {
    /// What to remember
    #[arg(required = true)]
    pub(crate) text: Vec<String>,
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFormat {
    /// A few lines
    Long,
    /// One line
    Short,
    /// Name and cost for a prompt; nothing at all when no session runs
    Prompt,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost status
  claude-cost status --check && echo \"a session is running\"")]
pub(crate) struct StatusArgs {
    /// How much to print: long, short (one line), or prompt (name and cost; nothing when no session runs)
    #[arg(long, value_enum, default_value = "long", value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: StatusFormat,
    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Print one word, the session's state, and exit with 1 when no session runs
    #[arg(long, conflicts_with_all = ["format", "json"])]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost pause --at \"20m ago\"")]
pub(crate) struct PauseArgs {
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost resume")]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost end
  claude-cost end --at 17:45 --commit")]
pub(crate) struct EndArgs {
    /// Commit the report's two files, and nothing else
    #[arg(long)]
    pub(crate) commit: bool,
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost continue
  claude-cost continue 3f9a2c1b")]
pub(crate) struct ContinueArgs {
    /// The session, by the start of its id or by its name [default: the last one of this project]
    #[arg(value_name = "ID")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) at: AtArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost undo")]
pub(crate) struct UndoArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  claude-cost cancel

A cancelled session counts nowhere; `claude-cost undo` brings it back.")]
pub(crate) struct CancelArgs {
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost edit 3 --out 4200 --task code
  claude-cost edit 2 --remove
  claude-cost edit --name \"JWT auth, second try\" --ticket AUTH-12

`claude-cost show` has the numbers. An empty text takes a ticket, client, estimate, budget or rate away.")]
#[command(group(ArgGroup::new("cached").args(["read", "write_5m", "write_1h"]).multiple(true).requires("number")))]
pub(crate) struct EditArgs {
    /// The number of an entry or note; without one the session itself is edited
    pub(crate) number: Option<usize>,
    /// What it was
    #[arg(long, requires = "number")]
    pub(crate) text: Option<String>,
    /// Tokens in
    #[arg(long = "in", value_name = "COUNT", requires = "number", allow_negative_numbers = true)]
    pub(crate) input: Option<String>,
    /// Tokens out
    #[arg(long = "out", value_name = "COUNT", requires = "number", allow_negative_numbers = true)]
    pub(crate) output: Option<String>,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    /// The kind of work
    #[arg(long, requires = "number")]
    pub(crate) task: Option<String>,
    /// Remove the entry or note
    #[arg(long, requires = "number", conflicts_with_all = ["text", "input", "output", "cached", "task", "model", "at"])]
    pub(crate) remove: bool,
    /// The session's name
    #[arg(long, conflicts_with_all = ["number", "text", "input", "output", "cached", "task"])]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) facts: FactsArgs,
    #[command(flatten)]
    pub(crate) at: AtArg,
    #[command(flatten)]
    pub(crate) session: SessionArg,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost sessions
  claude-cost sessions --all --since 2026-11-01 --client ACME --totals")]
pub(crate) struct SessionsArgs {
    /// Sessions of every project, not of this one alone
    #[arg(long)]
    pub(crate) all: bool,
    /// Running totals by project in the place of single sessions
    #[arg(long)]
    pub(crate) totals: bool,
    /// Only sessions with this tag
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Only sessions for this client
    #[arg(long)]
    pub(crate) client: Option<String>,
    /// Only sessions that ended on or after this day
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) since: Option<chrono::NaiveDate>,
    /// At most so many of the latest [default: 20, and all with --json]
    #[arg(long, short = 'n', value_name = "COUNT")]
    pub(crate) limit: Option<u32>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    Md,
    Json,
    Html,
    Csv,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  claude-cost show
  claude-cost show 3f9a2c1b --format html > session.html
  claude-cost show 3f9a2c1b --save")]
pub(crate) struct ShowArgs {
    /// The session, by the start of its id or by its name [default: the running one, else the last]
    #[arg(value_name = "ID")]
    pub(crate) session: Option<String>,
    /// As what to print it
    #[arg(long, value_enum, default_value = "md", value_name = "FORMAT")]
    pub(crate) format: ShowFormat,
    /// Render the archived report again, keeping your "Session notes"
    #[arg(long, conflicts_with = "format")]
    pub(crate) save: bool,
}
