//! Reports as JSON: for programs, but harmless on a terminal too.

use std::fmt::Write;

use serde::Serialize;

use crate::view::text;

/// Indented JSON in which no character can act on a terminal: those are escaped, which JSON readers undo.
pub(crate) fn pretty<T: Serialize>(value: &T) -> anyhow::Result<String> {
    let json = serde_json::to_string_pretty(value)?;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn harmful_characters_are_escaped() {
        assert_eq!(pretty(&"a\u{7f}\u{9b}\u{202e}\u{e0041}\n").unwrap(), r#""a\u007f\u009b\u202e\udb40\udc41\n""#);
        assert_eq!(pretty(&["é 👩‍💻"]).unwrap(), "[\n  \"é 👩‍💻\"\n]");
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
