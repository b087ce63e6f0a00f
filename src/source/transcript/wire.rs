//! A line of a transcript as it is on disk, in whatever shape: any field may be absent, null or of another type.
//!
//! The format is Claude Code's own and changes without notice. A strict struct would drop a whole line, and with it its
//! tokens, for one odd field.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

pub(super) use crate::source::field::Field;

/// A key, which may be written with escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// An object of which some fields are wanted.
pub(super) trait Members<'a>: Default {
    /// Takes in a member; of a key that comes twice the last counts.
    fn set(&mut self, key: &str, value: Field<'a>);
}

macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident { $($field:ident = $key:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Clone, Copy)]
        pub(super) struct $name<'a> {
            $(pub(super) $field: Field<'a>,)*
        }

        impl<'a> Members<'a> for $name<'a> {
            fn set(&mut self, key: &str, value: Field<'a>) {
                match key {
                    $($key => self.$field = value,)*
                    _ => {}
                }
            }
        }

        impl<'de> Deserialize<'de> for $name<'de> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> Visitor<'de> for Fields {
                    type Value = $name<'de>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut value = $name::default();
                        while let Some(Key(key)) = map.next_key()? {
                            match key.as_ref() {
                                $($key => value.$field = map.next_value()?,)*
                                _ => drop(map.next_value::<IgnoredAny>()?),
                            }
                        }
                        Ok(value)
                    }
                }

                deserializer.deserialize_map(Fields)
            }
        }
    )*};
}

objects! {
    /// A whole line; which fields it has depends on its `type`.
    Line {
        kind = "type",
        uuid = "uuid",
        timestamp = "timestamp",
        session_id = "sessionId",
        cwd = "cwd",
        git_branch = "gitBranch",
        version = "version",
        is_sidechain = "isSidechain",
        agent = "attributionAgent",
        skill = "attributionSkill",
        request_id = "requestId",
        forked_from = "forkedFrom",
        is_api_error = "isApiErrorMessage",
        cost_usd = "costUSD",
        message = "message",
        data = "data",
    }

    /// What a `progress` line carries: a line of a subagent.
    Data {
        message = "message",
    }

    Message {
        id = "id",
        role = "role",
        model = "model",
        stop_reason = "stop_reason",
        content = "content",
        usage = "usage",
    }

    Usage {
        input = "input_tokens",
        output = "output_tokens",
        cache_write = "cache_creation_input_tokens",
        cache_writes = "cache_creation",
        cache_read = "cache_read_input_tokens",
        server_tools = "server_tool_use",
        service_tier = "service_tier",
        speed = "speed",
        inference_geo = "inference_geo",
        iterations = "iterations",
        // Of an iteration, which is a usage with a kind and a model.
        kind = "type",
        model = "model",
    }

    CacheWrites {
        five_minutes = "ephemeral_5m_input_tokens",
        one_hour = "ephemeral_1h_input_tokens",
    }

    ServerTools {
        web_searches = "web_search_requests",
    }

    /// A part of a message's content.
    Block {
        kind = "type",
        name = "name",
        text = "text",
        thinking = "thinking",
        input = "input",
    }

    /// What a shell tool was told to do.
    ShellInput {
        command = "command",
    }

    /// Claude Code's own total of a conversation; not documented, fields as seen from 2.1.248 on.
    CostStateLine {
        session_id = "sessionId",
        total = "totalCostUSD",
        start_time = "startTime",
        total_duration = "totalDuration",
        models = "modelUsage",
        has_unknown_model = "hasUnknownModelCost",
    }

    ModelTotal {
        input = "inputTokens",
        output = "outputTokens",
        cache_read = "cacheReadInputTokens",
        cache_write = "cacheCreationInputTokens",
        web_searches = "webSearchRequests",
        cost = "costUSD",
    }

    /// Any of the lines that name a conversation.
    TitleLine {
        session_id = "sessionId",
        custom = "customTitle",
        agent = "agentName",
        ai = "aiTitle",
    }

    /// The file beside a subagent's transcript.
    AgentMeta {
        kind = "agentType",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_fields_cost_nothing_but_themselves() {
        let line: Line<'_> = serde_json::from_str(
            r#"{"type":"assistant","uuid":7,"uuid":"u\"1","cwd":null,"t\u0079pe":"user","message":[{"deep":[[]]}]}"#,
        )
        .unwrap();
        assert!(line.kind.is("user"));
        assert_eq!(line.uuid.text().as_deref(), Some("u\"1"));
        assert_eq!(line.cwd.text(), None);
        assert!(line.message.object::<Message<'_>>().is_none());
    }

    #[test]
    fn what_nests_deeply_is_left_out_without_harm() {
        let deep = format!(r#"{{"type":"assistant","x":{}1{},"uuid":"u"}}"#, "[".repeat(200_000), "]".repeat(200_000));
        assert!(serde_json::from_str::<Line<'_>>(&deep).unwrap().uuid.is("u"));
    }
}
