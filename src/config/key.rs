//! The table of settings: reading files, variables and flags, `config get|set|list` and the hints all go by it.

use std::fmt;
use std::path::Path;

use crate::config::Config;
use crate::config::TaskPreset;
use crate::config::kind::Kind;
use crate::config::value;
use crate::config::value::Refusal;
use crate::domain::instant;
use crate::domain::model::ModelId;
use crate::env::PREFIX;

/// A typed word and a name are alike enough to ask "did you mean" from here on.
const ALIKE: f64 = 0.75;

/// One text for one setting, and where it is to be understood.
pub(crate) struct Given<'a> {
    /// The name within a map, empty for a single setting.
    pub(crate) member: &'a str,
    pub(crate) text: &'a str,
    /// Where relative paths start.
    pub(crate) base: &'a Path,
}

/// An entry of the table. A name that ends in `.*` is a map whose members the user names.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) kind: Kind,
    /// Whether a repository may bring it along: only what is harmless when the repository is hostile.
    pub(crate) is_for_projects: bool,
    pub(crate) apply: fn(&mut Config, &Given<'_>) -> Result<(), Refusal>,
    show: fn(&Config, &str) -> Option<String>,
    members: fn(&Config) -> Vec<String>,
}

pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "model",
        about: "the model that log, quick and estimate assume",
        kind: Kind::Text,
        is_for_projects: false,
        apply: |config, given| value::line(given.text).map(|name| config.model = name),
        show: |config, _| Some(config.model.clone()),
        members: single,
    },
    Key {
        name: "timezone",
        about: "where days begin and end; unset, the system's zone",
        kind: Kind::Text,
        is_for_projects: true,
        apply: |config, given| value::time_zone(given.text).map(|zone| config.time_zone = Some(zone)),
        show: |config, _| config.time_zone.map(|zone| zone.name().to_owned()),
        members: single,
    },
    Key {
        name: "active_gap",
        about: "the longest pause that still counts as active time",
        kind: Kind::Text,
        is_for_projects: true,
        apply: |config, given| value::duration(given.text).map(|gap| config.active_gap = gap),
        show: |config, _| Some(instant::duration_text(config.active_gap)),
        members: single,
    },
    Key {
        name: "rate",
        about: "what an hour of your own time costs, in US dollars",
        kind: Kind::Amount,
        is_for_projects: false,
        apply: |config, given| value::hourly_rate(given.text).map(|rate| config.rate = Some(rate)),
        show: |config, _| config.rate.map(|rate| rate.to_string()),
        members: single,
    },
    Key {
        name: "project.name",
        about: "the project's name in reports; unset, its directory's",
        kind: Kind::Text,
        is_for_projects: true,
        apply: |config, given| value::line(given.text).map(|name| config.project_name = Some(name)),
        show: |config, _| config.project_name.clone(),
        members: single,
    },
    Key {
        name: "reports.directory",
        about: "where reports are archived, from the repository's root",
        kind: Kind::Text,
        is_for_projects: true,
        apply: |config, given| {
            value::directory_in_repository(given.text).map(|directory| config.reports.directory = directory)
        },
        show: |config, _| {
            let directory = config.reports.directory.to_string_lossy();
            Some(if directory.is_empty() { ".".to_owned() } else { directory.into_owned() })
        },
        members: single,
    },
    Key {
        name: "reports.commit",
        about: "whether end commits the report",
        kind: Kind::Boolean,
        is_for_projects: false,
        apply: |config, given| value::boolean(given.text).map(|commit| config.reports.commit = commit),
        show: |config, _| Some(config.reports.commit.to_string()),
        members: single,
    },
    Key {
        name: "templates.session",
        about: "your own template for session reports; a path from its file",
        kind: Kind::Text,
        is_for_projects: false,
        apply: |config, given| {
            value::file(given.text, given.base).map(|template| config.session_template = Some(template))
        },
        show: |config, _| config.session_template.as_ref().map(|path| path.display().to_string()),
        members: single,
    },
    Key {
        name: "statusline.template",
        about: "what the status line shows, as claude-cost help statusline explains",
        kind: Kind::Text,
        is_for_projects: false,
        apply: |config, given| value::statusline(given.text).map(|template| config.statusline = Some(template)),
        show: |config, _| config.statusline.as_ref().map(ToString::to_string),
        members: single,
    },
    Key {
        name: "statusline.sync",
        about: "whether the status line has transcripts read in the background",
        kind: Kind::Boolean,
        is_for_projects: false,
        apply: |config, given| value::boolean(given.text).map(|sync| config.statusline_sync = sync),
        show: |config, _| Some(config.statusline_sync.to_string()),
        members: single,
    },
    Key {
        name: "models.*",
        about: "your own name for a model, as in models.fast = \"claude-haiku-4-5\"",
        kind: Kind::Text,
        is_for_projects: false,
        apply: |config, given| {
            let name = value::line(given.member)?;
            let id = value::line(given.text)?;
            config.models.insert(name, ModelId::new(id));
            Ok(())
        },
        show: |config, name| config.models.get(name).map(ToString::to_string),
        members: |config| config.models.keys().cloned().collect(),
    },
    Key {
        name: "tasks.*",
        about: "your own kind of work with its usual tokens, as in tasks.refactor = { input = 1500, output = 800 }",
        kind: Kind::Preset,
        is_for_projects: true,
        apply: |config, given| {
            let task = value::task(given.member)?;
            let preset = given.text.parse::<TaskPreset>()?;
            config.tasks.insert(task, preset);
            Ok(())
        },
        show: |config, name| config.tasks.get(&value::task(name).ok()?).map(ToString::to_string),
        members: |config| config.tasks.keys().map(ToString::to_string).collect(),
    },
];

