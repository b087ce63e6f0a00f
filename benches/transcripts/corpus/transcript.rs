//! One transcript, line by line, as Claude Code 2.1 writes it.

use std::fmt::Write as _;

use chrono::DateTime;
use chrono::SecondsFormat;

use super::random::Random;
use super::text::Pool;
use super::totals::Tokens;
use super::totals::Totals;

const TOOLS: &[&str] = &["Bash", "Read", "Edit", "Grep", "TodoWrite", "mcp__github__get_issue"];

/// Whose transcript it is, and when it began.
pub(crate) struct Identity {
    /// No two of a corpus have the same.
    pub(crate) number: u64,
    /// The conversation: a subagent has its parent's.
    pub(crate) conversation: u64,
    pub(crate) is_subagent: bool,
    pub(crate) directory: String,
    pub(crate) branch: &'static str,
    pub(crate) model: &'static str,
    /// Milliseconds since 1970.
    pub(crate) began_at: i64,
}

pub(crate) struct Transcript<'a> {
    identity: &'a Identity,
    pool: &'a Pool,
    random: Random,
    totals: &'a mut Totals,
    now: i64,
    lines: u64,
    exchanges: u64,
    context: u64,
    text: String,
}

/// The id that Claude Code gives to a conversation.
pub(crate) fn uuid(number: u64, place: u64) -> String {
    format!("{:08x}-{:04x}-4000-8000-{place:012x}", number >> 16, number & 0xffff)
}

impl<'a> Transcript<'a> {
    pub(crate) fn new(seed: u64, identity: &'a Identity, pool: &'a Pool, totals: &'a mut Totals) -> Self {
        let random = Random::new(seed, identity.number);
        let (now, text) = (identity.began_at, String::new());
        Self { identity, pool, random, totals, now, lines: 0, exchanges: 0, context: 20_000, text }
    }

    /// Lines of at least so many bytes.
    pub(crate) fn make(mut self, bytes: u64) -> String {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        while self.text.len() < bytes {
            self.turn(bytes);
        }
        self.text
    }

