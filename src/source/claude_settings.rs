//! The one setting of Claude Code's that matters to a ledger: after how many days it deletes transcripts.

use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::Deserialize;

/// Claude Code's own default, in days (code.claude.com/docs/en/settings, `cleanupPeriodDays`).
const DEFAULT: u64 = 30;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CleanupPeriod {
    pub(crate) days: u64,
    /// The file that says so; `None` is Claude Code's default.
    pub(crate) file: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default, rename = "cleanupPeriodDays")]
    cleanup_period_days: Option<u64>,
}

/// What holds for the transcripts in one of Claude Code's directories. A project may have another period for its own.
pub(crate) fn cleanup_period(root: &Path) -> anyhow::Result<CleanupPeriod> {
    for name in ["settings.local.json", "settings.json"] {
        let file = root.join(name);
        let text = match fs_err::read(&file) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(error.into()),
        };
        let settings: Settings =
            serde_json::from_slice(&text).with_context(|| format!("{} is not understood", file.display()))?;
        if let Some(days) = settings.cleanup_period_days {
            return Ok(CleanupPeriod { days, file: Some(file) });
        }
    }
    Ok(CleanupPeriod { days: DEFAULT, file: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_file_counts_and_the_default_where_none_says() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let period = || cleanup_period(root).unwrap();
        assert_eq!(period(), CleanupPeriod { days: 30, file: None });
        fs_err::write(root.join("settings.json"), r#"{"cleanupPeriodDays":365,"model":"opus"}"#).unwrap();
        fs_err::write(root.join("settings.local.json"), r#"{"env":{}}"#).unwrap();
        assert_eq!(period(), CleanupPeriod { days: 365, file: Some(root.join("settings.json")) });
        fs_err::write(root.join("settings.local.json"), r#"{"cleanupPeriodDays":7}"#).unwrap();
        assert_eq!(period(), CleanupPeriod { days: 7, file: Some(root.join("settings.local.json")) });
        for nonsense in [r#"{"cleanupPeriodDays":-1}"#, r#"{"cleanupPeriodDays":"7"}"#, "{"] {
            fs_err::write(root.join("settings.local.json"), nonsense).unwrap();
            assert!(cleanup_period(root).is_err(), "{nonsense}");
        }
    }
}
