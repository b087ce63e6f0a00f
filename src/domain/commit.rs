//! Commits as a report needs them: what was committed, when, by whom, and how much it changed.

use std::fmt;
use std::str::FromStr;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use thiserror::Error;

/// The digits of a hash that people are shown, as many as git shows in a small repository.
const SHORT_DIGITS: usize = 7;

/// A commit's whole hash in lower-case hexadecimal: 40 digits, or 64 in a SHA-256 repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct CommitId(String);

impl CommitId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits.
    pub(crate) fn short(&self) -> &str {
        &self.0[..SHORT_DIGITS]
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not the hash of a commit")]
pub(crate) struct CommitIdError(String);

impl FromStr for CommitId {
    type Err = CommitIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash { Ok(Self(text.to_ascii_lowercase())) } else { Err(CommitIdError(text.to_owned())) }
    }
}

impl TryFrom<String> for CommitId {
    type Error = CommitIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CommitId> for String {
    fn from(id: CommitId) -> Self {
        id.0
    }
}

/// One commit. Texts that were not UTF-8 have replacement characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) hash: CommitId,
    /// When the work was first committed; rebasing and cherry-picking keep it.
    pub(crate) authored_at: DateTime<Utc>,
    pub(crate) subject: String,
    /// The author's name.
    pub(crate) author: String,
    /// `None` when nobody asked, or when it cannot be told: what to compare with is missing, as at a shallow clone's edge.
    pub(crate) changes: Option<Changes>,
    pub(crate) is_merge: bool,
}

/// How much a commit changed. A renamed file counts as one deleted and one added, a binary one has no lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) files: u64,
    pub(crate) insertions: u64,
    pub(crate) deletions: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_forty_or_sixty_four_hexadecimal_digits() {
        let cases = [
            ("0123456789abcdef0123456789abcdef01234567", true),
            ("0123456789ABCDEF0123456789ABCDEF01234567", true),
            (&"a".repeat(64), true),
            ("0123456", false),
            ("", false),
            ("g123456789abcdef0123456789abcdef01234567", false),
            (&"é".repeat(20), false),
        ];
        for (text, is_hash) in cases {
            assert_eq!(text.parse::<CommitId>().is_ok(), is_hash, "{text}");
        }
    }

    #[test]
    fn hashes_are_kept_in_lower_case_and_shortened_to_seven_digits() {
        let id: CommitId = "0123456789ABCDEF0123456789ABCDEF01234567".parse().unwrap();
        assert_eq!(id.to_string(), "0123456789abcdef0123456789abcdef01234567");
        assert_eq!(id.short(), "0123456");
    }

    #[test]
    fn a_stored_hash_is_checked_when_it_is_read() {
        let text = "\"0123456789abcdef0123456789abcdef01234567\"";
        let id: CommitId = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), text);
        assert!(serde_json::from_str::<CommitId>("\"--upload-pack=x\"").is_err());
    }
}
