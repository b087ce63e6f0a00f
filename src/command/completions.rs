//! `claude-cost completions`: a shell's completions, made from the commands themselves.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::setup::CompletionsArgs;
use crate::error::Failure;
use crate::ui::Ui;

pub(crate) fn run(ui: &mut Ui, args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "claude-cost", &mut script);
    let script = String::from_utf8(script)?;

    ui.data(&if args.shell == Shell::Bash { mended(&script) } else { script })
}

/// Makes subcommands complete in bash: `clap_complete` 4.6 joins the two halves of a program's name in one way where it
/// tells the subcommand and in another where it offers that one's words, so that a name with `-` never meets itself.
/// (`clap_complete/src/aot/shells/bash.rs`: `generate` has `__`, `subcommand_details` has `CMD_SEP`.)
fn mended(script: &str) -> String {
    script.replace("claude__subcmd__cost__subcmd__", "claude__cost__subcmd__")
}
