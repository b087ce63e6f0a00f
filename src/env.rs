//! The environment, read once, so that nothing else depends on it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// The prefix of every variable of ours.
pub(crate) const PREFIX: &str = "CLAUDE_COST_";

/// What the process was started with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Env {
    variables: BTreeMap<OsString, OsString>,
    /// Where the command was typed; `None` when that directory is gone.
    pub(crate) directory: Option<PathBuf>,
}

impl Env {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    pub(crate) fn read() -> Self {
        Self { variables: std::env::vars_os().collect(), directory: std::env::current_dir().ok() }
    }

    /// The variable's text; `None` when it is unset, empty or not UTF-8.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(OsString::from(name).as_os_str())?.to_str().filter(|text| !text.is_empty())
    }

    /// The variable as a path; relative ones are as good as unset, as the XDG base directory specification asks.
    pub(crate) fn absolute_path(&self, name: &str) -> Option<PathBuf> {
        self.path(name).filter(|path| path.is_absolute())
    }

    /// The variable as a path, which need not be UTF-8; `None` when it is unset or empty.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let path = self.variables.get(OsString::from(name).as_os_str())?;
        (!path.is_empty()).then(|| PathBuf::from(path))
    }

    /// The variables that start with [`PREFIX`], without it, in order.
    pub(crate) fn own(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix(PREFIX)?;
            Some((name, value.to_str().filter(|text| !text.is_empty())?))
        })
    }

    #[cfg(test)]
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, directory: Some(PathBuf::from("/work")) }
    }
}
