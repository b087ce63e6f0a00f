//! What rows of usage are told apart by.

use chrono::NaiveDate;
use chrono::Timelike;
use chrono::Weekday;
use chrono_tz::Tz;

use crate::domain::commit::CommitId;
use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::domain::price::Speed;
use crate::domain::session::SessionId;
use crate::report::usage::item::Facts;
use crate::report::usage::item::Item;
use crate::report::usage::item::Work;

/// A way to group usage; several of them nest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Day,
    /// Weeks that begin with this day.
    Week(Weekday),
    Month,
    /// Hour of the day.
    Hour,
    Conversation,
    Project,
    Model,
    Branch,
    Agent,
    Skill,
    Session,
    Task,
    Tag,
    Tool,
    Mcp,
    Commit,
}

/// A group, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Day(NaiveDate),
    /// By its first day.
    Week(NaiveDate),
    Month(NaiveDate),
    Hour(u32),
    /// Claude Code's `sessionId`; `None` is work outside conversations.
    Conversation(Option<String>),
    /// By its root.
    Project(String),
    Model(ModelId),
    Branch {
        project: String,
        branch: Option<String>,
    },
    /// `None` is the main loop.
    Agent(Option<String>),
    Skill(Option<String>),
    Session(Option<SessionId>),
    Task(Work),
    Tag(Option<String>),
    Tool(Option<String>),
    /// By the server's name.
    Mcp(Option<String>),
    /// `None` is what no commit followed.
    Commit(Option<CommitId>),
}

impl By {
    /// Whether no sum can tell it.
    pub(crate) fn needs_events(self) -> bool {
        self.needs_sessions() || matches!(self, Self::Tool | Self::Mcp)
    }

    pub(crate) fn needs_sessions(self) -> bool {
        matches!(self, Self::Session | Self::Task | Self::Tag | Self::Commit)
    }

    /// The groups that share an item: one, but for what may have several names.
    pub(crate) fn keys(self, item: &Item<'_>, tz: Tz) -> Vec<Key> {
        let (sum, facts) = (&*item.sum, item.facts.as_ref());
        let first_day = |unit| Period::at(unit, sum.at, tz).first_day();
        let place = &sum.place;
        vec![match self {
            Self::Tag => return shared(facts.map(Facts::tags).unwrap_or_default(), Key::Tag),
            Self::Tool => return shared(facts.into_iter().flat_map(|facts| &facts.event.tools), Key::Tool),
            Self::Mcp => return shared(facts.map(Facts::mcp_servers).unwrap_or_default(), Key::Mcp),
            Self::Session => Key::Session(facts.and_then(Facts::session_id)),
            Self::Task => Key::Task(facts.map_or(Work::NoSession, Facts::work)),
            Self::Commit => Key::Commit(facts.and_then(|facts| facts.commit).cloned()),
            Self::Day => Key::Day(first_day(Unit::Day)),
            Self::Week(first) => Key::Week(first_day(Unit::Week(first))),
            Self::Month => Key::Month(first_day(Unit::Month)),
            Self::Hour => Key::Hour(sum.at.with_timezone(&tz).hour()),
            Self::Conversation => Key::Conversation(place.conversation.clone()),
            Self::Project => Key::Project(place.project.clone()),
            Self::Model => Key::Model(model_name(sum)),
            Self::Branch => Key::Branch { project: place.project.clone(), branch: place.branch.clone() },
            Self::Agent => Key::Agent(place.agent.clone()),
            Self::Skill => Key::Skill(place.skill.clone()),
        }]
    }
}

fn shared<T: ToString>(names: impl IntoIterator<Item = T>, key: fn(Option<String>) -> Key) -> Vec<Key> {
    let keys: Vec<_> = names.into_iter().map(|name| key(Some(name.to_string()))).collect();
    if keys.is_empty() { vec![key(None)] } else { keys }
}

impl Key {
    pub(crate) fn is_time(&self) -> bool {
        matches!(self, Self::Day(_) | Self::Week(_) | Self::Month(_) | Self::Hour(_))
    }
}

/// The model's name without the mode of its context, which costs nothing; a fast answer counts as another model, as it costs
/// like one.
pub(crate) fn model_name(sum: &UsageSum) -> ModelId {
    let model = sum.model.without_context();
    if sum.terms.speed == Some(Speed::Fast) && !model.as_str().ends_with("-fast") {
        return ModelId::new(format!("{model}-fast"));
    }
    model
}
