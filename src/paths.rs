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
    /// Claude Code's directories, in which `projects` has the transcripts; not all need be there.
    pub(crate) claude: Vec<PathBuf>,
    /// Where Claude Desktop keeps a directory of Claude Code's for each local agent, some levels down.
    pub(crate) claude_desktop: Vec<PathBuf>,
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
        let home = env.absolute_path("HOME").or_else(|| Some(BaseDirs::new()?.home_dir().to_owned()));
        Ok(Self {
            claude: claude(env, home.as_deref(), &directory),
            claude_desktop: claude_desktop(env, home.as_deref()),
            data: place("XDG_DATA_HOME", project.as_ref().map(ProjectDirs::data_dir))?,
            config: place("XDG_CONFIG_HOME", project.as_ref().map(ProjectDirs::config_dir))?,
            home,
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

/// `CLAUDE_CONFIG_DIR` takes the place of the customary directories; it may list several, as ccusage has it.
fn claude(env: &Env, home: Option<&Path>, directory: &Path) -> Vec<PathBuf> {
    let at_home = |path: &str| home.map(|home| home.join(path));
    if let Some(list) = env.text("CLAUDE_CONFIG_DIR") {
        let listed = list.split(',').map(str::trim).filter(|path| !path.is_empty());
        return listed
            .map(|path| path.strip_prefix("~/").and_then(at_home).unwrap_or_else(|| directory.join(path)))
            .collect();
    }
    let config = env.absolute_path("XDG_CONFIG_HOME").or_else(|| at_home(".config"));
    at_home(".claude").into_iter().chain(config.map(|config| config.join("claude"))).collect()
}

/// Where Claude Desktop keeps its local agents, by system (codeburn, docs/providers/claude.md).
fn claude_desktop(env: &Env, home: Option<&Path>) -> Vec<PathBuf> {
    const AGENTS: &str = "local-agent-mode-sessions";
    let config = env.absolute_path("XDG_CONFIG_HOME").or_else(|| Some(home?.join(".config")));
    let mut places = vec![config.map(|config| config.join("Claude"))];
    places.push(home.map(|home| home.join("Library/Application Support/Claude")));
    places.push(env.absolute_path("APPDATA").map(|roaming| roaming.join("Claude")));
    places.into_iter().flatten().map(|place| place.join(AGENTS)).collect()
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
    fn claude_code_may_keep_its_files_in_several_places() {
        let paths = |variables: &[(&str, &str)]| Paths::new(&Env::with(variables)).unwrap().claude;
        let path = Path::new;
        assert_eq!(paths(&[("HOME", "/home/u")]), [path("/home/u/.claude"), path("/home/u/.config/claude")]);
        assert_eq!(
            paths(&[("HOME", "/home/u"), ("XDG_CONFIG_HOME", "/xdg")]),
            [path("/home/u/.claude"), path("/xdg/claude")]
        );
        assert_eq!(
            paths(&[("HOME", "/home/u"), ("CLAUDE_CONFIG_DIR", "/a, ~/b,rel,")]),
            [path("/a"), path("/home/u/b"), path("/work/rel")]
        );
    }

    #[test]
    fn relative_xdg_directories_are_ignored() {
        let env = Env::with(&[("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "/xdg")]);
        let paths = Paths::new(&env).unwrap();
        assert!(!paths.data.starts_with("data"));
        assert_eq!(paths.config, Path::new("/xdg/claude-cost"));
    }
}
