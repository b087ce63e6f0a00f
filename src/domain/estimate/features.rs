//! What the models of both tokenizers count in a text: classes of cl100k tokens, lengths of words, runs of marks.

use std::iter::Sum;
use std::ops::Add;
use std::ops::AddAssign;

use crate::domain::estimate::TokenCounter;
use crate::domain::estimate::class::Class;
use crate::domain::estimate::class::is_cjk;

/// Counts that add up: a text's are those of its parts, cut at line breaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Features {
    tokens: [u64; Class::COUNT],
    pub(super) words_to_4: u64,
    pub(super) words_to_6: u64,
    pub(super) words_to_8: u64,
    pub(super) words_to_11: u64,
    pub(super) words_from_12: u64,
    /// Capitalised words right behind a letter.
    pub(super) camel_joints: u64,
    /// Two or more capitals.
    pub(super) upper_words: u64,
    pub(super) upper_word_letters: u64,
    pub(super) punctuation_runs: u64,
    pub(super) punctuation: u64,
    /// Three digits make a group.
    pub(super) digit_groups: u64,
    /// Runs of white space with a line break in it.
    pub(super) line_break_runs: u64,
    pub(super) cjk_characters: u64,
    letters: u64,
    non_latin_letters: u64,
}

impl Features {
    pub(super) fn of(text: &str, counter: &dyn TokenCounter) -> Self {
        let mut features = Self::default();
        let mut start = 0;
        counter.for_each_token(text, &mut |token| {
            let end = start + token.len();
            features.tokens[Class::of(token, text, start) as usize] += 1;
            start = end;
        });
        features.add_runs(text);
        features
    }

    pub(super) fn tokens(&self, class: Class) -> u64 {
        self.tokens[class as usize]
    }

    pub(super) fn ascii_tokens(&self) -> u64 {
        let others = [Class::NonAscii, Class::PartOfCharacter, Class::Cjk].map(|class| self.tokens(class));
        self.tokens.iter().sum::<u64>() - others.iter().sum::<u64>()
    }

    pub(super) fn is_mostly_non_latin(&self) -> bool {
        self.non_latin_letters * 2 > self.letters
    }

    fn add_runs(&mut self, text: &str) {
        let mut start = 0;
        let mut kind = None;
        for (at, char) in text.char_indices() {
            let next = Some(Kind::of(char));
            if next != kind {
                self.add_run(kind, &text[start..at], &text[..start]);
                (start, kind) = (at, next);
            }
        }
        self.add_run(kind, &text[start..], &text[..start]);
    }

    fn add_run(&mut self, kind: Option<Kind>, run: &str, before: &str) {
        match kind {
            Some(Kind::Letters) => {
                self.letters += run.len() as u64;
                self.add_words(run.as_bytes(), before.chars().next_back().is_some_and(char::is_alphabetic));
            }
            Some(Kind::Digits) => self.digit_groups += run.len().div_ceil(3) as u64,
            Some(Kind::Marks) => {
                self.punctuation_runs += 1;
                self.punctuation += run.len() as u64;
            }
            Some(Kind::White) => {
                self.line_break_runs += u64::from(run.contains(['\n', '\r']));
                // The ideographic space is both white and a CJK character.
                self.add_scripts(run);
            }
            Some(Kind::Other) => self.add_scripts(run),
            None => {}
        }
    }

    /// Cuts a run of letters at its joints: `fooBar`, `HTTPServer`.
    fn add_words(&mut self, mut rest: &[u8], mut is_behind_letter: bool) {
        while !rest.is_empty() {
            let mut capitals = rest.iter().take_while(|letter| letter.is_ascii_uppercase()).count();
            if capitals > 1 && capitals < rest.len() {
                // The last capital begins the next word.
                capitals -= 1;
            }
            let length = if capitals > 1 {
                self.upper_words += 1;
                self.upper_word_letters += capitals as u64;
                capitals
            } else {
                let lower = rest[capitals..].iter().take_while(|letter| letter.is_ascii_lowercase()).count();
                // `ABc` leaves an `A` to itself: its `B` belongs to `Bc`.
                let length =
                    if capitals == 1 && rest.get(1).is_some_and(u8::is_ascii_uppercase) { 1 } else { capitals + lower };
                self.camel_joints += u64::from(capitals == 1 && is_behind_letter);
                self.add_word(length);
                length
            };
            rest = &rest[length..];
            is_behind_letter = true;
        }
    }

