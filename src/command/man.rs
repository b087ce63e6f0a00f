//! `claude-cost man`: the manual, made from the commands themselves.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::cli::setup::ManArgs;
use crate::error::Failure;
use crate::store;
use crate::store::fs::Access;
use crate::ui::Ui;

pub(crate) fn run(ui: &mut Ui, args: &ManArgs) -> Result<(), Failure> {
    let mut cli = Cli::command();
    // Each subcommand then has its whole name and the global options.
    cli.build();
    // `claude-cost help` shows what these pages have.
    let cli = cli.mut_subcommand("help", |help| help.hide(true));

    let Some(directory) = &args.dir else {
        return ui.data(&String::from_utf8(page(&Man::new(cli))?)?);
    };
    fs_err::create_dir_all(directory)?;
    let mut count = 0_usize;
    let mut commands = vec![&cli];
    while let Some(command) = commands.pop() {
        let man = Man::new(command.clone());
        store::fs::replace(&directory.join(man.get_filename()), &page(&man)?, Access::Shared)?;
        count += 1;
        commands.extend(command.get_subcommands().filter(|command| !command.is_hide_set()));
    }
    ui.status(&format!("wrote {count} pages to {}", directory.display()));
    Ok(())
}

fn page(man: &Man) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render(&mut page)?;
    Ok(page)
}
