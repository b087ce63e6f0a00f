//! Conversations that were forked from one another.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::import::FileMark;

/// Conversations by the one that stands for their family: a fork begins with a copy of what it was forked from, timestamps
/// and all, so two transcripts of a project that begin at the same instant have one history. That a line is a copy is
/// not always written in it.
#[derive(Debug, Default)]
pub(crate) struct Families(BTreeMap<String, String>);

impl Families {
    pub(crate) fn of<'a>(files: impl Iterator<Item = &'a FileMark>) -> Self {
        let mut histories: BTreeMap<(&str, DateTime<Utc>), Vec<&str>> = BTreeMap::new();
        for file in files {
            let Some((folder, conversation)) = conversation(&file.path) else { continue };
            let Some(began_at) = file.began_at else { continue };
            histories.entry((folder, began_at)).or_default().push(conversation);
        }
        let mut families = BTreeMap::new();
        for mut members in histories.into_values().filter(|members| members.len() > 1) {
            members.sort_unstable();
            for &member in &members {
                families.insert(member.to_owned(), members[0].to_owned());
            }
        }
        Self(families)
    }

    /// What stands for a conversation's family: itself, where it has none.
    pub(super) fn head<'a>(&'a self, conversation: &'a str) -> &'a str {
        self.0.get(conversation).map_or(conversation, String::as_str)
    }
}

/// The folder and the conversation of a transcript; a subagent's is no conversation of its own.
fn conversation(path: &str) -> Option<(&str, &str)> {
    let (folder, name) = path.rsplit_once(['/', '\\'])?;
    let name = name.strip_suffix(".jsonl")?;
    (!name.starts_with("agent-")).then_some((folder, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, second: Option<i64>) -> FileMark {
        let began_at = second.and_then(|second| DateTime::from_timestamp(second, 0));
        FileMark { path: path.into(), size: 1, modified: 0, inode: 0, done: 1, tail: 0, began_at }
    }

    #[test]
    fn those_of_one_history_are_a_family() {
        let files = [
            file("/p/a/c3.jsonl", Some(1)),
            file("/p/a/c1.jsonl", Some(1)),
            file("/p/a/c2.jsonl", Some(2)),
            file("/p/b/c4.jsonl", Some(1)),
            file("/p/a/agent-1.jsonl", Some(2)),
            file("/p/a/c5.jsonl", None),
            file("/p/a/c6.jsonl", None),
        ];
        let families = Families::of(files.iter());
        for (conversation, head) in
            [("c1", "c1"), ("c3", "c1"), ("c2", "c2"), ("c4", "c4"), ("c5", "c5"), ("c6", "c6"), ("new", "new")]
        {
            assert_eq!(families.head(conversation), head, "{conversation}");
        }
    }
}
