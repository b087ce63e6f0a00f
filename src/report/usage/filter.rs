//! Which part of the usage is asked for, besides its time.

use std::path::Path;

use crate::domain::folder;
use crate::domain::session::SessionId;
use crate::report::usage::item::Item;
use crate::report::usage::key::model_name;

/// All that is named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// A root, its last part, or the name of Claude Code's directory for it.
    pub(crate) project: Option<String>,
    pub(crate) branch: Option<String>,
    /// A part of the name, as in `opus`.
    pub(crate) model: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) session: Option<SessionId>,
    pub(crate) tag: Option<String>,
}

impl Filter {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether no sum of several events can tell if it holds.
    pub(crate) fn needs_sessions(&self) -> bool {
        self.session.is_some() || self.tag.is_some()
    }

    pub(crate) fn holds<'a>(&self, item: impl Into<Item<'a>>) -> bool {
        let Item { sum, facts } = item.into();
        let place = &sum.place;
        self.project.as_deref().is_none_or(|asked| is_project(&place.project, asked))
            && self.branch.as_deref().is_none_or(|asked| place.branch.as_deref() == Some(asked))
            && self.model.as_deref().is_none_or(|asked| is_model(model_name(&sum).as_str(), asked))
            && self.conversation.as_deref().is_none_or(|asked| place.conversation.as_deref() == Some(asked))
            && self.session.is_none_or(|asked| facts.and_then(|facts| facts.session_id()) == Some(asked))
            && self.tag.as_ref().is_none_or(|asked| facts.map_or(&[][..], |facts| facts.tags()).contains(asked))
    }
}

/// Whether a model is one of those that were named, in whatever case: its price is found in any, too.
fn is_model(name: &str, asked: &str) -> bool {
    name.to_lowercase().contains(&asked.to_lowercase())
}

/// Whether a project is the one that was named.
pub(crate) fn is_project(root: &str, asked: &str) -> bool {
    let name = Path::new(root).file_name().map(|name| name.to_string_lossy());
    root == asked || name.is_some_and(|name| name == asked) || folder::is_of(asked, root)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::event::UsageEvent;
    use crate::domain::session::Session;
    use crate::domain::session::State;
    use crate::domain::tokens::TokenUsage;
    use crate::report::session::fixture::entry;
    use crate::report::session::fixture::prices;
    use crate::report::session::fixture::session;
    use crate::report::usage;
    use crate::report::usage::item::Facts;
    use crate::report::usage::item::Sessions;
    use crate::report::usage::key::By;
    use crate::report::usage::key::Key;

    const TAGS: [&str; 3] = ["api", "auth", "db"];

    /// An ended session or an open one, with any of the tags.
    fn any_session() -> impl Strategy<Value = Session> {
        (any::<bool>(), prop::array::uniform3(any::<bool>())).prop_map(|(is_open, has_tag)| {
            let mut session = session(Vec::new());
            if is_open {
                session.state = State::Running;
            }
            let tags = TAGS.into_iter().zip(has_tag).filter(|(_, has_tag)| *has_tag);
            session.start.tags = tags.map(|(tag, _)| tag.to_owned()).collect();
            session
        })
    }

    /// Minutes, output tokens, and the place of the session that the ledger names, if it does.
    fn any_event() -> impl Strategy<Value = (i64, u64, Option<prop::sample::Index>)> {
        (-5_i64..70, 1_u64..1_000_000, any::<Option<prop::sample::Index>>())
    }

    proptest! {
        /// An exchange of several tags is split between their rows; a filter takes all of it.
        #[test]
        fn a_filter_holds_what_a_breakdown_shows_in_the_row(
            sessions in prop::collection::vec(any_session(), 1..4),
            events in prop::collection::vec(any_event(), 0..30),
        ) {
            let events: Vec<UsageEvent> = events.into_iter().map(|(minute, output, place)| {
                let tokens = TokenUsage::new(0, output);
                let event = UsageEvent::of_entry(&sessions[0], &entry(minute, tokens)).unwrap();
                UsageEvent { session: place.map(|place| sessions[place.index(sessions.len())].id), ..event }
            }).collect();
            let known = Sessions::new(sessions.clone());
            let facts = || events.iter().map(|event| Facts { event, session: known.of(event), commit: None });
            let total = |filter: &Filter| {
                usage::build(facts().filter(|facts| filter.holds(*facts)), &prices(), &[], Tz::UTC).totals.total
            };

            let report = usage::build(facts(), &prices(), &[By::Session], Tz::UTC);
            for session in &sessions {
                let row = report.rows.iter().find(|row| row.key == Key::Session(Some(session.id)));
                let shown = row.map(|row| row.usage.total).unwrap_or_default();
                prop_assert_eq!(total(&Filter { session: Some(session.id), ..Filter::default() }), shown);
            }
            for tag in TAGS {
                let filter = Filter { tag: Some(tag.to_owned()), ..Filter::default() };
                for facts in facts() {
                    let is_in_row = By::Tag.keys(&facts.into(), Tz::UTC).contains(&Key::Tag(Some(tag.to_owned())));
                    prop_assert_eq!(filter.holds(facts), is_in_row);
                }
            }
        }
    }

    #[test]
    fn a_sum_of_several_events_is_of_no_session() {
        let sum = usage::fixture::sum("2026-11-23T10:00:00Z", "big", 1);
        let session = session(Vec::new()).id;
        for filter in [
            Filter { session: Some(session), ..Filter::default() },
            Filter { tag: Some("api".to_owned()), ..Filter::default() },
        ] {
            assert!(filter.needs_sessions() && !filter.holds(&sum), "{filter:?}");
        }
    }
}