fn single(_: &Config) -> Vec<String> {
    vec![String::new()]
}

/// A key, and within a map the member that is meant.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) key: &'static Key,
    pub(crate) member: String,
}

impl Setting {
    /// Finds what was typed: `rate`, `models.fast`, `models.gpt-5.1`.
    pub(crate) fn named(typed: &str) -> Option<Self> {
        KEYS.iter().find_map(|key| {
            let member = match key.section() {
                Some(section) => typed.strip_prefix(section)?.strip_prefix('.').filter(|member| !member.is_empty())?,
                None => typed.strip_prefix(key.name).filter(|rest| rest.is_empty())?,
            };
            Some(Self { key, member: member.to_owned() })
        })
    }

    /// Finds what a file's tables lead to.
    pub(crate) fn at(path: &[String]) -> Option<Self> {
        KEYS.iter().find_map(|key| match (key.section(), path) {
            (Some(section), [first, member]) if first == section => Some(Self { key, member: member.clone() }),
            (None, _) if key.name.split('.').eq(path) => Some(Self { key, member: String::new() }),
            _ => None,
        })
    }

    /// Finds what a variable sets, by its name without the prefix. Those of a map's members have `_` where the
    /// member has `-`, as shells ask.
    pub(crate) fn of_variable(name: &str) -> Option<Self> {
        KEYS.iter().find_map(|key| {
            let variable = key.variable();
            let member = match key.section() {
                Some(_) => name.strip_prefix(&variable).filter(|member| !member.is_empty())?,
                None => name.strip_prefix(&variable).filter(|rest| rest.is_empty())?,
            };
            Some(Self { key, member: member.to_ascii_lowercase().replace('_', "-") })
        })
    }

    /// Every setting that has or could have a value in `config`.
    pub(crate) fn all(config: &Config) -> impl Iterator<Item = Self> {
        KEYS.iter()
            .flat_map(|key| (key.members)(config).into_iter().map(move |member| Self { key, member: member.clone() }))
    }

    /// The value in effect, as `config set` takes it.
    pub(crate) fn shown(&self, config: &Config) -> Option<String> {
        (self.key.show)(config, &self.member)
    }

    /// The tables that lead to it in a file.
    pub(crate) fn path(&self) -> Vec<&str> {
        match self.key.section() {
            Some(section) => vec![section, &self.member],
            None => self.key.name.split('.').collect(),
        }
    }

    pub(crate) fn variable(&self) -> String {
        format!("{PREFIX}{}{}", self.key.variable(), self.member.to_ascii_uppercase().replace(['-', '.'], "_"))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.section() {
            Some(section) => write!(f, "{section}.{}", self.member),
            None => f.write_str(self.key.name),
        }
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Setting({self})")
    }
}

