//! `claude-cost config`: the settings in effect, where they come from, and changing them.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use serde::Serialize;

use crate::cli::setup::ConfigCommand;
use crate::cli::setup::ConfigListArgs;
use crate::command::gather::own_file;
use crate::config::Config;
use crate::config::edit;
use crate::config::file;
use crate::config::key;
use crate::config::key::Given;
use crate::config::key::KEYS;
use crate::config::key::Setting;
use crate::config::layer::Layer;
use crate::config::layer::Scope;
use crate::config::layer::not_for_projects;
use crate::config::origin::Origin;
use crate::context::Context;
use crate::error::Failure;
use crate::error::HintExt;
use crate::paths::Paths;
use crate::store;
use crate::store::fs::Access;
use crate::ui::Ui;
use crate::view;
use crate::view::format::UNKNOWN;
use crate::view::text;

pub(crate) fn run(ctx: &Context, ui: &mut Ui, command: ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::List(args) => list(&ctx.config, ui, &args),
        ConfigCommand::Get { key } => get(&ctx.config, ui, &key),
        ConfigCommand::Set { key, value, project } => {
            set(ctx, &Target::new(&ctx.paths, project), ui, &setting(&key)?, &value)
        }
        ConfigCommand::Unset { key, project } => unset(ctx, &Target::new(&ctx.paths, project), ui, &setting(&key)?),
        ConfigCommand::Edit { project } => in_editor(ctx, &Target::new(&ctx.paths, project), ui),
        ConfigCommand::Path { project } => ui.data(&Target::new(&ctx.paths, project).path.display().to_string()),
    }
}

/// The file that a change goes to.
struct Target {
    path: PathBuf,
    scope: Scope,
}

impl Target {
    fn new(paths: &Paths, is_project: bool) -> Self {
        if is_project {
            Self { path: file::project_file(paths), scope: Scope::Project }
        } else {
            Self { path: paths.config_file(), scope: Scope::User }
        }
    }

    fn base(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let access = match self.scope {
            Scope::User => Access::Private,
            Scope::Project => Access::Shared,
        };
        fs_err::create_dir_all(self.base())?;
        store::fs::replace(&self.path, text.as_bytes(), access)?;
        Ok(())
    }
}

/// A row of `config list`.
#[derive(Serialize)]
struct Row {
    key: String,
    value: Option<String>,
    origin: String,
    about: &'static str,
}

fn list(config: &Config, ui: &mut Ui, args: &ConfigListArgs) -> Result<(), Failure> {
    let rows: Vec<Row> = Setting::all(config)
        .map(|setting| Row {
            value: setting.shown(config),
            origin: config.origin_of(&setting).to_string(),
            about: setting.key.about,
            key: setting.to_string(),
        })
        .collect();

    if args.json {
        return ui.data(&view::json::pretty(&rows)?);
    }
    // Nobody would find the settings that one names oneself, for without a name they have no value.
    let maps = KEYS.iter().filter(|_| !args.show_origin).filter_map(|key| Some((key.section()?, key.about)));
    let to_name =
        |(map, about)| Row { key: format!("{map}.<NAME>"), value: None, origin: Origin::Default.to_string(), about };
    let rows: Vec<Row> = rows.into_iter().chain(maps.map(to_name)).collect();
    let width = |cell: fn(&Row) -> &str| rows.iter().map(|row| text::width(cell(row))).max().unwrap_or(0);
    let (keys, values) = (width(|row| &row.key), width(|row| row.value.as_deref().unwrap_or(UNKNOWN)));
    let mut lines = String::new();
    for row in &rows {
        let value = row.value.as_deref().unwrap_or(UNKNOWN);
        let last = if args.show_origin { &row.origin } else { row.about };
        let gap = " ".repeat(values - text::width(value));
        let _ = writeln!(lines, "{:keys$}  {value}{gap}  {}", row.key, ui.style().faint(last));
    }
    ui.data(&lines)
}

fn get(config: &Config, ui: &mut Ui, name: &str) -> Result<(), Failure> {
    if let Some(members) = key::members(config, name) {
        return ui.data(&members.join("\n"));
    }
    match setting(name)?.shown(config) {
        Some(value) => ui.data(&value),
        None => Err(Failure::no()),
    }
}

