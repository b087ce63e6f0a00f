//! The tokens of a text by tiktoken's cl100k, the encoding that the estimates were fitted to.
//!
//! Building the encoder takes tens of milliseconds and megabytes, so it is built when the first text is counted, once.

use std::collections::HashSet;

use tiktoken_rs::CoreBPE;
use tiktoken_rs::Rank;
use tiktoken_rs::cl100k_base_singleton;

use crate::domain::estimate::TokenCounter;

/// The encoder overflows its stack on a million spaces in a row (zurawiki/tiktoken-rs#117). On pieces of this size it
/// does not, and the count differs from the whole text's by 0.005 % at most.
const MOST_PIECE_BYTES: usize = 64 * 1024;
/// What the encoder takes for one word costs it the square of its length, and no word of a language is as long as this.
/// Cut so, a run has at most one token more for each cut: 0.1 % of a run in which a token has two bytes.
const MOST_RUN_BYTES: usize = 2 * 1024;

/// tiktoken's cl100k; all share one encoder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cl100k;

impl TokenCounter for Cl100k {
    fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8])) {
        if text.is_empty() {
            return;
        }
        let encoder = cl100k_base_singleton();
        let mut known = ("", Vec::new());
        for piece in pieces(text, MOST_PIECE_BYTES).flat_map(|piece| short_runs(piece, MOST_RUN_BYTES)) {
            // Megabytes of one character are the slowest input there is, and all their pieces are alike.
            if piece != known.0 {
                known = (piece, tokens(piece, &|piece| encode(encoder, piece)));
            }
            for token in &known.1 {
                each(token);
            }
        }
    }
}

/// `None` for what the encoder's regex cannot match within its limits.
fn encode(encoder: &CoreBPE, piece: &str) -> Option<Vec<Vec<u8>>> {
    let bytes = |rank: Rank| encoder.decode_bytes(&[rank]).ok();
    // What looks like a control token is text here.
    let (ranks, _) = encoder.encode(piece, &HashSet::new()).ok()?;
    ranks.into_iter().map(bytes).collect()
}

/// The tokens of `piece`: of its halves if it cannot be encoded as a whole, and in the end its bytes.
fn tokens(piece: &str, encode: &impl Fn(&str) -> Option<Vec<Vec<u8>>>) -> Vec<Vec<u8>> {
    if let Some(tokens) = encode(piece) {
        return tokens;
    }
    let middle = boundary(piece, piece.len() / 2);
    if middle == 0 {
        return piece.bytes().map(|byte| vec![byte]).collect();
    }
    let (left, right) = piece.split_at(middle);
    [tokens(left, encode), tokens(right, encode)].concat()
}

