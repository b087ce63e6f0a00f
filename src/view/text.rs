//! Text of others, made fit to show: no control characters, no tricks with direction, no wider than its column.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// Replaces what could act on a terminal by its visible name (`\u{1b}`); line breaks, tabs and the colours that
/// `view::style` makes stay, and so do the line breaks of CSV.
pub(crate) fn harmless(text: &str) -> String {
    // Nearly all text is this, and a report has a hundred thousand characters of it.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.to_owned();
    }
    let mut harmless = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let colour = colour_length(rest);
        if colour > 0 {
            harmless.push_str(&rest[..colour]);
            rest = &rest[colour..];
            continue;
        }
        if matches!(next, '\n' | '\t') || rest.starts_with("\r\n") || !is_harmful(next) {
            harmless.push(next);
        } else {
            let _ = write!(harmless, "\\u{{{:x}}}", u32::from(next));
        }
        rest = &rest[next.len_utf8()..];
    }
    harmless
}

/// Replaces everything that could act on a terminal, colours too: for text in which none are ours.
pub(crate) fn inert(text: &str) -> String {
    harmless(&text.replace('\u{1b}', "\u{241b}"))
}

/// One line of text for a cell or a title: harmless, without escapes of any kind, white space folded.
pub(crate) fn single_line(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    inert(&folded)
}

/// `text` cut to `columns`, with an ellipsis where something is missing.
pub(crate) fn shortened(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|&char| {
            used += char.width().unwrap_or(0);
            used <= columns
        })
        .collect();
    format!("{}…", kept.trim_end())
}

/// `text` in lines of no more than `columns`, as far as its words allow.
pub(crate) fn wrapped(text: &str, columns: Option<usize>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if columns.is_none_or(|columns| width(line) + 1 + width(word) <= columns) => {
                line.extend([" ", word]);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A line with colours in it, cut to `columns` that are seen.
pub(crate) fn shortened_line(line: &str, columns: usize) -> String {
    if width(&uncoloured(line)) <= columns {
        return line.to_owned();
    }
    shortened(&uncoloured(line), columns)
}

fn uncoloured(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(next) = rest.chars().next() {
        let length = match colour_length(rest) {
            0 => {
                plain.push(next);
                next.len_utf8()
            }
            length => length,
        };
        rest = &rest[length..];
    }
    plain
}

/// The columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|char| char.width().unwrap_or(0)).sum()
}

/// Whether a character can change how the text around it is shown: controls (C0, DEL, C1), bidirectional marks and
/// overrides, and invisible ones except the joiners that emoji and scripts need.
pub(crate) fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{61c}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The length of a colour sequence (`ESC [ digits ; … m`) at the start of `text`, else 0.
fn colour_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let Some(end) = parameters.find('m') else { return 0 };
    let is_plain = end <= 16 && parameters[..end].bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
    // 8 would hide what follows.
    let hides = parameters[..end].split(';').any(|code| code.trim_start_matches('0') == "8");
    if is_plain && !hides { "\u{1b}[".len() + end + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_visible_and_colours_stay() {
        for (text, shown) in [
            ("a\u{1b}]0;title\u{7}b", "a\\u{1b}]0;title\\u{7}b"),
            ("\u{1b}[31mred\u{1b}[0m", "\u{1b}[31mred\u{1b}[0m"),
            ("\u{1b}[8mhidden", "\\u{1b}[8mhidden"),
            ("\u{1b}[2Jclear", "\\u{1b}[2Jclear"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("over\rwrite", "over\\u{d}write"),
            ("a,b\r\n\r", "a,b\r\n\\u{d}"),
            ("\u{202e}txt.exe", "\\u{202e}txt.exe"),
            ("line\nbreak\ttab", "line\nbreak\ttab"),
            ("👩‍💻 é 日本", "👩‍💻 é 日本"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn a_line_has_no_escapes_and_no_breaks() {
        assert_eq!(single_line("  a\n b\t\u{1b}[31mc  "), "a b ␛[31mc");
    }

    #[test]
    fn words_go_to_the_next_line_where_they_do_not_fit() {
        for (columns, lines) in [
            (None, &["one two, three"][..]),
            (Some(14), &["one two, three"]),
            (Some(13), &["one two,", "three"]),
            (Some(3), &["one", "two,", "three"]),
        ] {
            assert_eq!(wrapped("one two, three", columns), lines, "{columns:?}");
        }
    }

    #[test]
    fn cuts_by_columns_not_characters() {
        for (text, columns, cut) in
            [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語文", 5, "日本…"), ("a bc", 3, "a…")]
        {
            assert_eq!(shortened(text, columns), cut);
        }
    }
}
