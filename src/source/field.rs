//! A value of a foreign JSON as it stands: whatever it turns out to be, it harms no other field.
//!
//! Each is kept unparsed, and read by whoever needs it as what it should be.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memchr;
use serde::Deserialize;
use serde::Deserializer;
use serde_json::value::RawValue;

use crate::domain::decimal;

/// A value, unparsed; empty when there is none.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Field<'a>(&'a str);

/// What no counter gives: a number that is negative, broken or endless, or no number at all.
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

    /// A count: `12`, `12.0`, `1.2e1` and `"12"` are twelve; null is none. Other things are nonsense rather than nothing, for
    /// a count that was meant would be lost without a word.
    pub(super) fn count(self) -> Result<Option<u64>, Nonsense> {
        if self.0.starts_with(|first: char| first.is_ascii_digit())
            && let Ok(count) = self.0.parse()
        {
            return Ok(Some(count));
        }
        if !self.is_present() {
            return Ok(None);
        }
        let number = decimal::parse(self.0.trim_matches('"').trim(), 0).map_err(|_| Nonsense)?;
        u64::try_from(number).map(Some).map_err(|_| Nonsense)
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
        let members: BTreeMap<String, Field<'a>> =
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

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|value| Self(value.get()))
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
            ("1.2e1", Ok(Some(12))),
            ("12000E-3", Ok(Some(12))),
            (r#""12""#, Ok(Some(12))),
            ("0", Ok(Some(0))),
            ("null", Ok(None)),
            ("", Ok(None)),
            ("{}", Err(Nonsense)),
            ("[12]", Err(Nonsense)),
            ("true", Err(Nonsense)),
            (r#""""#, Err(Nonsense)),
            (r#""many""#, Err(Nonsense)),
            (r#""-1""#, Err(Nonsense)),
            ("-1", Err(Nonsense)),
            ("1.5", Err(Nonsense)),
            ("1e400", Err(Nonsense)),
            ("18446744073709551616", Err(Nonsense)),
        ] {
            assert_eq!(Field(json).count(), count, "{json}");
        }
    }
}
