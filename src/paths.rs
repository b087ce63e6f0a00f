//! Where files lie: ours and Claude Code's.

use std::path::Path;
use std::path::PathBuf;

use directories::BaseDirs;
use directories::ProjectDirs;

use crate::env::Env;
use crate::error::Failure;

/// Every place that is read or written outside the project itself.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// Our stores: sessions, ledger, calls.
    pub(crate) data: PathBuf,
    /// The user's `config.toml`, `prices.json` and templates.
    pub(crate) config: PathBuf,
    /// Where the command was typed.
    pub(crate) directory: PathBuf,
    /// `None` in a container without one; only shortens what is shown.
    pub(crate) home: Option<PathBuf>,
}

impl Paths {
    /// `CLAUDE_COST_HOME` moves everything; else XDG variables count on every system, else its own custom does.
    pub(crate) fn new(env: &Env) -> Result<Self, Failure> {
        let directory = env.directory.clone().ok_or_else(|| {
            Failure::new("the current directory cannot be read").with_hint("change to a directory that exists")
        })?;
        let own = env.path("CLAUDE_COST_HOME").map(|home| directory.join(home));
        let project = ProjectDirs::from("", "", "claude-cost");
        let place = |variable: &str, custom: Option<&Path>| {
            own.clone()
                .or_else(|| Some(env.absolute_path(variable)?.join("claude-cost")))
                .or_else(|| custom.map(Path::to_owned))
                .ok_or_else(|| {
                    Failure::new("there is no home directory to keep sessions in")
                        .with_hint("set CLAUDE_COST_HOME to a directory")
                })
        };
        Ok(Self {
            data: place("XDG_DATA_HOME", project.as_ref().map(ProjectDirs::data_dir))?,
            config: place("XDG_CONFIG_HOME", project.as_ref().map(ProjectDirs::config_dir))?,
            home: env.absolute_path("HOME").or_else(|| Some(BaseDirs::new()?.home_dir().to_owned())),
            directory,
        })
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The user's own prices, laid over the built-in ones.
    pub(crate) fn prices_file(&self) -> PathBuf {
        self.config.join("prices.json")
    }

    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.data.join("ledger.db")
    }

    /// Reports of sessions outside any repository.
    pub(crate) fn reports(&self) -> PathBuf {
        self.data.join("reports")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_variable_moves_everything() {
        let env = Env::with(&[("CLAUDE_COST_HOME", "/elsewhere"), ("XDG_DATA_HOME", "/xdg"), ("HOME", "/home/u")]);
        let paths = Paths::new(&env).unwrap();
        assert_eq!(paths.data, Path::new("/elsewhere"));
        assert_eq!(paths.config_file(), Path::new("/elsewhere/config.toml"));
    }

    #[test]
    fn relative_xdg_directories_are_ignored() {
        let env = Env::with(&[("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "/xdg")]);
        let paths = Paths::new(&env).unwrap();
        assert!(!paths.data.starts_with("data"));
        assert_eq!(paths.config, Path::new("/xdg/claude-cost"));
    }
}
