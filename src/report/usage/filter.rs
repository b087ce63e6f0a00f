//! Which part of the usage is asked for, besides its time.

use std::path::Path;

use crate::domain::ledger::UsageSum;
use crate::report::usage::key::model_name;

/// All that is named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// A root, its last part, or the name of Claude Code's directory for it.
    pub(crate) project: Option<String>,
    pub(crate) branch: Option<String>,
    /// A part of the name, as in `opus`.
    pub(crate) model: Option<String>,
    pub(crate) conversation: Option<String>,
}

impl Filter {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn holds(&self, sum: &UsageSum) -> bool {
        let place = &sum.place;
        self.project.as_deref().is_none_or(|asked| is_project(&place.project, asked))
            && self.branch.as_deref().is_none_or(|asked| place.branch.as_deref() == Some(asked))
            && self.model.as_deref().is_none_or(|asked| model_name(sum).as_str().contains(asked))
            && self.conversation.as_deref().is_none_or(|asked| place.conversation.as_deref() == Some(asked))
    }
}

/// Whether a project is the one that was named.
pub(crate) fn is_project(root: &str, asked: &str) -> bool {
    let name = Path::new(root).file_name().map(|name| name.to_string_lossy());
    root == asked || name.is_some_and(|name| name == asked) || directory_name(root) == asked
}

/// What Claude Code calls its directory for a path.
pub(crate) fn directory_name(path: &str) -> String {
    path.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect()
}
