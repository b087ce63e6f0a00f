//! Text as it stands in transcripts, escaped for JSON already: prose, code, output of tools.

use super::random::Random;

const WORDS: &[&str] = &[
    "the", "session", "token", "is", "read", "before", "test", "fails", "because", "cache", "we", "should", "write",
    "file", "module", "returns", "error", "when", "line", "empty", "usage", "parser", "größe", "naïve", "→", "✓",
];
const CODE: &[&str] = &[
    r"    let value = compute(input)?;\n",
    r#"    println!(\"{value:?}\");\n"#,
    r"fn parse(text: &str) -> Result<Line, Error> {\n",
    r"}\n\n",
    r#"  \"type\": \"assistant\", \"usage\": {\"input_tokens\": 3},\n"#,
    r"\tif err != nil {\n\t\treturn err\n\t}\n",
    r"src/domain/ledger/mod.rs:117:    pub fn resolve(variants: Vec<Record>)\n",
    r"error[E0308]: mismatched types\n  --> src/lib.rs:12:5\n",
];
const LINES: usize = 4096;

/// Lines to take texts from: making them anew would take longer than writing them.
pub(crate) struct Pool {
    lines: Vec<String>,
}

impl Pool {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed, u64::MAX);
        let mut line = || {
            if random.is_one_in(2) {
                return random.pick(CODE).to_owned();
            }
            let words: Vec<&str> = (0..random.between(4, 14)).map(|_| random.pick(WORDS)).collect();
            format!(r"{}.\n", words.join(" "))
        };
        Self { lines: (0..LINES).map(|_| line()).collect() }
    }

    /// Adds about so many bytes of text.
    pub(crate) fn write(&self, out: &mut String, random: &mut Random, bytes: u64) {
        let end = out.len() + usize::try_from(bytes).unwrap_or(0);
        let mut place = usize::try_from(random.between(0, 4095)).unwrap_or(0);
        while out.len() < end {
            out.push_str(&self.lines[place % LINES]);
            place += 1;
        }
    }
}