    /// A prompt, and answers with tools until one ends the turn.
    fn turn(&mut self, bytes: usize) {
        self.now += 60_000;
        let size = self.random.mostly_small(40, 2000);
        self.user(|this, out| {
            out.push_str(r#""message":{"role":"user","content":""#);
            this.pool.write(out, &mut this.random, size);
            out.push_str(r#""}"#);
        });
        for _ in 0..self.random.between(3, 16) {
            self.exchange(false);
            self.tool_result();
            if !self.random.is_one_in(3) {
                self.progress();
            }
            if self.text.len() > bytes {
                break;
            }
        }
        self.exchange(true);
        self.begin();
        let duration = self.random.between(1000, 200_000);
        let _ =
            write!(self.text, r#""type":"system","subtype":"turn_duration","durationMs":{duration},"isMeta":false,"#);
        self.end();
        let snapshot = uuid(self.identity.number, self.lines);
        let _ = writeln!(
            self.text,
            r#"{{"type":"file-history-snapshot","messageId":"{snapshot}","snapshot":{{"messageId":"{snapshot}","trackedFileBackups":{{}}}},"isSnapshotUpdate":false}}"#
        );
        self.totals.lines += 1;
    }

    /// An answer: a line for each block of its content, with the same ids and counts.
    fn exchange(&mut self, is_last: bool) {
        let Identity { number, model, is_subagent, .. } = *self.identity;
        self.exchanges += 1;
        self.now += i64::try_from(self.random.mostly_small(1500, 30_000)).unwrap_or(0);
        let written = self.random.mostly_small(150, 9000);
        let tokens = Tokens {
            exchanges: 1,
            input: self.random.between(1, 12),
            output: self.random.mostly_small(60, 4000),
            cache_write_5m: if is_subagent { written } else { 0 },
            cache_write_1h: if is_subagent { 0 } else { written },
            cache_read: self.context,
        };
        self.context = if self.context > 160_000 { 20_000 } else { self.context + written };
        self.totals.add(&self.instant()[..10], model, tokens);

        let blocks = [Some("thinking"), self.random.is_one_in(3).then_some("text"), (!is_last).then_some("tool_use")];
        let blocks: Vec<&str> = if is_last { vec!["thinking", "text"] } else { blocks.into_iter().flatten().collect() };
        // Now and then the first lines have the counts with which the stream began.
        let is_early = self.random.is_one_in(5);
        for (place, block) in blocks.iter().enumerate() {
            let is_end = place + 1 == blocks.len();
            self.begin();
            let _ = write!(
                self.text,
                r#""message":{{"model":"{model}","id":"msg_{number:08x}{:08x}","type":"message","role":"assistant","content":["#,
                self.exchanges
            );
            self.block(block);
            let reason = if !is_end {
                "null"
            } else if is_last {
                r#""end_turn""#
            } else {
                r#""tool_use""#
            };
            let output = if is_early && !is_end { 2 } else { tokens.output };
            let Tokens { input, cache_write_5m, cache_write_1h, cache_read, .. } = tokens;
            let _ = write!(
                self.text,
                r#"],"stop_reason":{reason},"stop_sequence":null,"usage":{{"input_tokens":{input},"cache_creation_input_tokens":{written},"cache_read_input_tokens":{cache_read},"cache_creation":{{"ephemeral_5m_input_tokens":{cache_write_5m},"ephemeral_1h_input_tokens":{cache_write_1h}}},"output_tokens":{output},"service_tier":"standard","server_tool_use":{{"web_search_requests":0,"web_fetch_requests":0}},"speed":"standard","inference_geo":"not_available","iterations":[]}}}},"requestId":"req_{number:08x}{:08x}","type":"assistant","#,
                self.exchanges
            );
            self.end();
            self.totals.lines_with_usage += 1;
            self.now += 300;
        }
    }

    fn block(&mut self, kind: &str) {
        match kind {
            "tool_use" => {
                let (tool, size) = (self.random.pick(TOOLS), self.random.mostly_small(40, 6000));
                let id = uuid(self.identity.number, self.lines);
                let _ =
                    write!(self.text, r#"{{"type":"tool_use","id":"toolu_{id}","name":"{tool}","input":{{"command":""#);
                self.pool.write(&mut self.text, &mut self.random, size);
                self.text.push_str(r#""}}"#);
            }
            kind => {
                let size = self.random.mostly_small(80, 5000);
                let _ = write!(self.text, r#"{{"type":"{kind}","{kind}":""#);
                self.pool.write(&mut self.text, &mut self.random, size);
                self.text.push_str(if kind == "thinking" { r#"","signature":"RXJ3Q2"}"# } else { r#""}"# });
            }
        }
    }

    /// What a tool gave back, which stands in the line twice.
    fn tool_result(&mut self) {
        self.now += i64::try_from(self.random.mostly_small(20, 20_000)).unwrap_or(0);
        let size = self.random.mostly_small(60, 100_000);
        self.user(|this, out| {
            out.push_str(
                r#""message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":""#,
            );
            let from = out.len();
            this.pool.write(out, &mut this.random, size);
            let content = out[from..].to_owned();
            out.push_str(r#""}]},"toolUseResult":{"stdout":""#);
            out.push_str(&content);
            out.push_str(r#"","stderr":"","interrupted":false,"isImage":false}"#);
        });
    }

    fn progress(&mut self) {
        self.begin();
        self.text.push_str(
            r#""type":"progress","data":{"type":"hook_progress","hookEvent":"PostToolUse","hookName":"PostToolUse:Bash","command":"check"},"toolUseID":"toolu_1","#,
        );
        self.end();
    }

    fn user(&mut self, message: impl FnOnce(&mut Self, &mut String)) {
        self.begin();
        let mut text = std::mem::take(&mut self.text);
        message(self, &mut text);
        self.text = text;
        self.text.push_str(r#","type":"user","#);
        self.end();
    }

    /// What every line of a conversation begins with.
    fn begin(&mut self) {
        let Identity { number, conversation, is_subagent, directory, branch, .. } = self.identity;
        let parent = uuid(*number, self.lines);
        let session = uuid(*conversation, 0);
        let agent = if *is_subagent { format!(r#""agentId":"{number:08x}","#) } else { String::new() };
        let _ = write!(
            self.text,
            r#"{{"parentUuid":"{parent}","isSidechain":{is_subagent},{agent}"userType":"external","entrypoint":"cli","cwd":"{directory}","sessionId":"{session}","version":"2.1.330","gitBranch":"{branch}","#
        );
    }

    fn end(&mut self) {
        self.lines += 1;
        let (id, at) = (uuid(self.identity.number, self.lines), self.instant());
        let _ = writeln!(self.text, r#""uuid":"{id}","timestamp":"{at}"}}"#);
        self.totals.lines += 1;
    }

    fn instant(&self) -> String {
        DateTime::from_timestamp_millis(self.now).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}
