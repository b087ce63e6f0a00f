//! Whose turn it is to read transcripts in the background: one process at a time, and not for every status line.

use std::path::Path;
use std::path::PathBuf;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::store::fs::create_private_dir;
use crate::store::lock::Lock;
use crate::store::lock::Patience;

/// Status lines may come three times a second; looking at all transcripts takes longer than one has.
const PAUSE: TimeDelta = TimeDelta::new(10, 0).expect("it is ten seconds");

/// Whether to start a process now: nobody was for a while, and none is at work. To be told so is to be the one who does.
pub(crate) fn is_due(data: &Path, now: DateTime<Utc>) -> anyhow::Result<bool> {
    let Some(mut lock) = Lock::acquire(&path(data), Patience::GLANCE)? else { return Ok(false) };
    let last = String::from_utf8(lock.note()?).ok().and_then(|note| note.parse::<DateTime<Utc>>().ok());
    // A clock that was set back must not stop it for long.
    if last.is_some_and(|last| (TimeDelta::zero()..PAUSE).contains(&(now - last))) {
        return Ok(false);
    }
    lock.leave(&now.to_rfc3339())?;
    Ok(true)
}

/// The turn, held until it is dropped; `None` when another process has it.
pub(crate) fn begin(data: &Path) -> anyhow::Result<Option<Lock>> {
    create_private_dir(data)?;
    // Who only asks whether it is due has it for a moment.
    Lock::acquire(&path(data), Patience::HOOK)
}

fn path(data: &Path) -> PathBuf {
    data.join("background.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_every_ten_seconds_unless_someone_is_at_it() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path();
        let at = |seconds: i64| DateTime::from_timestamp(1_795_435_200 + seconds, 0).unwrap();
        for (seconds, due) in [(0, true), (0, false), (9, false), (10, true), (19, false), (5, true), (14, false)] {
            assert_eq!(is_due(data, at(seconds)).unwrap(), due, "{seconds}");
        }
        let turn = begin(data).unwrap();
        assert!(turn.is_some() && begin(data).unwrap().is_none());
        assert!(!is_due(data, at(100)).unwrap());
        drop(turn);
        assert!(is_due(data, at(100)).unwrap());
        // What a power cut left.
        fs_err::write(path(data), [0; 9]).unwrap();
        assert!(is_due(data, at(101)).unwrap());
    }
}
