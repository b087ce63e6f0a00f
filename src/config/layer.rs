//! What one place sets: a file, the environment or the flags. Each setting is optional there; later layers win.

use std::path::Path;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::config::Config;
use crate::config::key;
use crate::config::key::Given;
use crate::config::key::Setting;
use crate::config::kind;
use crate::config::origin::Origin;
use crate::config::value::Refusal;
use crate::env::Env;
use crate::env::PREFIX;
use crate::error::Failure;
use crate::view::text;

/// Columns of a broken line that an error shows.
const SHOWN_COLUMNS: usize = 80;

/// Whose file it is: the user's own may set everything, one that a repository brings along may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    User,
    Project,
}

/// The settings of one place, as text.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    setting: Setting,
    text: String,
    origin: Origin,
}

impl Layer {
    /// Reads a configuration file's text; errors name the file, the line and the key.
    pub(crate) fn from_toml(text: &str, path: &Path, scope: Scope) -> Result<Self, Failure> {
        let table = DeTable::parse(text).map_err(|error| broken(&error, text, path))?;
        let mut reader = Reader { text, path, scope, layer: Self::default() };
        reader.read(table.get_ref(), &mut Vec::new())?;
        Ok(reader.layer)
    }

    /// Variables that name no setting are others' business, or another version's.
    pub(crate) fn from_env(env: &Env) -> Self {
        let entries = env.own().filter_map(|(name, text)| {
            let setting = Setting::of_variable(name)?;
            let origin = Origin::Variable(format!("{PREFIX}{name}"));
            Some(Entry { setting, text: text.to_owned(), origin })
        });
        Self { entries: entries.collect() }
    }

    /// Reads the `KEY=VALUE`s of `-c`.
    pub(crate) fn from_flags(flags: &[String]) -> Result<Self, Failure> {
        let entries = flags.iter().map(|flag| {
            let (name, text) = flag.split_once('=').ok_or_else(|| {
                Failure::usage(format!("-c `{flag}` has no `=`"))
                    .with_hint("write KEY=VALUE, as in -c model=opus; files of settings are found by themselves")
            })?;
            let name = name.trim();
            let setting = Setting::named(name).ok_or_else(|| {
                Failure::usage(format!("-c: unknown setting `{name}`")).with_hint(key::suggestion(name))
            })?;
            Ok(Entry { setting, text: text.to_owned(), origin: Origin::Flag })
        });
        Ok(Self { entries: entries.collect::<Result<_, Failure>>()? })
    }

    /// Lays this over what `config` has; relative paths start at `base`.
    pub(crate) fn apply(self, config: &mut Config, base: &Path) -> Result<(), Failure> {
        for Entry { setting, text, origin } in self.entries {
            let given = Given { member: &setting.member, text: &text, base };
            (setting.key.apply)(config, &given).map_err(|refusal| refused(&origin, &setting, Some(&text), &refusal))?;
            config.origins.insert(setting.to_string(), origin);
        }
        Ok(())
    }
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
    scope: Scope,
    layer: Layer,
}

impl Reader<'_> {
    fn read(&mut self, table: &DeTable<'_>, path: &mut Vec<String>) -> Result<(), Failure> {
        for (name, value) in table {
            path.push(name.get_ref().to_string());
            let origin = self.origin(name.span().start);
            match (Setting::at(path), value.get_ref()) {
                (Some(setting), value) => self.add(setting, value, origin)?,
                (None, DeValue::Table(section)) if path.len() == 1 && key::is_section(&path[0]) => {
                    self.read(section, path)?;
                }
                (None, _) => return Err(unknown(&origin, path, value)),
            }
            path.pop();
        }
        Ok(())
    }

    fn add(&mut self, setting: Setting, value: &DeValue<'_>, origin: Origin) -> Result<(), Failure> {
        if self.scope == Scope::Project && !setting.key.is_for_projects {
            return Err(not_for_projects(&origin, &setting));
        }
        let text = setting.key.kind.text_of(value).map_err(|refusal| refused(&origin, &setting, None, &refusal))?;
        self.layer.entries.push(Entry { setting, text, origin });
        Ok(())
    }

    fn origin(&self, at: usize) -> Origin {
        let path = self.path.to_owned();
        let line = line_number(self.text, at);
        match self.scope {
            Scope::User => Origin::UserFile { path, line },
            Scope::Project => Origin::ProjectFile { path, line },
        }
    }
}

/// What `config set` says to a text that is no value.
pub(crate) fn refused(origin: &Origin, setting: &Setting, text: Option<&str>, refusal: &Refusal) -> Failure {
    let value = text.map_or_else(|| " is".to_owned(), |text| format!(" is `{text}`:"));
    let message = format!("{origin}: `{setting}`{value} {}", refusal.reason);
    let failure = if origin.is_typed() { Failure::usage(message) } else { Failure::new(message) };
    failure.with_hint(refusal.hint)
}

/// A cloned repository must not be able to change what things cost or what is read and run.
pub(crate) fn not_for_projects(origin: &impl std::fmt::Display, setting: &Setting) -> Failure {
    Failure::new(format!("{origin}: `{setting}` may not be set in a project's file")).with_hint(format!(
        "a repository could bring it along: set it with claude-cost config set {setting} <VALUE>, {} or -c {setting}=<VALUE>",
        setting.variable()
    ))
}

fn unknown(origin: &Origin, path: &[String], value: &Spanned<DeValue<'_>>) -> Failure {
    let name = path.join(".");
    if path.len() == 1 && key::is_section(&name) {
        let message = format!("{origin}: `{name}` is {}", kind::not(value.get_ref(), "a table"));
        return Failure::new(message).with_hint(format!("write [{name}] on a line of its own, and settings below it"));
    }
    // `[report]` is a slip as likely as `directory`; the whole name finds the nearest for both.
    let first = value.get_ref().as_table().and_then(|table| table.keys().next());
    let whole = first.map_or_else(|| name.clone(), |first| format!("{name}.{}", first.get_ref()));
    Failure::new(format!("{origin}: unknown setting `{name}`")).with_hint(key::suggestion(&whole))
}

fn broken(error: &toml::de::Error, text: &str, path: &Path) -> Failure {
    let at = error.span().map_or(0, |span| span.start);
    let number = line_number(text, at);
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let shown = text::shortened(&text::single_line(line), SHOWN_COLUMNS);
    let reason = error.message().lines().collect::<Vec<_>>().join(", ");
    Failure::new(format!("{}:{number}: {reason}: `{shown}`", path.display()))
        .with_hint("the file is TOML: a setting is a line like model = \"opus\"")
}

/// The line in which byte `at` lies, from 1.
fn line_number(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
