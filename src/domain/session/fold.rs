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

/// The session that `lines` tell of, `damage` being what was none; `None` when they have no start, as after a crash in the
/// very first write.
pub(crate) fn fold(id: SessionId, lines: Vec<Line>, mut damage: Damage) -> Option<Session> {
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
            Happening::Committed { hash } => {
                self.commits.extend(hash.parse().ok().map(|hash| NotedCommit { at, hash }));
            }
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
    use uuid::Uuid;

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
        Line::new(LineId(Uuid::now_v7()), at(minute), at(minute), what)
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
        fold(SessionId::new(Uuid::now_v7()), lines.to_vec(), Damage::default()).unwrap()
    }

    #[test]
    fn entries_stand_in_order_of_time() {
        let session = fold_lines(&[started(), logged(20, 1), logged(10, 2)]);
        assert_eq!(session.entries.iter().map(|entry| entry.logged.tokens.output).collect::<Vec<_>>(), [2, 1]);
        let tokens: TokenUsage = session.entries.iter().map(|entry| entry.logged.tokens).sum();
        assert_eq!(tokens, TokenUsage::new(20, 3));
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
    fn an_entry_closes_the_interval_since_the_mark_before_it() {
        let session = fold_lines(&[started(), logged(10, 1), logged(20, 2), logged(20, 3), logged(30, 4)]);
        let held = |minute: i64| -> Vec<u64> {
            let holding = session.intervals().filter(|interval| interval.holds(at(minute)));
            holding.map(|interval| interval.entry.logged.tokens.output).collect()
        };
        for (minute, outputs) in
            [(0, vec![1]), (10, vec![1]), (11, vec![2, 3]), (20, vec![2, 3]), (30, vec![4]), (31, vec![])]
        {
            assert_eq!(held(minute), outputs, "{minute}");
        }
    }

    #[test]
    fn a_session_holds_its_time_without_its_pauses() {
        let pause = [line(10, Happening::Paused), line(20, Happening::Resumed)];
        let holds = |last: Line| {
            let session = fold_lines(&[started(), pause[0].clone(), pause[1].clone(), last]);
            (-1..=41).filter(|&minute| session.holds(at(minute))).collect::<Vec<_>>()
        };
        let worked = |until: i64| (0..10).chain(20..until).collect::<Vec<_>>();
        assert_eq!(holds(line(30, Happening::Ended)), worked(30));
        assert_eq!(holds(line(30, Happening::Paused)), worked(30));
        assert_eq!(holds(logged(30, 1)), worked(42));
    }
}
