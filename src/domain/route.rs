//! Which model is advised for which kind of work.

use crate::domain::task::Task;

/// A short name of a model's family, which the price book resolves to the newest model of that family.
pub(crate) type Family = &'static str;

/// The cheapest family that is usually good enough: small questions need no large model, plans and audits may.
///
/// `None` for kinds of work of the user's own, about which nothing is known.
pub(crate) fn advised(task: &Task) -> Option<Family> {
    match task.as_str() {
        "chat" | "docs" => Some("haiku"),
        "code" | "debug" | "review" | "test" => Some("sonnet"),
        "audit" | "plan" => Some("opus"),
        _ => None,
    }
}
