//! What neighbouring records have in common, kept once: a history has millions of lines and a few thousand places.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::event::Place;
use crate::domain::folder;
use crate::domain::model::ModelId;

/// Where Claude Code makes work trees of its own.
const OWN_WORK_TREES: &str = "/.claude/worktrees/";

#[derive(Debug, Default)]
pub(super) struct Shared {
    models: FxHashMap<String, ModelId>,
    versions: FxHashMap<String, Arc<str>>,
    /// The place of the last record, which most times is the next one's too.
    last: Option<Arc<Place>>,
}

impl Shared {
    pub(super) fn model(&mut self, name: &str) -> ModelId {
        if let Some(model) = self.models.get(name) {
            return model.clone();
        }
        let model = ModelId::new(name);
        self.models.insert(name.to_owned(), model.clone());
        model
    }

    pub(super) fn version(&mut self, text: &str) -> Arc<str> {
        if let Some(version) = self.versions.get(text) {
            return Arc::clone(version);
        }
        let version: Arc<str> = text.into();
        self.versions.insert(text.to_owned(), Arc::clone(&version));
        version
    }

    pub(super) fn place(
        &mut self,
        directory: &str,
        branch: Option<&str>,
        conversation: Option<&str>,
        agent: Option<&str>,
        skill: Option<&str>,
        encoded: &str,
    ) -> Arc<Place> {
        if let Some(last) = &self.last
            && last.directory == directory
            && last.branch.as_deref() == branch
            && last.conversation.as_deref() == conversation
            && last.agent.as_deref() == agent
            && last.skill.as_deref() == skill
        {
            return Arc::clone(last);
        }
        let place = Arc::new(Place {
            project: project(directory, encoded).to_owned(),
            directory: directory.to_owned(),
            branch: branch.map(ToOwned::to_owned),
            conversation: conversation.map(ToOwned::to_owned),
            agent: agent.map(ToOwned::to_owned),
            skill: skill.map(ToOwned::to_owned),
        });
        self.last = Some(Arc::clone(&place));
        place
    }
}

/// The project as far as paths tell it: the directory in which Claude Code was started, if work went on below it.
///
/// A transcript's folder is named after that directory, in a way that cannot be read back; but of the directories above
/// `directory` at most one has that name.
fn project<'a>(directory: &'a str, encoded: &str) -> &'a str {
    if let Some(at) = directory.find(OWN_WORK_TREES) {
        return &directory[..at];
    }
    let mut above = directory;
    loop {
        if folder::is_of(encoded, above) {
            return above;
        }
        match above.rfind(['/', '\\']) {
            Some(at) if at > 0 => above = &above[..at],
            _ => return directory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_where_the_work_was_begun() {
        let deep = format!("/w/{}", "long-name/".repeat(30));
        let cut = format!("{}-1a2b3c", deep.replace('/', "-").chars().take(200).collect::<String>());
        for (directory, encoded, expected) in [
            ("/w/my.app", "-w-my-app", "/w/my.app"),
            ("/w/my.app/src/deep", "-w-my-app", "/w/my.app"),
            ("/elsewhere/x", "-w-my-app", "/elsewhere/x"),
            ("/w/app/.claude/worktrees/fix", "-w-app--claude-worktrees-fix", "/w/app"),
            (r"C:\w\app\src", "C--w-app", r"C:\w\app"),
            (&deep, &cut, &deep),
            ("/w", "chosen-name", "/w"),
            ("", "", ""),
        ] {
            assert_eq!(project(directory, encoded), expected, "{directory}");
        }
    }

    #[test]
    fn neighbours_share_one_place() {
        let mut shared = Shared::default();
        let one = shared.place("/w", Some("main"), Some("c"), None, None, "-w");
        assert!(Arc::ptr_eq(&one, &shared.place("/w", Some("main"), Some("c"), None, None, "-w")));
        assert_ne!(one, shared.place("/w", Some("main"), Some("c"), Some("Explore"), None, "-w"));
    }
}
