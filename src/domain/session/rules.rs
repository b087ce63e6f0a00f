//! What may happen to a session, and why not.

use chrono::DateTime;
use chrono::Utc;
use thiserror::Error;

use crate::domain::session::Session;
use crate::domain::session::State;

/// Limits that keep reports readable and journals small; characters.
pub(crate) const MOST_NAME_CHARACTERS: usize = 200;
pub(crate) const MOST_TEXT_CHARACTERS: usize = 10_000;
pub(crate) const MOST_TAG_CHARACTERS: usize = 64;
pub(crate) const MOST_TAGS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum TextError {
    #[error("is empty")]
    Empty,
    #[error("has {0} characters, more than {1}")]
    TooLong(usize, usize),
}

/// What stands between the person and a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("the session has ended")]
    Closed,
    #[error("the session is paused already")]
    Paused,
    #[error("the session is not paused")]
    NotPaused,
    #[error("that is within a pause that has not ended")]
    InOpenPause(DateTime<Utc>),
    #[error("that is before the session started")]
    BeforeStart(DateTime<Utc>),
    #[error("that is after the session ended")]
    AfterEnd(DateTime<Utc>),
    #[error("that is before the last thing recorded in the session")]
    BeforeLast(DateTime<Utc>),
    #[error("that is within a pause of the session")]
    InPause(DateTime<Utc>, DateTime<Utc>),
    #[error("the session is still open")]
    Open,
}

/// A name, note or label without the white space around it.
pub(crate) fn text(typed: &str, most_characters: usize) -> Result<String, TextError> {
    let text = typed.trim();
    let is_blank = text.chars().all(|char| char.is_whitespace() || char.is_control() || is_invisible(char));
    if is_blank {
        return Err(TextError::Empty);
    }
    let characters = text.chars().count();
    if characters > most_characters {
        Err(TextError::TooLong(characters, most_characters))
    } else {
        Ok(text.to_owned())
    }
}

impl Session {
    /// Whether an entry, a note or a commit may stand at `at`.
    pub(crate) fn check_item(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        if !self.state.is_open() {
            return Err(Refusal::Closed);
        }
        self.check_time(at)
    }

    /// Whether something may be said to have happened at `at`, in an open session or an ended one.
    pub(crate) fn check_time(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        if at < self.started_at {
            return Err(Refusal::BeforeStart(self.started_at));
        }
        if let Some(&(from, until)) = self.pauses.iter().find(|(from, until)| *from < at && at < *until) {
            return Err(Refusal::InPause(from, until));
        }
        match self.state {
            State::Paused { since } if at > since => Err(Refusal::InOpenPause(since)),
            State::Ended { at: ended_at } | State::Cancelled { at: ended_at } if at > ended_at => {
                Err(Refusal::AfterEnd(ended_at))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn check_pause(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        match self.state {
            State::Running => self.check_after_last(at),
            State::Paused { .. } => Err(Refusal::Paused),
            State::Ended { .. } | State::Cancelled { .. } => Err(Refusal::Closed),
        }
    }

    pub(crate) fn check_resume(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        match self.state {
            State::Paused { since } if at < since => Err(Refusal::BeforeLast(since)),
            State::Paused { .. } => self.check_after_last(at),
            State::Running => Err(Refusal::NotPaused),
            State::Ended { .. } | State::Cancelled { .. } => Err(Refusal::Closed),
        }
    }

    /// Whether it may end, or be cancelled, at `at`.
    pub(crate) fn check_end(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        if self.state.is_open() { self.check_after_last(at) } else { Err(Refusal::Closed) }
    }

    pub(crate) fn check_continue(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        match self.ended_at() {
            Some(ended_at) if at < ended_at => Err(Refusal::BeforeLast(ended_at)),
            Some(_) => Ok(()),
            None => Err(Refusal::Open),
        }
    }

    /// Whether the session may be said to have started at `at` instead.
    pub(crate) fn check_new_start(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        let first_item = self.items().first().map(super::Item::at);
        let first_pause = self.pauses.first().map(|(from, _)| *from);
        match first_item.into_iter().chain(first_pause).chain(self.ended_at()).min() {
            Some(first) if at > first => Err(Refusal::BeforeLast(first)),
            _ => Ok(()),
        }
    }

    /// The last instant at which anything is recorded; it cannot have ended or paused before.
    pub(crate) fn last_at(&self) -> DateTime<Utc> {
        let items = self.items().last().map(super::Item::at);
        let pauses = self.pauses.last().map(|(_, until)| *until);
        let paused = if let State::Paused { since } = self.state { Some(since) } else { None };
        [items, pauses, paused].into_iter().flatten().fold(self.started_at, DateTime::max)
    }

    fn check_after_last(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        if at < self.started_at {
            return Err(Refusal::BeforeStart(self.started_at));
        }
        let last = self.last_at();
        if at < last { Err(Refusal::BeforeLast(last)) } else { Ok(()) }
    }
}

/// Characters that a name could consist of and still show nothing.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{3164}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_must_show_something() {
        assert_eq!(text("  JWT auth ", 20), Ok("JWT auth".to_owned()));
        for blank in ["", "   ", "\t\n", "\u{200b}\u{200f}", "\u{1b}"] {
            assert_eq!(text(blank, 20), Err(TextError::Empty), "{blank:?}");
        }
        assert_eq!(text(&"é".repeat(21), 20), Err(TextError::TooLong(21, 20)));
    }
}