    fn add_word(&mut self, length: usize) {
        match length {
            // Short words cost nothing beyond their cl100k token.
            0..=2 => {}
            3..=4 => self.words_to_4 += 1,
            5..=6 => self.words_to_6 += 1,
            7..=8 => self.words_to_8 += 1,
            9..=11 => self.words_to_11 += 1,
            _ => self.words_from_12 += 1,
        }
    }

    fn add_scripts(&mut self, run: &str) {
        for char in run.chars().filter(|char| !char.is_ascii()) {
            self.cjk_characters += u64::from(is_cjk(char));
            self.letters += u64::from(char.is_alphabetic());
            self.non_latin_letters += u64::from(char.is_alphabetic() && !is_latin(char));
        }
    }
}

/// What a run of characters is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Marks,
    White,
    /// Beyond ASCII, or a control character.
    Other,
}

impl Kind {
    fn of(char: char) -> Self {
        match char {
            'a'..='z' | 'A'..='Z' => Self::Letters,
            '0'..='9' => Self::Digits,
            _ if char.is_ascii_punctuation() => Self::Marks,
            _ if char.is_whitespace() => Self::White,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
impl Features {
    /// Features by the names that the model was published with.
    pub(super) fn named(counts: &std::collections::BTreeMap<String, u64>) -> Self {
        let mut features = Self::default();
        for (name, &count) in counts {
            let class = match name.as_str() {
                "cl_swl" => Class::SpacedLower,
                "cl_swc" => Class::SpacedCapital,
                "cl_swu" => Class::SpacedUpper,
                "cl_wl" => Class::Lower,
                "cl_wc" => Class::Capital,
                "cl_wu" => Class::Upper,
                "cl_pw" => Class::PunctuatedWord,
                "cl_dig" => Class::Digits,
                "cl_pu1" => Class::OnePunctuation,
                "cl_pu2" => Class::ManyPunctuations,
                "cl_spu" => Class::SpacedPunctuation,
                "cl_sp" => Class::Space,
                "cl_nl" => Class::LineBreak,
                "cl_pnl" => Class::PunctuatedLineBreak,
                "cl_na" => Class::NonAscii,
                "cl_by" => Class::PartOfCharacter,
                // The sum over the classes above; the class is of no account to the newer tokenizer.
                "cl_ascii" | "cl_mix" => Class::Mixed,
                _ => {
                    *features.word_or_mark(name) = count;
                    continue;
                }
            };
            features.tokens[class as usize] = count;
        }
        features
    }

    fn word_or_mark(&mut self, name: &str) -> &mut u64 {
        match name {
            "b4" => &mut self.words_to_4,
            "b6" => &mut self.words_to_6,
            "b8" => &mut self.words_to_8,
            "b11" => &mut self.words_to_11,
            "b12" => &mut self.words_from_12,
            "w_camel" => &mut self.camel_joints,
            "w_caps" => &mut self.upper_words,
            "l_caps" => &mut self.upper_word_letters,
            "p_runs" => &mut self.punctuation_runs,
            "punct" => &mut self.punctuation,
            "d_grp" => &mut self.digit_groups,
            "nlr" => &mut self.line_break_runs,
            name => panic!("{name} is no feature"),
        }
    }
}

impl Add for Features {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let mut tokens = self.tokens;
        for (sum, count) in tokens.iter_mut().zip(other.tokens) {
            *sum += count;
        }
        Self {
            tokens,
            words_to_4: self.words_to_4 + other.words_to_4,
            words_to_6: self.words_to_6 + other.words_to_6,
            words_to_8: self.words_to_8 + other.words_to_8,
            words_to_11: self.words_to_11 + other.words_to_11,
            words_from_12: self.words_from_12 + other.words_from_12,
            camel_joints: self.camel_joints + other.camel_joints,
            upper_words: self.upper_words + other.upper_words,
            upper_word_letters: self.upper_word_letters + other.upper_word_letters,
            punctuation_runs: self.punctuation_runs + other.punctuation_runs,
            punctuation: self.punctuation + other.punctuation,
            digit_groups: self.digit_groups + other.digit_groups,
            line_break_runs: self.line_break_runs + other.line_break_runs,
            cjk_characters: self.cjk_characters + other.cjk_characters,
            letters: self.letters + other.letters,
            non_latin_letters: self.non_latin_letters + other.non_latin_letters,
        }
    }
}

impl AddAssign for Features {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Features {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}

/// Letters of the Latin blocks up to Latin Extended-B, and Latin Extended Additional.
fn is_latin(char: char) -> bool {
    matches!(char, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use proptest::prelude::*;

    use super::*;

    /// Hands out tokens of the lengths given, and the rest of the text as one.
    struct Lengths(RefCell<Vec<usize>>);

    impl TokenCounter for Lengths {
        fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8])) {
            let mut rest = text.as_bytes();
            for length in self.0.take() {
                let (token, tail) = rest.split_at(length);
                each(token);
                rest = tail;
            }
            if !rest.is_empty() {
                each(rest);
            }
        }
    }

    fn features(text: &str, lengths: &[usize]) -> Features {
        Features::of(text, &Lengths(RefCell::new(lengths.to_vec())))
    }

    #[test]
    fn words_are_cut_at_their_joints() {
        // (text, words of 3-4, of 5-6, of 7-8, of 9-11, from 12, joints, upper words, their letters)
        for (text, expected) in [
            ("a to the four", [2, 0, 0, 0, 0, 0, 0, 0]),
            ("getUserName", [3, 0, 0, 0, 0, 2, 0, 0]),
            ("HTTPServer", [0, 1, 0, 0, 0, 1, 1, 4]),
            ("ABc", [0, 0, 0, 0, 0, 1, 0, 0]),
            ("aB", [0, 0, 0, 0, 0, 1, 0, 0]),
            ("MAX_SIZE", [0, 0, 0, 0, 0, 0, 2, 7]),
            ("éBar 1Baz", [2, 0, 0, 0, 0, 1, 0, 0]),
            ("twelve letters configuration extraordinary", [0, 1, 1, 0, 2, 0, 0, 0]),
            ("parameter", [0, 0, 0, 1, 0, 0, 0, 0]),
        ] {
            let f = features(text, &[]);
            let words = [f.words_to_4, f.words_to_6, f.words_to_8, f.words_to_11, f.words_from_12];
            let marks = [f.camel_joints, f.upper_words, f.upper_word_letters];
            assert_eq!([&words[..], &marks[..]].concat(), expected, "{text}");
        }
    }

    #[test]
    fn runs_of_marks_digits_and_breaks_are_counted() {
        let f = features("f(x) => {\r\n\n  1_234567;\n}", &[]);
        assert_eq!((f.punctuation_runs, f.punctuation), (7, 8));
        assert_eq!((f.digit_groups, f.line_break_runs), (3, 2));
    }

    #[test]
    fn scripts_are_told_by_letters() {
        for (text, is_mostly_non_latin) in
            [("", false), ("12 🦀", false), ("naïve Ångström", false), ("ok привет", true), ("日本 is Japan", false)]
        {
            assert_eq!(features(text, &[]).is_mostly_non_latin(), is_mostly_non_latin, "{text}");
        }
    }

    #[test]
    fn cjk_is_counted_by_characters() {
        assert_eq!(features("日本\u{3000}語。ab", &[]).cjk_characters, 5);
    }

    proptest! {
        #[test]
        fn lines_add_up_to_their_text(lines in prop::collection::vec("[a-zA-Z0-9_.é東 ]{0,20}[a-z]\n", 0..8)) {
            let parts: Features = lines.iter().map(|line| features(line, &[])).sum();
            let mut whole = features(&lines.concat(), &[]);
            // One token a text is what this counter gives, whatever is in it.
            whole.tokens = parts.tokens;
            prop_assert_eq!(whole, parts);
        }
    }
}
