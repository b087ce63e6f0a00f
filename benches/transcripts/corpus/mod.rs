//! Transcripts as Claude Code writes them, as many as are wanted and always the same ones, and what they come to.
//!
//! The proportions are about those of published transcripts: half of the lines have usage, an exchange has two or three of
//! them, and most of the bytes are what tools gave back.

pub(crate) mod random;
pub(crate) mod text;
pub(crate) mod totals;
pub(crate) mod transcript;

use std::path::Path;
use std::path::PathBuf;

use fs_err as fs;

use self::random::Random;
use self::text::Pool;
use self::totals::Totals;
use self::transcript::Identity;
use self::transcript::Transcript;
use self::transcript::uuid;

/// The instant at which all is past: 2026-11-23T12:00:00Z.
pub(crate) const NOW: i64 = 1_795_435_200;
const DAYS: u64 = 60;
const DAY_MILLISECONDS: u64 = 86_400_000;
/// Of a project's transcripts, subagents' among them.
const FILES_A_PROJECT: u64 = 50;
const BRANCHES: &[&str] = &["main", "fix/parser", "feature/ledger"];
const MODELS: &[&str] = &["claude-opus-5-5", "claude-opus-5-5", "claude-sonnet-5-5"];
const SUBAGENT_MODELS: &[&str] = &["claude-haiku-5-5", "claude-sonnet-5-5"];
/// One in so many conversations begins with the history of another, as `--resume` copied it.
const RESUMED: u64 = 20;
/// Of a file that is resumed, the most that is copied.
const MOST_COPIED: usize = 200_000;

/// How much to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    pub(crate) seed: u64,
}

/// Fills `claude`, a directory as `CLAUDE_CONFIG_DIR` names it, and returns what is in it.
pub(crate) fn make(claude: &Path, size: Size) -> anyhow::Result<Totals> {
    let pool = Pool::new(size.seed);
    let mut totals = Totals::default();
    let mut random = Random::new(size.seed, 0);
    // Every other file is a subagent's, and shorter.
    let weights: Vec<u64> =
        (0..size.files).map(|number| random.mostly_small(16, 256) / if number % 2 == 0 { 1 } else { 4 }).collect();
    let sum: u64 = weights.iter().sum();
    let mut last: Option<(u64, String)> = None;
    for (number, weight) in (0..).zip(weights) {
        let identity = identity(number, &mut random);
        let path = path(claude, &identity);
        let bytes = u64::try_from(u128::from(size.bytes) * u128::from(weight) / u128::from(sum.max(1)))?;
        let copied = match &last {
            Some((from, text))
                if !identity.is_subagent
                    && random.is_one_in(RESUMED)
                    && from / FILES_A_PROJECT == number / FILES_A_PROJECT =>
            {
                copy(text, *from, identity.conversation, &mut totals)
            }
            _ => String::new(),
        };
        let rest = bytes.saturating_sub(u64::try_from(copied.len())?);
        let text = copied + &Transcript::new(size.seed, &identity, &pool, &mut totals).make(rest);
        fs::create_dir_all(path.parent().unwrap_or(claude))?;
        fs::write(&path, &text)?;
        totals.files += 1;
        totals.bytes += u64::try_from(text.len())?;
        if !identity.is_subagent {
            last = Some((identity.conversation, text));
        }
    }
    Ok(totals)
}

/// What the first conversation would go on with: lines of new exchanges, of about so many bytes.
pub(crate) fn growth(size: Size, bytes: u64) -> String {
    let identity = Identity {
        number: size.files,
        began_at: NOW * 1000 - 3_600_000,
        ..identity(0, &mut Random::new(size.seed, 0))
    };
    Transcript::new(size.seed, &identity, &Pool::new(size.seed), &mut Totals::default()).make(bytes)
}

/// The first conversation's own file.
pub(crate) fn first(claude: &Path) -> PathBuf {
    path(claude, &identity(0, &mut Random::new(0, 0)))
}

/// The id of the first conversation.
pub(crate) fn first_conversation() -> String {
    uuid(0, 0)
}

fn identity(number: u64, random: &mut Random) -> Identity {
    let is_subagent = number % 2 == 1;
    let before = random.between(DAY_MILLISECONDS, DAYS * DAY_MILLISECONDS);
    Identity {
        number,
        conversation: number / 2 * 2,
        is_subagent,
        directory: format!("/home/ann/project-{}", number / FILES_A_PROJECT),
        branch: random.pick(BRANCHES),
        model: random.pick(if is_subagent { SUBAGENT_MODELS } else { MODELS }),
        began_at: NOW * 1000 - i64::try_from(before).unwrap_or(0),
    }
}

fn path(claude: &Path, identity: &Identity) -> PathBuf {
    let folder = claude.join("projects").join(identity.directory.replace('/', "-"));
    let conversation = uuid(identity.conversation, 0);
    if identity.is_subagent {
        return folder.join(conversation).join(format!("subagents/agent-{:08x}.jsonl", identity.number));
    }
    folder.join(format!("{conversation}.jsonl"))
}

/// The first lines of another conversation, under the new one's id.
fn copy(text: &str, from: u64, to: u64, totals: &mut Totals) -> String {
    let end = text.len().min(MOST_COPIED);
    let end = text.as_bytes()[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |place| place + 1);
    let old = format!(r#""sessionId":"{}""#, uuid(from, 0));
    let copied = text[..end].replace(&old, &format!(r#""sessionId":"{}""#, uuid(to, 0)));
    for line in copied.lines() {
        totals.lines += 1;
        totals.lines_with_usage +=
            u64::from(line.contains(r#""usage":{"#) && line.contains(r#""type":"assistant","uuid""#));
    }
    copied
}
