//! What is added up: a sum, and of a single event what no sum can tell.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::domain::commit::CommitId;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::UsageSum;
use crate::domain::session::NotedCommit;
use crate::domain::session::Session;
use crate::domain::session::SessionId;
use crate::domain::task::Task;

#[derive(Debug, Clone)]
pub(crate) struct Item<'a> {
    pub(crate) sum: Cow<'a, UsageSum>,
    /// `None` for the sum of several events.
    pub(crate) facts: Option<Facts<'a>>,
}

/// A single event, and what it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) event: &'a UsageEvent,
    pub(crate) session: Option<&'a Session>,
    pub(crate) commit: Option<&'a CommitId>,
}

/// The kind of work that an event was done for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    Task(Task),
    /// Logged without a task.
    Other,
    /// In a session, after its last entry.
    NotLogged,
    NoSession,
}

impl Work {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Task(task) => task.as_str(),
            Self::Other => "other",
            Self::NotLogged => "(not logged)",
            Self::NoSession => "(no session)",
        }
    }

    fn of(task: Option<&Task>) -> Self {
        // A task of the person's own of that name would be a second row of it.
        task.filter(|task| task.as_str() != Self::Other.name()).cloned().map_or(Self::Other, Self::Task)
    }
}

impl<'a> From<&'a UsageSum> for Item<'a> {
    fn from(sum: &'a UsageSum) -> Self {
        Self { sum: Cow::Borrowed(sum), facts: None }
    }
}

impl<'a> From<Facts<'a>> for Item<'a> {
    fn from(facts: Facts<'a>) -> Self {
        Self { sum: Cow::Owned(UsageSum::of(facts.event)), facts: Some(facts) }
    }
}

impl<'a> Facts<'a> {
    pub(crate) fn session_id(&self) -> Option<SessionId> {
        self.session.map(|session| session.id).or(self.event.session)
    }

    pub(crate) fn tags(&self) -> &'a [String] {
        self.session.map_or(&[], |session| &session.start.tags)
    }

    /// By the entry in whose interval it lies; what an entry states is of that entry's task.
    pub(crate) fn work(&self) -> Work {
        let event = self.event;
        if !event.precision.is_measured() {
            return Work::of(event.task.as_ref());
        }
        if self.session_id().is_none() {
            return Work::NoSession;
        }
        let entry = self.session.and_then(|session| session.entry_for(event.at));
        entry.map_or(Work::NotLogged, |entry| Work::of(entry.logged.task.as_ref()))
    }

    /// Names of the MCP servers whose tools were called.
    pub(crate) fn mcp_servers(&self) -> BTreeSet<&'a str> {
        self.event.tools.iter().filter_map(|tool| mcp_server(tool)).collect()
    }
}

/// The server in `mcp__<server>__<tool>`.
fn mcp_server(tool: &str) -> Option<&str> {
    let (server, _) = tool.strip_prefix("mcp__")?.split_once("__")?;
    (!server.is_empty()).then_some(server)
}

/// Sessions to which events may belong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    open: Vec<SessionId>,
}

impl Sessions {
    pub(crate) fn new(sessions: impl IntoIterator<Item = Session>) -> Self {
        let by_id: BTreeMap<_, _> = sessions.into_iter().map(|session| (session.id, session)).collect();
        let open = by_id.values().filter(|session| session.state.is_open()).map(|session| session.id).collect();
        Self { by_id, open }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.by_id.values()
    }

    /// What the git hook saw being committed in sessions of a project.
    pub(crate) fn noted(&self, project_root: &str) -> Vec<NotedCommit> {
        let of_project = self.iter().filter(|session| session.start.project.root == project_root);
        of_project.flat_map(|session| &session.commits).cloned().collect()
    }

    /// The session of an event. The ledger knows the closed ones that were at work; an open one may have changed since.
    pub(crate) fn of(&self, event: &UsageEvent) -> Option<&Session> {
        let known = event.session.and_then(|id| self.by_id.get(&id));
        if !event.precision.is_measured() {
            return known;
        }
        let holds = |session: &&Session| session.start.project.root == event.place.project && session.holds(event.at);
        let open = self.open.iter().filter_map(|id| self.by_id.get(id)).filter(holds);
        let closed = known.filter(|session| !session.state.is_open());
        open.chain(closed).max_by_key(|session| session.precedence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Precision;
    use crate::domain::session::State;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture::at;
    use crate::report::session::fixture::entry;
    use crate::report::session::fixture::session;

    #[test]
    fn an_exchange_is_of_the_session_that_began_last() {
        let ended = session(vec![entry(40, TokenUsage::new(1, 1))]);
        let mut open = session(Vec::new());
        (open.started_at, open.state) = (at(20), State::Paused { since: at(50) });
        let mut elsewhere = open.clone();
        elsewhere.id = session(Vec::new()).id;
        elsewhere.start.project.root = "/w/other".to_owned();
        let stated = UsageEvent::of_entry(&ended, &ended.entries[0]).unwrap();
        let sessions = Sessions::new([ended.clone(), open.clone(), elsewhere]);
        let of = |event: UsageEvent| sessions.of(&event).map(|session| session.id);
        assert_eq!(of(stated.clone()), Some(ended.id), "what an entry says stays with it");
        for (minute, known, owner) in [
            (10, Some(&ended), Some(&ended)),
            // The ledger has not heard of the open one, or not of its pause.
            (40, Some(&ended), Some(&open)),
            (55, Some(&ended), Some(&ended)),
            (55, Some(&open), None),
            (45, None, Some(&open)),
            (70, None, None),
        ] {
            let session = known.map(|known| known.id);
            let event = UsageEvent { at: at(minute), precision: Precision::Measured, session, ..stated.clone() };
            assert_eq!(of(event), owner.map(|owner| owner.id), "{minute}");
        }
    }

    #[test]
    fn a_tool_of_an_mcp_server_names_it() {
        for (tool, server) in [
            ("mcp__github__create_issue", Some("github")),
            ("mcp__claude_ai_Gmail__search_threads", Some("claude_ai_Gmail")),
            ("mcp__a__b__c", Some("a")),
            ("mcp__a", None),
            ("mcp____a", None),
            ("Bash", None),
        ] {
            assert_eq!(mcp_server(tool), server, "{tool}");
        }
    }
}
