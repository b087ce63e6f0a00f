//! Archived reports: a markdown page and a JSON file of the same name, in the repository or the data directory.

use std::path::PathBuf;

use fs_err as fs;

use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::store::fs::Access;
use crate::store::fs::list;
use crate::store::fs::read_if_there;
use crate::store::fs::replace;

/// The longest slug of a session's name in a file name.
const MOST_SLUG_CHARACTERS: usize = 40;

#[derive(Debug, Clone)]
pub(crate) struct ReportStore {
    directory: PathBuf,
    access: Access,
}

/// The two files of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archived {
    pub(crate) markdown: PathBuf,
    pub(crate) json: PathBuf,
}

impl ReportStore {
    /// Reports that are part of a repository: anyone who has it may read them.
    pub(crate) fn in_repository(directory: PathBuf) -> Self {
        Self { directory, access: Access::Shared }
    }

    /// Reports that only the user sees.
    pub(crate) fn private(directory: PathBuf) -> Self {
        Self { directory, access: Access::Private }
    }

    /// Where the report of a session lies or will lie: `<day>-<slug>-<short id>`, so that no two sessions meet there,
    /// not even from two machines. One that was archived under an earlier name of the session keeps its place.
    pub(crate) fn place(&self, session: &Session, day: &str) -> anyhow::Result<Archived> {
        let suffix = format!("-{}.md", session.id.short());
        let known = list(&self.directory)?
            .into_iter()
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(&suffix)));
        let markdown = known
            .unwrap_or_else(|| self.directory.join(format!("{}.md", file_stem(session.id, &session.start.name, day))));
        Ok(Archived { json: markdown.with_extension("json"), markdown })
    }

    /// The page as it is on disk, with what the person wrote into it.
    pub(crate) fn page(&self, place: &Archived) -> anyhow::Result<Option<String>> {
        Ok(read_if_there(&place.markdown)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Writes both files.
    pub(crate) fn save(&self, place: &Archived, markdown: &str, json: &str) -> anyhow::Result<()> {
        match self.access {
            Access::Shared => fs::create_dir_all(&self.directory)?,
            Access::Private => crate::store::fs::create_private_dir(&self.directory)?,
        }
        replace(&place.json, json.as_bytes(), self.access)?;
        replace(&place.markdown, markdown.as_bytes(), self.access)
    }
}

fn file_stem(id: SessionId, name: &str, day: &str) -> String {
    let slug = slug(name);
    let separator = if slug.is_empty() { "" } else { "-" };
    format!("{day}{separator}{slug}-{}", id.short())
}

/// The letters and digits of a name, in lower case, with single dashes between words: safe on every file system.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for char in name.chars() {
        if slug.len() >= MOST_SLUG_CHARACTERS {
            break;
        }
        if char.is_ascii_alphanumeric() {
            slug.push(char.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_plain_file_names() {
        for (name, expected) in [
            ("JWT auth", "jwt-auth"),
            ("../../x", "x"),
            ("$(rm -rf ~)", "rm-rf"),
            ("a/b\\c:d", "a-b-c-d"),
            (".git/hooks/x", "git-hooks-x"),
            ("日本語", ""),
            ("--- - ---", ""),
            ("\u{0}\u{1b}[31mred", "31mred"),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_name_leaves_the_directory(name in "\\PC{0,300}") {
            let slug = slug(&name);
            proptest::prop_assert!(slug.len() <= MOST_SLUG_CHARACTERS);
            proptest::prop_assert!(slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
        }
    }
}