impl Key {
    /// The map's name, if it is one.
    pub(crate) fn section(&self) -> Option<&'static str> {
        self.name.strip_suffix(".*")
    }

    /// The value of a single setting that nothing sets.
    pub(crate) fn default_text(&self, defaults: &Config) -> Option<String> {
        (self.show)(defaults, "")
    }

    /// `RATE`, `PROJECT_NAME`; for a map what its members' variables begin with.
    fn variable(&self) -> String {
        self.name.trim_end_matches('*').to_ascii_uppercase().replace('.', "_")
    }
}

/// Whether `name` is a table in which settings lie.
pub(crate) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(section, _)| section == name))
}

/// Whether `name` is a table whose members the user names.
pub(crate) fn is_map(name: &str) -> bool {
    KEYS.iter().any(|key| key.section() == Some(name))
}

/// The names of a map's members; `None` when `name` is no map.
pub(crate) fn members(config: &Config, name: &str) -> Option<Vec<String>> {
    let key = KEYS.iter().find(|key| key.section() == Some(name))?;
    Some((key.members)(config))
}

/// What to say to a name that no setting has.
pub(crate) fn suggestion(typed: &str) -> String {
    let names = KEYS.iter().flat_map(|key| [Some(key.name), key.name.split_once('.').map(|(section, _)| section)]);
    let nearest = names
        .flatten()
        .filter(|name| !name.ends_with('*'))
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .max_by(|(left, _), (right, _)| left.total_cmp(right));
    match nearest {
        Some((likeness, name)) if likeness >= ALIKE && name != typed => format!("did you mean `{name}`?"),
        _ => "claude-cost config list shows all settings".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_found_by_name_path_and_variable() {
        for (name, path, variable) in [
            ("rate", &["rate"][..], "RATE"),
            ("active_gap", &["active_gap"], "ACTIVE_GAP"),
            ("project.name", &["project", "name"], "PROJECT_NAME"),
            ("tasks.big-refactor", &["tasks", "big-refactor"], "TASKS_BIG_REFACTOR"),
        ] {
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            for setting in [Setting::named(name), Setting::at(&path), Setting::of_variable(variable)] {
                assert_eq!(setting.unwrap().to_string(), name);
            }
            assert_eq!(Setting::named(name).unwrap().variable(), format!("CLAUDE_COST_{variable}"));
            assert_eq!(Setting::named(name).unwrap().path(), path);
        }
        assert_eq!(Setting::named("models.gpt-5.1").unwrap().path(), ["models", "gpt-5.1"]);
    }

    #[test]
    fn names_that_are_no_setting_are_not_found() {
        for name in ["", "models", "models.", "tasks", "reports", "rates", "model.x", "RATE"] {
            assert!(Setting::named(name).is_none(), "{name}");
        }
        for variable in ["HOME", "NOW", "MODELS_", "SESSION", "CORPUS", "RATE_"] {
            assert!(Setting::of_variable(variable).is_none(), "{variable}");
        }
    }

    #[test]
    fn a_slip_is_answered_with_the_nearest_name() {
        for (typed, hint) in [
            ("modle", "did you mean `model`?"),
            ("report.directory", "did you mean `reports.directory`?"),
            ("time_zone", "did you mean `timezone`?"),
            ("zzz", "claude-cost config list shows all settings"),
        ] {
            assert_eq!(suggestion(typed), hint);
        }
    }

    #[test]
    fn what_is_shown_can_be_set_again() {
        let mut config = Config::default();
        for (name, text) in [("rate", "85"), ("active_gap", "90m"), ("tasks.x", "1 2"), ("reports.commit", "on")] {
            let setting = Setting::named(name).unwrap();
            let base = Path::new("/");
            (setting.key.apply)(&mut config, &Given { member: &setting.member, text, base }).unwrap();
            let shown = setting.shown(&config).unwrap();
            (setting.key.apply)(&mut config, &Given { member: &setting.member, text: &shown, base }).unwrap();
            assert_eq!(setting.shown(&config), Some(shown));
        }
    }
}
