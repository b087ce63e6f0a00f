//! What rows of usage are told apart by.

use chrono::NaiveDate;
use chrono::Timelike;
use chrono::Weekday;
use chrono_tz::Tz;

use crate::domain::ledger::UsageSum;
use crate::domain::model::ModelId;
use crate::domain::period::Period;
use crate::domain::period::Unit;
use crate::domain::price::Speed;

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
}

impl By {
    pub(crate) fn key(self, sum: &UsageSum, tz: Tz) -> Key {
        let first_day = |unit| Period::at(unit, sum.at, tz).first_day();
        let place = &sum.place;
        match self {
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
        }
    }
}

impl Key {
    pub(crate) fn is_time(&self) -> bool {
        matches!(self, Self::Day(_) | Self::Week(_) | Self::Month(_) | Self::Hour(_))
    }
}

/// The model's name; a fast answer counts as another model, as it costs like one.
pub(crate) fn model_name(sum: &UsageSum) -> ModelId {
    let model = &sum.model;
    if sum.terms.speed == Some(Speed::Fast) && !model.as_str().ends_with("-fast") {
        return ModelId::new(format!("{model}-fast"));
    }
    model.clone()
}
