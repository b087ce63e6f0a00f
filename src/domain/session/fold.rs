//! A journal folded into the session it tells of.
//!
//! Folding never fails on order or repetition: a line that was written twice counts once, a line that is no record is
//! counted and passed over, and the rest of the journal stands.

use std::collections::HashSet;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::session::Damage;
use crate::domain::session::Entry;
use crate::domain::session::LineId;
use crate::domain::session::Note;
use crate::domain::session::NotedCommit;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::session::State;
use crate::domain::session::journal::Happening;
use crate::domain::session::journal::Line;
use crate::domain::session::journal::Start;
use crate::domain::session::journal::Unread;

/// The session that `journal` tells of; `None` when it has no start, as after a crash in the very first write.
pub(crate) fn fold(id: SessionId, journal: &[u8]) -> Option<Session> {
    let (lines, mut damage) = read(journal);
    let undone: HashSet<LineId> = lines
        .iter()
        .filter_map(|line| if let Happening::Undone { line } = line.what { Some(line) } else { None })
        .collect();

    let mut seen = HashSet::with_capacity(lines.len());
    let mut session: Option<Session> = None;
    for line in lines {
        if undone.contains(&line.id) || !seen.insert(line.id) {
            continue;
        }
        match (&mut session, line) {
            (None, Line { at, what: Happening::Started(start), .. }) => {
                session = Some(Session::started(id, at, *start));
            }
            (Some(session), line) => session.apply(line),
            // Nothing can be made of what comes before the start.
            (None, _) => damage.malformed += 1,
        }
    }
    let mut session = session?;
    session.damage = damage;
    session.sort();
    Some(session)
}

