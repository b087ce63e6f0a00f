//! Settings: defaults, overlaid by the user's file, the project's, the environment and flags.
//!
//! A new setting is a field with its default here and an entry in `key::KEYS`.

pub(crate) mod edit;
pub(crate) mod file;
pub(crate) mod key;
mod kind;
pub(crate) mod layer;
pub(crate) mod origin;
pub(crate) mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::config::key::Setting;
use crate::config::layer::Layer;
use crate::config::layer::Scope;
use crate::config::origin::Origin;
use crate::domain::model::ModelId;
use crate::domain::money::Usd;
use crate::domain::task::Task;
use crate::env::Env;
use crate::error::Failure;
use crate::paths::Paths;
use crate::view::statusline::Template;

/// All settings, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// As it was written: it may be one of the user's own names.
    pub(crate) model: String,
    /// `None` stands for the system's.
    pub(crate) time_zone: Option<Tz>,
    pub(crate) active_gap: TimeDelta,
    /// What an hour of the person's own time costs.
    pub(crate) rate: Option<Usd>,
    pub(crate) project_name: Option<String>,
    pub(crate) reports: Reports,
    /// Absolute.
    pub(crate) session_template: Option<PathBuf>,
    /// `None` stands for the built-in one.
    pub(crate) statusline: Option<Template>,
    /// Whether the status line has transcripts read in the background.
    pub(crate) statusline_sync: bool,
    /// The user's own names for models.
    pub(crate) models: BTreeMap<String, ModelId>,
    /// The user's own kinds of work.
    pub(crate) tasks: BTreeMap<Task, TaskPreset>,
    /// Where each setting that is not a default was last set, by its dotted name.
    pub(crate) origins: BTreeMap<String, Origin>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reports {
    /// From the repository's root, and inside it.
    pub(crate) directory: PathBuf,
    pub(crate) commit: bool,
}

/// The tokens that one exchange of a kind of work usually takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskPreset {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

impl fmt::Display for TaskPreset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.input, self.output)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: "sonnet".to_owned(),
            time_zone: None,
            active_gap: TimeDelta::new(15 * 60, 0).unwrap_or(TimeDelta::MAX),
            rate: None,
            project_name: None,
            reports: Reports { directory: PathBuf::from(".claude-cost/reports"), commit: false },
            session_template: None,
            statusline: None,
            statusline_sync: true,
            models: BTreeMap::new(),
            tasks: BTreeMap::new(),
            origins: BTreeMap::new(),
        }
    }
}

impl Config {
    /// Reads each place once; the later of default, user's file, project's file, environment, flags wins.
    pub(crate) fn load(env: &Env, paths: &Paths, flags: &[String]) -> Result<Self, Failure> {
        let mut config = Self::default();
        let user_file = paths.config_file();
        if let Some(text) = file::read(&user_file)? {
            Layer::from_toml(&text, &user_file, Scope::User)?.apply(&mut config, &paths.config)?;
        }
        if let Some((path, text)) = file::find_project(paths)? {
            Layer::from_toml(&text, &path, Scope::Project)?.apply(&mut config, path.parent().unwrap_or(&path))?;
        }
        Layer::from_env(env).apply(&mut config, &paths.directory)?;
        Layer::from_flags(flags)?.apply(&mut config, &paths.directory)?;
        Ok(config)
    }

    pub(crate) fn origin_of(&self, setting: &Setting) -> Origin {
        self.origins.get(&setting.to_string()).cloned().unwrap_or(Origin::Default)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn later_layers_win_and_are_remembered() {
        let path = Path::new("/repo/.claude-cost.toml");
        let env = Env::with(&[("CLAUDE_COST_ACTIVE_GAP", "20m"), ("CLAUDE_COST_HOME", "/x")]);
        let mut config = Config::default();
        for layer in [
            Layer::from_toml("active_gap = '5m'\ntimezone = 'UTC'", path, Scope::Project).unwrap(),
            Layer::from_env(&env),
            Layer::from_flags(&["rate=10".to_owned(), "rate=20".to_owned()]).unwrap(),
        ] {
            layer.apply(&mut config, Path::new("/")).unwrap();
        }
        assert_eq!(config.active_gap.num_minutes(), 20);
        assert_eq!(config.time_zone, Some(Tz::UTC));
        assert_eq!(config.rate.unwrap().to_string(), "20.00");
        for (name, origin) in [
            ("active_gap", Origin::Variable("CLAUDE_COST_ACTIVE_GAP".to_owned())),
            ("timezone", Origin::ProjectFile { path: path.to_owned(), line: 2 }),
            ("rate", Origin::Flag),
            ("model", Origin::Default),
        ] {
            assert_eq!(config.origin_of(&Setting::named(name).unwrap()), origin);
        }
    }
}
