//! Kinds of work, and what an exchange of each kind usually takes.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;
use thiserror::Error;

use crate::domain::tokens::TokenUsage;

/// The longest name of a task of the user's own.
const MOST_CHARACTERS: usize = 32;

/// A kind of work: one of the built-in ones or the user's own, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Task(String);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a task's name has 1 to {MOST_CHARACTERS} of the characters a-z, 0-9 and -, not - first")]
pub(crate) struct TaskNameError;

/// Tokens that an exchange of one kind of work takes, as ranges; a guess until the person has a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Preset {
    pub(crate) input: RangeInclusive<u64>,
    pub(crate) output: RangeInclusive<u64>,
}

/// Chat, code, review, plan and audit are the ranges of the product's first description; debug, test and docs are set
/// beside them by the same measure.
const PRESETS: [(&str, RangeInclusive<u64>, RangeInclusive<u64>); 8] = [
    ("audit", 2500..=6000, 1000..=3000),
    ("chat", 500..=1500, 300..=800),
    ("code", 2000..=5000, 3000..=8000),
    ("debug", 1500..=4000, 800..=2500),
    ("docs", 1000..=2500, 1000..=3000),
    ("plan", 1500..=4000, 2000..=6000),
    ("review", 1000..=3000, 500..=1500),
    ("test", 1000..=3000, 1500..=4000),
];

impl Task {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
        PRESETS.iter().map(|(name, ..)| *name)
    }
}

impl FromStr for Task {
    type Err = TaskNameError;

    fn from_str(text: &str) -> Result<Self, TaskNameError> {
        let name = text.trim().to_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_named = !name.is_empty() && name.len() <= MOST_CHARACTERS && !name.starts_with('-');
        if !is_named || !name.bytes().all(is_plain) {
            return Err(TaskNameError);
        }
        Ok(Self(name))
    }
}

impl TryFrom<String> for Task {
    type Error = TaskNameError;

    fn try_from(text: String) -> Result<Self, TaskNameError> {
        text.parse()
    }
}

impl From<Task> for String {
    fn from(task: Task) -> Self {
        task.0
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Preset {
    /// The middle of both ranges.
    pub(crate) fn middle(&self) -> TokenUsage {
        let middle = |range: &RangeInclusive<u64>| u64::midpoint(*range.start(), *range.end());
        TokenUsage::new(middle(&self.input), middle(&self.output))
    }
}

/// The tasks that may be named: the built-in ones, and the user's own, which come first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    own: BTreeMap<Task, TokenUsage>,
}

impl Tasks {
    pub(crate) fn with_own(own: BTreeMap<Task, TokenUsage>) -> Self {
        Self { own }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let built_in = Task::built_in().map(ToOwned::to_owned);
        let mut names: Vec<String> = self.own.keys().map(ToString::to_string).chain(built_in).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The task of that name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<Task> {
        let task: Task = name.parse().ok()?;
        (self.own.contains_key(&task) || Task::built_in().any(|known| known == task.as_str())).then_some(task)
    }

    /// What an exchange of this kind is taken to use before there is a history.
    pub(crate) fn preset(&self, task: &Task) -> Option<TokenUsage> {
        self.own.get(task).copied().or_else(|| Some(built_in_preset(task)?.middle()))
    }
}

/// The range of a built-in task.
pub(crate) fn built_in_preset(task: &Task) -> Option<Preset> {
    let (_, input, output) = PRESETS.iter().find(|(name, ..)| *name == task.as_str())?;
    Some(Preset { input: input.clone(), output: output.clone() })
}

/// The median of what was used before, each kind of tokens for itself; `None` for an empty history.
pub(crate) fn median(history: &[TokenUsage]) -> Option<TokenUsage> {
    let middle = |count: fn(&TokenUsage) -> u64| {
        let mut counts: Vec<u64> = history.iter().map(count).collect();
        counts.sort_unstable();
        let upper = *counts.get(counts.len() / 2)?;
        let lower = *counts.get((counts.len() - 1) / 2)?;
        Some(u64::midpoint(lower, upper))
    };
    Some(TokenUsage {
        input: middle(|tokens| tokens.input)?,
        output: middle(|tokens| tokens.output)?,
        cache_write_5m: middle(|tokens| tokens.cache_write_5m)?,
        cache_write_1h: middle(|tokens| tokens.cache_write_1h)?,
        cache_read: middle(|tokens| tokens.cache_read)?,
        web_searches: middle(|tokens| tokens.web_searches)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_the_middle_of_its_range() {
        let tasks = Tasks::default();
        for (name, input, output) in [("chat", 1000, 550), ("code", 3500, 5500), ("review", 2000, 1000)] {
            let task = tasks.find(name).unwrap();
            assert_eq!(tasks.preset(&task), Some(TokenUsage::new(input, output)), "{name}");
        }
    }

    #[test]
    fn a_task_of_the_users_own_is_found_and_comes_first() {
        let own = BTreeMap::from([
            ("spike".parse().unwrap(), TokenUsage::new(10, 20)),
            ("code".parse().unwrap(), TokenUsage::new(1, 2)),
        ]);
        let tasks = Tasks::with_own(own);
        assert_eq!(tasks.preset(&tasks.find("Spike").unwrap()), Some(TokenUsage::new(10, 20)));
        assert_eq!(tasks.preset(&tasks.find("code").unwrap()), Some(TokenUsage::new(1, 2)));
        assert_eq!(tasks.find("sing"), None);
        assert_eq!(tasks.names().iter().filter(|name| *name == "code").count(), 1);
    }

    #[test]
    fn names_are_plain() {
        for name in ["", " ", "a b", "../x", "$(x)", "ä", "-x", &"x".repeat(33)] {
            assert_eq!(name.parse::<Task>(), Err(TaskNameError), "{name}");
            assert!(serde_json::from_value::<Task>(name.into()).is_err(), "{name}");
        }
        assert_eq!(serde_json::to_string(&Task("spike".to_owned())).unwrap(), "\"spike\"");
    }

    #[test]
    fn the_median_takes_the_middle_of_each_kind() {
        let history =
            [TokenUsage::new(1, 50), TokenUsage::new(3, 10), TokenUsage::new(100, 20), TokenUsage::new(5, 30)];
        assert_eq!(median(&history), Some(TokenUsage::new(4, 25)));
        assert_eq!(median(&history[..3]), Some(TokenUsage::new(3, 20)));
        assert_eq!(median(&[]), None);
    }
}
