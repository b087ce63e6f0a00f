//! JSON in the form that the coefficients were fitted to: one line, spaced, with characters and not their escapes.

/// The JSON on one line, with one space behind each comma and colon outside strings and none elsewhere.
///
/// What another program wrote as `\u00e9` the model wrote as `é`.
pub(super) fn spaced(json: &str) -> String {
    let mut spaced = String::with_capacity(json.len() + json.len() / 8);
    let mut is_string = false;
    let mut rest = json;
    while let Some(char) = rest.chars().next() {
        let taken = if is_string && char == '\\' {
            let (length, decoded) = escape(rest);
            match decoded {
                Some(decoded) => spaced.push(decoded),
                None => spaced.push_str(&rest[..length]),
            }
            length
        } else {
            if is_string || !char.is_ascii_whitespace() {
                spaced.push(char);
            }
            if char == '"' {
                is_string = !is_string;
            } else if !is_string && matches!(char, ',' | ':') {
                spaced.push(' ');
            }
            char.len_utf8()
        };
        rest = &rest[taken..];
    }
    spaced
}

/// The length of the escape that `text` begins with, and the character it stands for if that is beyond ASCII.
fn escape(text: &str) -> (usize, Option<char>) {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let beyond_ascii = |char: char| !char.is_ascii() && !char.is_control();
    let Some(first) = unit(0) else {
        let second = text.chars().nth(1).map_or(0, char::len_utf8);
        return (1 + second, None);
    };
    if let Some(char) = char::from_u32(u32::from(first)) {
        return (6, Some(char).filter(|char| beyond_ascii(*char)));
    }
    // Half of a surrogate pair; its other half follows.
    match unit(6).and_then(|second| char::decode_utf16([first, second]).next()?.ok()) {
        Some(char) => (12, Some(char)),
        None => (6, None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_is_spaced_outside_its_strings_only() {
        for (json, expected) in [
            (r#"["red","blue"]"#, r#"["red", "blue"]"#),
            ("{\n  \"a\" : 1 ,\"b\":[ ]\n}", r#"{"a": 1, "b": []}"#),
            (r#"{"a,b:":"x\",y:z\\","c":1}"#, r#"{"a,b:": "x\",y:z\\", "c": 1}"#),
            ("132413", "132413"),
        ] {
            assert_eq!(spaced(json), expected);
        }
    }

    #[test]
    fn escapes_of_characters_are_the_characters() {
        for (json, expected) in [
            (r#""caf\u00e9 \ud83e\udd80""#, r#""café 🦀""#),
            (r#""\u0041\u001b\n\\u00e9""#, r#""\u0041\u001b\n\\u00e9""#),
            (r#""\ud83e x \udd80""#, r#""\ud83e x \udd80""#),
            ("\"\\", "\"\\"),
            ("\"\\u12", "\"\\u12"),
        ] {
            assert_eq!(spaced(json), expected);
        }
    }

    proptest! {
        #[test]
        fn spacing_twice_changes_nothing(json in "[\\[\\]{}\",: ué\\\\0-9]{0,40}") {
            let once = spaced(&json);
            prop_assert_eq!(spaced(&once), once);
        }
    }
}
