//! A line of a transcript as it is on disk, in whatever shape: any field may be absent, null or of another type.
//!
//! The format is Claude Code's own and changes without notice. A strict struct would drop a whole line, and with it its
//! tokens, for one odd field; so each value is kept as it stands and read by whoever needs it.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

/// A value, unparsed; empty when there is none.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Field<'a>(&'a str);

/// A number that no counter gives: negative, broken, endless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nonsense;

impl<'a> Field<'a> {
    /// The string, unless it is empty or no string.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        let quoted = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if quoted.is_empty() {
            return None;
        }
        if memchr(b'\\', quoted.as_bytes()).is_none() {
            return Some(Cow::Borrowed(quoted));
        }
        serde_json::from_str(self.0).ok().map(Cow::Owned)
    }

    pub(super) fn is(self, text: &str) -> bool {
        self.text().as_deref() == Some(text)
    }

    pub(super) fn is_true(self) -> bool {
        self.0 == "true"
    }

    pub(super) fn is_present(self) -> bool {
        !matches!(self.0, "" | "null")
    }

    /// A count: `12`, `12.0` and `"12"` are twelve, null and what is no number are nothing.
    pub(super) fn count(self) -> Result<Option<u64>, Nonsense> {
        if self.0.starts_with(|first: char| first.is_ascii_digit())
            && let Ok(count) = self.0.parse()
        {
            return Ok(Some(count));
        }
        let number = self.0.trim_matches('"').trim();
        let is_number = number.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        if !is_number {
            return Ok(None);
        }
        let whole = number.split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
        whole.map_or(number, |(whole, _)| whole).parse().map(Some).map_err(|_| Nonsense)
    }

    /// The digits of a number, for amounts of money: a float would not be it.
    pub(super) fn number(self) -> Option<&'a str> {
        self.0.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(self.0)
    }

    /// The object, if it is one.
    pub(super) fn object<T: Deserialize<'a>>(self) -> Option<T> {
        self.0.starts_with('{').then(|| serde_json::from_str(self.0).ok()).flatten()
    }

    /// What is in an array.
    pub(super) fn elements(self) -> Vec<Self> {
        if self.0.starts_with('[') { serde_json::from_str(self.0).unwrap_or_default() } else { Vec::new() }
    }

    /// The objects of an array; other things in it are left out.
    pub(super) fn objects<T: Deserialize<'a>>(self) -> Vec<T> {
        self.elements().into_iter().filter_map(Field::object).collect()
    }

    /// Whether there is nothing, or an array of nothing.
    pub(super) fn is_empty(self) -> bool {
        matches!(self.0, "" | "null" | "[]")
    }

    /// The members of an object whose names are not known before.
    pub(super) fn members<T: Deserialize<'a>>(self) -> Vec<(String, T)> {
        let members: std::collections::BTreeMap<String, Field<'a>> =
            if self.0.starts_with('{') { serde_json::from_str(self.0).unwrap_or_default() } else { return Vec::new() };
        members.into_iter().filter_map(|(name, value)| Some((name, value.object()?))).collect()
    }

    /// As it was written.
    pub(super) fn json(self) -> &'a str {
        self.0
    }

    /// Of JSON that was looked through before.
    pub(super) fn of_json(json: &'a str) -> Self {
        Self(json)
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|value| Self(value.get()))
    }
}

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
        summary = "summary",
        leaf = "leafUuid",
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
    fn counts_are_read_however_they_are_written() {
        for (json, count) in [
            ("12", Ok(Some(12))),
            ("12.0", Ok(Some(12))),
            (r#""12""#, Ok(Some(12))),
            ("0", Ok(Some(0))),
            ("null", Ok(None)),
            ("{}", Ok(None)),
            (r#""many""#, Ok(None)),
            ("-1", Err(Nonsense)),
            ("1.5", Err(Nonsense)),
            ("1e400", Err(Nonsense)),
            ("18446744073709551616", Err(Nonsense)),
        ] {
            assert_eq!(Field(json).count(), count, "{json}");
        }
    }

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