/// `text` in pieces of at most `most` bytes (at least one character), cut behind a line break if there is one.
fn pieces(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = piece_length(rest, most);
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

fn piece_length(text: &str, most: usize) -> usize {
    if text.len() <= most {
        return text.len();
    }
    let window = &text[..boundary(text, most)];
    match window.rfind('\n') {
        Some(at) => at + 1,
        None if window.is_empty() => text.chars().next().map_or(0, char::len_utf8),
        None => window.len(),
    }
}

/// `text` cut within every run of letters, or of marks, that is longer than `most` bytes.
fn short_runs(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = overlong_run(rest, most).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Where the first run of letters or marks that exceeds `most` bytes is to be cut.
fn overlong_run(text: &str, most: usize) -> Option<usize> {
    let mut start = 0;
    let mut kind = None;
    for (at, char) in text.char_indices() {
        let next = Run::of(char);
        if next != kind {
            (start, kind) = (at, next);
        } else if kind.is_some() && at + char.len_utf8() - start > most && at > 0 {
            return Some(at);
        }
    }
    None
}

/// What the encoder's regex takes for one word whatever its length; of digits it takes three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Letters,
    Marks,
}

impl Run {
    fn of(char: char) -> Option<Self> {
        match char {
            _ if char.is_alphabetic() => Some(Self::Letters),
            _ if char.is_numeric() || char.is_whitespace() => None,
            _ => Some(Self::Marks),
        }
    }
}

/// The last place up to `at` where a character begins.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        Cl100k.for_each_token(text, &mut |token| tokens.push(String::from_utf8_lossy(token).into_owned()));
        tokens
    }

    fn count(text: &str) -> usize {
        let mut tokens = 0;
        let mut bytes = 0;
        Cl100k.for_each_token(text, &mut |token| {
            tokens += 1;
            bytes += token.len();
        });
        assert_eq!(bytes, text.len());
        tokens
    }

    /// Letters without any order, the same in every run.
    fn noise(length: usize, alphabet: &[char]) -> String {
        let mut state = 1_u64;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn tokens_are_those_of_cl100k() {
        for (text, expected) in [
            ("Hello, world!\n", &["Hello", ",", " world", "!\n"][..]),
            ("knowledge_base", &["knowledge", "_base"]),
            ("132413", &["132", "413"]),
            ("<|endoftext|>", &["<", "|", "endo", "ft", "ext", "|", ">"]),
            ("", &[]),
        ] {
            assert_eq!(texts(text), expected);
        }
    }

    #[test]
    fn hostile_texts_are_counted_without_a_panic() {
        let spaces = " ".repeat(1_000_000);
        let base64: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(['+', '/']).collect();
        let cjk: Vec<char> = ('\u{4e00}'..='\u{9fff}').collect();
        // (text, fewest and most bytes to a token)
        for (text, fewest, most) in [
            (spaces.clone(), 80, 128),
            (spaces + "x", 80, 128),
            ("\t".repeat(1_000_000), 10, 128),
            ("\n \n\t".repeat(250_000), 1, 128),
            ("a".repeat(3_000_000), 4, 16),
            ("\u{0}".repeat(100_000), 1, 16),
            (noise(300_000, &base64), 1, 2),
            (noise(100_000, &cjk), 1, 2),
            (noise(100_000, &['a', 'b', 'z', 'Q']), 1, 2),
            (String::from_utf8_lossy(&vec![0xff; 100_000]).into_owned(), 1, 16),
        ] {
            let tokens = count(&text);
            let begin = text.chars().take(4).collect::<String>();
            assert!((fewest..=most).contains(&(text.len() / tokens)), "{begin:?}… has {tokens} tokens");
        }
    }

    #[test]
    fn a_refused_piece_is_counted_by_halves() {
        let words = |piece: &str| (piece.len() <= 3).then(|| vec![piece.as_bytes().to_vec()]);
        assert_eq!(tokens("abcdefg", &words), [&b"abc"[..], b"de", b"fg"]);
        assert_eq!(tokens("é🦀", &|_| None), [[0xc3], [0xa9], [0xf0], [0x9f], [0xa6], [0x80]]);
    }

    #[test]
    fn pieces_end_at_line_breaks_and_between_characters() {
        for (text, most, expected) in [
            ("", 4, &[][..]),
            ("abc", 4, &["abc"]),
            ("a\nb\ncdefgh", 5, &["a\nb\n", "cdefg", "h"]),
            ("aé東🦀", 3, &["aé", "東", "🦀"]),
        ] {
            assert_eq!(pieces(text, most).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn only_overlong_runs_are_cut() {
        for (text, expected) in [
            ("abcdef", &["abcd", "ef"][..]),
            ("abcd efgh", &["abcd efgh"]),
            ("ab 123456789 ------", &["ab 123456789 ----", "--"]),
            ("東東東", &["東", "東", "東"]),
            ("        x", &["        x"]),
            ("", &[]),
        ] {
            assert_eq!(short_runs(text, 4).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_cut_run_has_hardly_more_tokens() {
        let letters = noise(20_000, &('a'..='z').collect::<Vec<_>>());
        let whole = tokens(&letters, &|piece| encode(cl100k_base_singleton(), piece)).len();
        let cut = count(&letters);
        assert!(cut >= whole && (cut - whole) * 1000 <= whole, "{cut} for {whole}");
    }

    proptest! {
        #[test]
        fn tokens_join_to_the_text(text in "\\PC{0,200}") {
            count(&text);
        }
    }
}
