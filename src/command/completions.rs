//! `claude-cost completions`: a shell's completions, made from the commands themselves.

use clap::builder::PossibleValuesParser;
use clap_complete::Shell;

use crate::cli;
use crate::cli::setup::CompletionsArgs;
use crate::command::gather;
use crate::context::Context;
use crate::error::Failure;
use crate::ui::Ui;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, args: &CompletionsArgs) -> Result<(), Failure> {
    // `clap` keeps texts that live as long as the program, which ends when these are printed.
    let tasks: Vec<&'static str> = gather::tasks(ctx).names().into_iter().map(|name| &*name.leak()).collect();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut with_tasks(cli::command(), &tasks), "claude-cost", &mut script);
    let script = String::from_utf8(script)?;

    ui.data(&match args.shell {
        Shell::Bash => mended(&script),
        Shell::Fish => script + &fish_tasks(&tasks),
        _ => script,
    })
}

/// `clap_complete` 4.6 has fish offer values of options, but none of arguments.
fn fish_tasks(tasks: &[&str]) -> String {
    let is_wanted = "__fish_claude_cost_using_subcommand quick; and test (count (commandline -opc)) -eq 2";
    format!("complete -c claude-cost -n \"{is_wanted}\" -f -a \"{}\"\n", tasks.join(" "))
}

/// Offers the kinds of work where one is asked for. Only here are they all that may be typed: a command that is run
/// looks them up itself, to name them in its hint.
fn with_tasks(command: clap::Command, tasks: &[&'static str]) -> clap::Command {
    command.mut_subcommands(|command| {
        command.mut_args(|argument| {
            if argument.get_id() == "task" {
                argument.value_parser(PossibleValuesParser::new(tasks.to_vec()))
            } else {
                argument
            }
        })
    })
}

/// Makes subcommands complete in bash: `clap_complete` 4.6 joins the two halves of a program's name in one way where it
/// tells the subcommand and in another where it offers that one's words, so that a name with `-` never meets itself.
/// (`clap_complete/src/aot/shells/bash.rs`: `generate` has `__`, `subcommand_details` has `CMD_SEP`.)
fn mended(script: &str) -> String {
    script.replace("claude__subcmd__cost__subcmd__", "claude__cost__subcmd__")
}
