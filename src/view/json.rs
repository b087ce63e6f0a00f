//! Reports as JSON: for programs, but harmless on a terminal too.

use std::fmt::Write;

use serde::Serialize;
use serde::Serializer;
use serde::ser::Error as _;
use serde_json::value::RawValue;

use crate::domain::decimal;
use crate::domain::money::Usd;
use crate::view::text;

/// Indented JSON in which no character can act on a terminal: those are escaped, which JSON readers undo.
pub(crate) fn pretty<T: Serialize>(value: &T) -> anyhow::Result<String> {
    escaped(serde_json::to_string_pretty(value)?)
}

/// The same in one line, without its end.
pub(crate) fn line<T: Serialize>(value: &T) -> anyhow::Result<String> {
    escaped(serde_json::to_string(value)?)
}

fn escaped(json: String) -> anyhow::Result<String> {
    if !json.chars().any(|char| char != '\n' && text::is_harmful(char)) {
        return Ok(json);
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        // Between values there are only spaces and line breaks, so what is harmful lies within a string.
        if char == '\n' || !text::is_harmful(char) {
            escaped.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            write!(escaped, "\\u{unit:04x}")?;
        }
    }
    Ok(escaped)
}

/// An amount as a JSON number with all its digits, for readers that expect one; `null` where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount(pub(crate) Option<Usd>);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.map(|amount| decimal::write(amount.pico(), 12, 0));
        text.map(RawValue::from_string).transpose().map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn harmful_characters_are_escaped() {
        assert_eq!(pretty(&"a\u{7f}\u{9b}\u{202e}\u{e0041}\n").unwrap(), r#""a\u007f\u009b\u202e\udb40\udc41\n""#);
        assert_eq!(pretty(&["é 👩‍💻"]).unwrap(), "[\n  \"é 👩‍💻\"\n]");
    }

    #[test]
    fn an_amount_is_a_number_to_the_last_digit() {
        let amount = |text: &str| Amount(Some(text.parse().unwrap()));
        let amounts = [
            amount("0"),
            amount("-0"),
            amount("12"),
            amount("479.05857335"),
            amount("123456789.000000000001"),
            Amount(None),
        ];
        assert_eq!(serde_json::to_string(&amounts).unwrap(), "[0,0,12,479.05857335,123456789.000000000001,null]");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_is_harmless(parts in prop::collection::vec(any::<String>(), 0..5)) {
            let json = pretty(&parts).unwrap();
            prop_assert!(json.chars().all(|char| char == '\n' || !text::is_harmful(char)));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), parts);
        }
    }
}
