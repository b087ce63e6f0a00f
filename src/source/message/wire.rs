//! The Messages API's JSON as far as it is counted; what is not named here is left unread.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A message, a response or a request: which, its fields tell.
#[derive(Debug, Deserialize)]
pub(super) struct Document<'a> {
    pub(super) role: Option<Role>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) messages: Option<Vec<Message<'a>>>,
    #[serde(borrow)]
    pub(super) system: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tools: Option<Vec<&'a RawValue>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Message<'a> {
    pub(super) role: Role,
    #[serde(borrow)]
    pub(super) content: &'a RawValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    Assistant,
    #[serde(other)]
    Other,
}

/// Raw JSON cannot be read within a tagged enum, so a block is all its kinds at once.
#[derive(Debug, Deserialize)]
pub(super) struct Block<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(borrow)]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) content: Option<&'a RawValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Text,
    Thinking,
    ToolUse,
    ToolResult,
    /// An image, a document, a tool of the server's: its tokens are not to be told from here.
    #[serde(other)]
    Other,
}
