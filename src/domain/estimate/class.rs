//! The kinds of cl100k tokens that Claude's tokenizers treat differently.

/// What a cl100k token is, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// ` word`
    SpacedLower,
    /// ` Word`
    SpacedCapital,
    /// ` WORD`, ` W`, ` woRd`
    SpacedUpper,
    Lower,
    Capital,
    Upper,
    /// One mark and letters: `_word`, `'s`.
    PunctuatedWord,
    Digits,
    OnePunctuation,
    ManyPunctuations,
    SpacedPunctuation,
    Space,
    LineBreak,
    /// `;\n`
    PunctuatedLineBreak,
    NonAscii,
    /// Some bytes of a character.
    PartOfCharacter,
    /// A Chinese, Japanese or Korean character, or a part of one: these are counted as characters.
    Cjk,
    Mixed,
}

impl Class {
    pub(super) const COUNT: usize = Self::Mixed as usize + 1;

    /// The class of `token`, which begins at `start` of `text`.
    pub(super) fn of(token: &[u8], text: &str, start: usize) -> Self {
        if token.is_ascii() {
            return ascii_class(token);
        }
        match std::str::from_utf8(token) {
            Ok(token) if token.chars().any(is_cjk) => Self::Cjk,
            Ok(_) => Self::NonAscii,
            // A CJK character is counted whole, so its parts must not be counted once more.
            Err(_) if touched(text, start, start + token.len()).chars().any(is_cjk) => Self::Cjk,
            Err(_) => Self::PartOfCharacter,
        }
    }
}

/// The characters of `text` that have a byte between `start` and `end`.
fn touched(text: &str, mut start: usize, mut end: usize) -> &str {
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while end < text.len() && !text.is_char_boundary(end) {
        end += 1;
    }
    text.get(start..end).unwrap_or_default()
}

fn ascii_class(token: &[u8]) -> Class {
    let has_line_break = token.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    // White space as Unicode has it: `is_ascii_whitespace` leaves out the vertical tab.
    if token.iter().all(|&byte| char::from(byte).is_whitespace()) {
        return if has_line_break { Class::LineBreak } else { Class::Space };
    }
    if has_line_break {
        return Class::PunctuatedLineBreak;
    }
    if token.iter().all(u8::is_ascii_digit) {
        return Class::Digits;
    }
    match token {
        [b' ', word @ ..] if is_word(word) => match case(word) {
            Case::Lower => Class::SpacedLower,
            Case::Capital => Class::SpacedCapital,
            Case::Upper => Class::SpacedUpper,
        },
        word if is_word(word) => match case(word) {
            Case::Lower => Class::Lower,
            Case::Capital => Class::Capital,
            Case::Upper => Class::Upper,
        },
        [mark, word @ ..] if !mark.is_ascii_alphanumeric() && is_word(word) => Class::PunctuatedWord,
        marks if marks.iter().any(u8::is_ascii_alphanumeric) => Class::Mixed,
        [b' ', ..] => Class::SpacedPunctuation,
        [_] => Class::OnePunctuation,
        _ => Class::ManyPunctuations,
    }
}

fn is_word(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_alphabetic)
}

enum Case {
    Lower,
    /// One capital, then small letters.
    Capital,
    /// All else: one capital alone, several, or mixed.
    Upper,
}

fn case(word: &[u8]) -> Case {
    match word {
        _ if word.iter().all(u8::is_ascii_lowercase) => Case::Lower,
        [first, rest @ ..]
            if first.is_ascii_uppercase() && !rest.is_empty() && rest.iter().all(u8::is_ascii_lowercase) =>
        {
            Case::Capital
        }
        _ => Case::Upper,
    }
}

pub(super) fn is_cjk(char: char) -> bool {
    matches!(char,
        '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_class_of_its_bytes() {
        for (token, class) in [
            (" word", Class::SpacedLower),
            (" Word", Class::SpacedCapital),
            (" WORD", Class::SpacedUpper),
            (" W", Class::SpacedUpper),
            (" gitHub", Class::SpacedUpper),
            ("word", Class::Lower),
            ("Word", Class::Capital),
            ("PDF", Class::Upper),
            ("I", Class::Upper),
            ("_word", Class::PunctuatedWord),
            ("'s", Class::PunctuatedWord),
            ("\tWord", Class::PunctuatedWord),
            ("199", Class::Digits),
            ("{", Class::OnePunctuation),
            ("\",", Class::ManyPunctuations),
            (" {", Class::SpacedPunctuation),
            (" \"#", Class::SpacedPunctuation),
            (" ", Class::Space),
            ("\t\t\u{b}", Class::Space),
            ("\n\n  ", Class::LineBreak),
            ("\r", Class::LineBreak),
            (";\n", Class::PunctuatedLineBreak),
            (" —", Class::NonAscii),
            ("\u{a0}", Class::NonAscii),
            ("東京", Class::Cjk),
            ("a1", Class::Mixed),
        ] {
            assert_eq!(Class::of(token.as_bytes(), token, 0), class, "{token:?}");
        }
    }

    #[test]
    fn parts_of_a_character_belong_to_it() {
        let of = |text: &str, start: usize, end: usize| Class::of(&text.as_bytes()[start..end], text, start);
        for (start, end) in [(0, 2), (2, 3), (3, 4)] {
            assert_eq!(of("🦀", start, end), Class::PartOfCharacter);
        }
        for (start, end) in [(1, 3), (3, 4), (4, 5)] {
            assert_eq!(of("x 鬱", start, end), Class::Cjk);
        }
    }
}