fn set(ctx: &Context, target: &Target, ui: &mut Ui, setting: &Setting, text: &str) -> Result<(), Failure> {
    if target.scope == Scope::Project && !setting.key.is_for_projects {
        return Err(not_for_projects(&target.path.display(), setting));
    }
    let mut tried = Config::default();
    let given = Given { member: &setting.member, text, base: target.base() };
    (setting.key.apply)(&mut tried, &given).map_err(|refusal| {
        Failure::usage(format!("`{setting}` is `{text}`: {}", refusal.reason)).with_hint(refusal.hint)
    })?;
    let canonical = setting.shown(&tried).unwrap_or_else(|| text.to_owned());

    let _lock = own_file::lock(&ctx.paths)?;
    let old = file::read(&target.path)?.unwrap_or_default();
    // What is broken already is told with its line before anything is changed.
    check(&old, target)?;
    let new = edit::set(&old, setting, text, &canonical)?;
    check(&new, target)?;
    target.write(&new)?;

    ui.status(&format!("{setting} is now `{canonical}` in {}", target.path.display()));
    Ok(())
}

fn check(text: &str, target: &Target) -> Result<(), Failure> {
    Layer::from_toml(text, &target.path, target.scope)?.apply(&mut Config::default(), target.base())
}

fn unset(ctx: &Context, target: &Target, ui: &mut Ui, setting: &Setting) -> Result<(), Failure> {
    let _lock = own_file::lock(&ctx.paths)?;
    let old = file::read(&target.path)?.unwrap_or_default();
    match edit::unset(&old, setting).hint(format!("mend {} in an editor", target.path.display()))? {
        Some(new) => {
            target.write(&new)?;
            ui.status(&format!("{setting} is no longer set in {}", target.path.display()));
        }
        None => ui.status(&format!("{setting} is not set in {}", target.path.display())),
    }
    Ok(())
}

/// Opens the file in the user's editor and says afterwards what is wrong with it.
///
/// It is edited in its place, without the lock: an editor may stay open for a day.
fn in_editor(ctx: &Context, target: &Target, ui: &mut Ui) -> Result<(), Failure> {
    let editor = ctx.editor.as_deref().ok_or_else(|| {
        Failure::new("neither VISUAL nor EDITOR names an editor")
            .with_hint(format!("set one, as in EDITOR=nano, or change {} in an editor yourself", target.path.display()))
    })?;
    let before = if let Some(text) = file::read(&target.path)? {
        text
    } else {
        let blank = edit::blank(target.scope);
        target.write(&blank)?;
        blank
    };
    let status = editor_command(editor, &target.path).status().map_err(|error| {
        Failure::new(format!("`{editor}` could not be started: {error}")).with_hint("set VISUAL or EDITOR to an editor")
    })?;
    if !status.success() {
        return Err(Failure::new(format!("`{editor}` failed: {status}"))
            .with_hint(format!("what it saved is in {}", target.path.display())));
    }

    let after = file::read(&target.path)?.unwrap_or_default();
    if let Err(failure) = check(&after, target) {
        ui.status("your edit is kept; claude-cost config edit opens it again");
        return Err(failure);
    }
    let outcome = if after == before { "is as it was" } else { "is changed and in order" };
    ui.status(&format!("{} {outcome}", target.path.display()));
    Ok(())
}

/// The variable may hold arguments and quotes (`code --wait`), so a shell reads it, as git has it.
#[cfg(unix)]
fn editor_command(editor: &str, path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(path);
    command
}

#[cfg(not(unix))]
fn editor_command(editor: &str, path: &Path) -> Command {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(editor));
    command.args(words).arg(path);
    command
}

fn setting(name: &str) -> Result<Setting, Failure> {
    Setting::named(name).ok_or_else(|| {
        let failure = Failure::usage(format!("unknown setting `{name}`"));
        if key::is_map(name) {
            return failure.with_hint(format!("name one of its entries, as in {name}.<NAME>"));
        }
        failure.with_hint(key::suggestion(name))
    })
}
