//! Archived reports: a markdown page and a JSON file of the same name, in the repository or the data directory.

use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use anyhow::bail;
use fs_err as fs;

use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::store::fs::Access;
use crate::store::fs::create_private_dir;
use crate::store::fs::list;
use crate::store::fs::read_if_there;
use crate::store::fs::replace;

/// The longest slug of a session's name in a file name.
const MOST_SLUG_CHARACTERS: usize = 40;

#[derive(Debug, Clone)]
pub(crate) struct ReportStore {
    directory: PathBuf,
    /// The work tree that they must lie in; `None` for the data directory.
    root: Option<PathBuf>,
}

/// The two files of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archived {
    pub(crate) markdown: PathBuf,
    pub(crate) json: PathBuf,
}

impl Archived {
    /// The page as it is on disk, with what the person wrote into it.
    pub(crate) fn page(&self) -> anyhow::Result<Option<String>> {
        Ok(read_if_there(&self.markdown)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }
}

impl ReportStore {
    /// Reports that are part of a repository: anyone who has it may read them.
    pub(crate) fn in_repository(root: PathBuf, directory: &Path) -> Self {
        Self { directory: root.join(directory), root: Some(root) }
    }

    /// Reports that only the user sees.
    pub(crate) fn private(directory: PathBuf) -> Self {
        Self { directory, root: None }
    }

    /// Where the report of a session lies or will lie: `<day>-<slug>-<short id>`, so that no two sessions meet there,
    /// not even from two machines. One that was archived under an earlier name of the session keeps its place.
    pub(crate) fn place(&self, session: &Session, day: &str) -> anyhow::Result<Archived> {
        let markdown = self
            .known(session.id)?
            .unwrap_or_else(|| self.directory.join(format!("{}.md", file_stem(session.id, &session.start.name, day))));
        Ok(Archived { json: markdown.with_extension("json"), markdown })
    }

    /// The page of a session that was archived here, if one was.
    pub(crate) fn known(&self, id: SessionId) -> anyhow::Result<Option<PathBuf>> {
        let suffix = format!("-{}.md", id.short());
        let is_its = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(&suffix));
        Ok(list(&self.directory)?.into_iter().find(is_its))
    }

    /// Writes both files.
    pub(crate) fn save(&self, place: &Archived, markdown: &str, json: &str) -> anyhow::Result<()> {
        let access = if let Some(root) = &self.root {
            check_inside(root, &self.directory)?;
            fs::create_dir_all(&self.directory)?;
            Access::Shared
        } else {
            create_private_dir(&self.directory)?;
            Access::Private
        };
        replace(&place.json, json.as_bytes(), access)?;
        replace(&place.markdown, markdown.as_bytes(), access)
    }
}

/// Refuses a directory that a symbolic link leads out of the work tree, or into git's own.
fn check_inside(root: &Path, directory: &Path) -> anyhow::Result<()> {
    // What is not there yet can lead nowhere but to where the directories above it do, unless it says `..`.
    let there = directory.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(directory);
    let (root, place) = (fs::canonicalize(root)?, fs::canonicalize(there)?);
    let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
    let rest = directory.strip_prefix(there).unwrap_or(Path::new(""));
    let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)) && !is_git(part));
    match place.strip_prefix(&root) {
        Ok(inside) if is_plain && !inside.components().any(is_git) => Ok(()),
        _ => bail!("{} leads to {}, outside the work tree", directory.display(), place.display()),
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
