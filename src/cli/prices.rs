//! What can be typed about prices.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use clap::Subcommand;

use crate::domain::money::Rate;

#[derive(Debug, Args)]
#[command(disable_help_subcommand = true, after_help = "Example:\n  claude-cost prices show claude-opus-5-5")]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    pub(crate) action: PricesAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PricesAction {
    /// List the prices that hold now
    List(PricesListArgs),
    /// Show all that is known of one model's price
    Show(PricesShowArgs),
    /// State a model's price, in US dollars a million tokens
    Set(PricesSetArgs),
    /// Remove a price that you set or imported
    #[command(after_help = "Example:\n  claude-cost prices remove my-deployment")]
    Remove {
        /// The model's name
        model: String,
    },
    /// Take over new prices from a price file of LiteLLM
    #[command(after_help = "Example:\n  claude-cost prices import model_prices_and_context_window.json")]
    Import {
        /// A copy of `model_prices_and_context_window.json`
        file: PathBuf,
    },
    /// Download the price file of LiteLLM and import it
    #[cfg(feature = "net")]
    #[command(after_help = "Example:\n  claude-cost prices update")]
    Update {
        /// Download from here instead
        #[arg(long)]
        url: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claude-cost prices list opus --vendor anthropic")]
pub(crate) struct PricesListArgs {
    /// Only models in whose name or vendor this occurs
    pub(crate) filter: Option<String>,
    /// Only models of this vendor
    #[arg(long)]
    pub(crate) vendor: Option<String>,
    /// List what hosting costs instead of models
    #[arg(long, conflicts_with_all = ["filter", "vendor"])]
    pub(crate) infra: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claude-cost prices show us.anthropic.claude-opus-5")]
pub(crate) struct PricesShowArgs {
    /// A model's name in any form, a family's short name, or an item such as vercel/bandwidth
    pub(crate) model: String,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --from the price counts for all time; with it, history keeps its own.
Cache prices that are not given stay as they were. The price holds for prompts of any length.

Example:
  claude-cost prices set my-deployment --input 3 --output 15 --cache-read 0.30")]
pub(crate) struct PricesSetArgs {
    /// The model's name, as it stands in transcripts
    pub(crate) model: String,
    /// US dollars a million input tokens
    #[arg(long, value_name = "USD")]
    pub(crate) input: Rate,
    /// US dollars a million output tokens
    #[arg(long, value_name = "USD")]
    pub(crate) output: Rate,
    /// The same for tokens read from the cache
    #[arg(long, value_name = "USD")]
    pub(crate) cache_read: Option<Rate>,
    /// The same for tokens written to the cache for five minutes
    #[arg(long, value_name = "USD")]
    pub(crate) cache_write_5m: Option<Rate>,
    /// The same for tokens written to the cache for an hour
    #[arg(long, value_name = "USD")]
    pub(crate) cache_write_1h: Option<Rate>,
    /// The day (UTC) from which the price holds
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<NaiveDate>,
}