/// The start that a journal tells of, without reading the rest. It is the first line unless someone put one before it,
/// as merges of files do.
pub(crate) fn start(journal: &[u8]) -> Option<Start> {
    let lines = journal.split(|&byte| byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    lines.filter_map(|line| Line::parse(line).ok()).find_map(|line| match line.what {
        Happening::Started(start) => Some(*start),
        _ => None,
    })
}

fn read(journal: &[u8]) -> (Vec<Line>, Damage) {
    let mut damage = Damage::default();
    let mut lines = Vec::new();
    for text in journal.split(|&byte| byte == b'\n') {
        // Blank lines do no harm, and after a power cut some file systems leave runs of NUL.
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match std::str::from_utf8(text).map_err(|_| Unread::Malformed).and_then(Line::parse) {
            Ok(line) => lines.push(line),
            Err(Unread::Malformed) => damage.malformed += 1,
            Err(Unread::Newer) => damage.newer += 1,
        }
    }
    (lines, damage)
}

impl Session {
    fn started(id: SessionId, at: DateTime<Utc>, start: Start) -> Self {
        Self {
            id,
            start,
            started_at: at,
            state: State::Running,
            entries: Vec::new(),
            notes: Vec::new(),
            commits: Vec::new(),
            pauses: Vec::new(),
            last_change: None,
            damage: Damage::default(),
        }
    }

    /// The session after one thing more, as its journal would fold to it.
    pub(crate) fn and(mut self, line: Line) -> Self {
        self.apply(line);
        self.sort();
        self
    }

    fn sort(&mut self) {
        self.entries.sort_by_key(|entry| entry.at);
        self.notes.sort_by_key(|note| note.at);
        self.pauses.sort_unstable();
    }

    fn apply(&mut self, line: Line) {
        let Line { id, at, what, .. } = line;
        if let Some(name) = what.undo_name() {
            self.last_change = Some((id, name));
        }
        match what {
            Happening::Logged(logged) => self.entries.push(Entry { id, at, logged: *logged }),
            Happening::Noted { text } => self.notes.push(Note { id, at, text }),
            Happening::Committed { hash } => self.commits.push(NotedCommit { at, hash }),
            Happening::Paused if self.state == State::Running => self.state = State::Paused { since: at },
            Happening::Resumed | Happening::Continued => self.open(at),
            Happening::Ended => self.close(at, State::Ended { at }),
            Happening::Cancelled => self.close(at, State::Cancelled { at }),
            Happening::SessionEdited { started_at, becomes } => {
                self.started_at = started_at;
                self.start = *becomes;
            }
            Happening::EntryEdited { entry, at, becomes } => {
                if let Some(edited) = self.entries.iter_mut().find(|known| known.id == entry) {
                    edited.at = at;
                    edited.logged = *becomes;
                }
            }
            Happening::NoteEdited { note, at, text } => {
                if let Some(edited) = self.notes.iter_mut().find(|known| known.id == note) {
                    edited.at = at;
                    edited.text = text;
                }
            }
            Happening::Removed { item } => {
                self.entries.retain(|entry| entry.id != item);
                self.notes.retain(|note| note.id != item);
            }
            Happening::Started(_) | Happening::Paused | Happening::Undone { .. } => {}
        }
    }

    /// Work goes on: what lay between counts as a pause.
    fn open(&mut self, at: DateTime<Utc>) {
        match self.state {
            State::Paused { since } | State::Ended { at: since } | State::Cancelled { at: since } => {
                self.pauses.push((since, at.max(since)));
            }
            State::Running => {}
        }
        self.state = State::Running;
    }

    fn close(&mut self, at: DateTime<Utc>, state: State) {
        if let State::Paused { since } = self.state {
            self.pauses.push((since, at.max(since)));
        }
        self.state = state;
    }
}

impl Happening {
    /// What `undo` calls this; `None` for what no person did.
    fn undo_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::Logged(_) => "log",
            Self::Noted { .. } => "note",
            Self::Paused => "pause",
            Self::Resumed => "resume",
            Self::Ended => "end",
            Self::Cancelled => "cancel",
            Self::Continued => "continue",
            Self::SessionEdited { .. } | Self::EntryEdited { .. } | Self::NoteEdited { .. } | Self::Removed { .. } => {
                "edit"
            }
            Self::Started(_) | Self::Committed { .. } | Self::Undone { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::model::ModelId;
    use crate::domain::session::journal::Basis;
    use crate::domain::session::journal::Logged;
    use crate::domain::session::journal::Project;
    use crate::domain::tokens::TokenUsage;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + minute * 60, 0).unwrap()
    }

    fn line(minute: i64, what: Happening) -> Line {
        Line::new(at(minute), at(minute), what)
    }

    fn started() -> Line {
        let start = Start {
            name: "JWT auth".to_owned(),
            project: Project { name: "app".to_owned(), root: "/w/app".to_owned() },
            directory: "/w/app".to_owned(),
            branch: None,
            model: ModelId::new("claude-sonnet-5-5"),
            tags: Vec::new(),
            ticket: None,
            client: None,
            estimate: None,
            budget: None,
            rate: None,
        };
        line(0, Happening::Started(Box::new(start)))
    }

    fn logged(minute: i64, output: u64) -> Line {
        let logged = Logged {
            text: format!("entry {output}"),
            task: None,
            model: ModelId::new("claude-sonnet-5-5"),
            tokens: TokenUsage::new(10, output),
            basis: Basis::Typed,
            extra: false,
            infra: Vec::new(),
        };
        line(minute, Happening::Logged(Box::new(logged)))
    }

    fn fold_lines(lines: &[Line]) -> Session {
        let text: String = lines.iter().map(|line| line.to_text() + "\n").collect();
        fold(SessionId::new(at(0)), text.as_bytes()).unwrap()
    }

    #[test]
    fn entries_stand_in_order_of_time() {
        let session = fold_lines(&[started(), logged(20, 1), logged(10, 2)]);
        assert_eq!(session.entries.iter().map(|entry| entry.logged.tokens.output).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(session.tokens(), TokenUsage::new(20, 3));
    }

    #[test]
    fn undo_takes_back_one_change_after_the_other() {
        let (first, second) = (logged(10, 1), logged(20, 2));
        let mut lines = vec![started(), first.clone(), second.clone()];
        for (undone, left) in [(&second, 1), (&first, 0)] {
            let (last, name) = fold_lines(&lines).last_change.unwrap();
            assert_eq!((last, name), (undone.id, "log"));
            lines.push(line(30, Happening::Undone { line: last }));
            assert_eq!(fold_lines(&lines).entries.len(), left);
        }
        assert_eq!(fold_lines(&lines).last_change, None);
    }

    #[test]
    fn an_undone_end_leaves_the_session_open() {
        let end = line(30, Happening::Ended);
        let session = fold_lines(&[started(), end.clone()]);
        assert_eq!((session.state, session.last_change), (State::Ended { at: at(30) }, Some((end.id, "end"))));
        let session = fold_lines(&[started(), end.clone(), line(31, Happening::Undone { line: end.id })]);
        assert_eq!(session.state, State::Running);
    }

    #[test]
    fn the_time_between_end_and_continue_is_a_pause() {
        let session = fold_lines(&[
            started(),
            line(10, Happening::Ended),
            line(70, Happening::Continued),
            line(80, Happening::Paused),
        ]);
        assert_eq!(session.wall_time(at(100)).num_minutes(), 20);
    }

    #[test]
    fn a_line_written_twice_counts_once() {
        let entry = logged(10, 5);
        assert_eq!(fold_lines(&[started(), entry.clone(), entry]).entries.len(), 1);
    }

    #[test]
    fn edits_replace_and_remove() {
        let (entry, note) = (logged(10, 5), line(11, Happening::Noted { text: "b".to_owned() }));
        let Happening::Logged(becomes) = logged(12, 7).what else { unreachable!("that is what it makes") };
        let edited = line(20, Happening::EntryEdited { entry: entry.id, at: at(5), becomes });
        let removed = line(21, Happening::Removed { item: note.id });
        let session = fold_lines(&[started(), entry, note, edited, removed]);
        assert_eq!((session.entries[0].at, session.entries[0].logged.tokens.output), (at(5), 7));
        assert!(session.notes.is_empty());
    }

    #[test]
    fn garbage_is_counted_and_the_rest_stands() {
        let mut bytes = format!("{}\n", started().to_text()).into_bytes();
        bytes.extend(b"\0\0\0\n<<<<<<< HEAD\n\n{\"v\":2,\"id\":\"019aa0e2-0000-7000-8000-000000000001\",\"at\":\"2026-11-23T12:00:00Z\",\"what\":\"new\"}\n\xff\xfe\n");
        bytes.extend(format!("{}\n", logged(1, 1).to_text()).bytes());
        let session = fold(SessionId::new(at(0)), &bytes).unwrap();
        assert_eq!(session.entries.len(), 1);
        assert_eq!(session.damage, Damage { malformed: 3, newer: 1 });
    }

    proptest! {
        #[test]
        fn a_journal_cut_at_any_byte_folds_to_the_entries_before_the_cut(outputs in prop::collection::vec(0_u64..1000, 1..8), cut in 0_usize..10_000) {
            let start = started().to_text() + "\n";
            let lines: Vec<String> = outputs.iter().enumerate().map(|(minute, &output)| logged(i64::try_from(minute).unwrap(), output).to_text() + "\n").collect();
            let journal = start.clone() + &lines.concat();
            let cut = cut % (journal.len() + 1);
            let session = fold(SessionId::new(at(0)), &journal.as_bytes()[..cut]);
            // A line counts as soon as its last byte but the line break is there.
            let mut end = start.len() - 1;
            prop_assert_eq!(session.is_some(), cut >= end);
            let whole = lines.iter().take_while(|line| { end += line.len(); cut >= end }).count();
            if let Some(session) = session {
                prop_assert_eq!(session.entries.len(), whole);
                prop_assert!(session.damage.malformed <= 1);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            fold(SessionId::new(at(0)), &bytes);
        }
    }
}
