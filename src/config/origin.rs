//! Where a setting came from, so that an error and `config list --show-origin` can name the place to change it.

use std::fmt;
use std::path::PathBuf;

/// The places a setting can come from, weakest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    Default,
    UserFile { path: PathBuf, line: usize },
    ProjectFile { path: PathBuf, line: usize },
    Variable(String),
    Flag,
}

impl Origin {
    /// Whether it was typed for this run only, so that a mistake in it is one of usage.
    pub(crate) fn is_typed(&self) -> bool {
        matches!(self, Self::Variable(_) | Self::Flag)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::UserFile { path, line } | Self::ProjectFile { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag => f.write_str("-c"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_place_to_change() {
        let path = PathBuf::from("/c/config.toml");
        for (origin, shown) in [
            (Origin::Default, "default"),
            (Origin::UserFile { path: path.clone(), line: 3 }, "/c/config.toml:3"),
            (Origin::ProjectFile { path, line: 1 }, "/c/config.toml:1"),
            (Origin::Variable("CLAUDE_COST_MODEL".to_owned()), "CLAUDE_COST_MODEL"),
            (Origin::Flag, "-c"),
        ] {
            assert_eq!(origin.to_string(), shown);
        }
    }
}
