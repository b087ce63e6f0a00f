//! From a line as it is on disk to records of exchanges. Pure: the same line gives the same records.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;

use crate::domain::event::EventId;
use crate::domain::event::Place;
use crate::domain::event::Precision;
use crate::domain::event::UsageEvent;
use crate::domain::ledger::Apart;
use crate::domain::ledger::Claim;
use crate::domain::ledger::Output;
use crate::domain::ledger::Record;
use crate::domain::money::Usd;
use crate::domain::price::Speed;
use crate::domain::price::Terms;
use crate::domain::price::Tier;
use crate::domain::tokens::MOST_TOKENS;
use crate::domain::tokens::TokenUsage;
use crate::source::transcript::alike::Alike;
use crate::source::transcript::alike::Answer;
use crate::source::transcript::content;
use crate::source::transcript::content::Content;
use crate::source::transcript::fast;
use crate::source::transcript::shared::Shared;
use crate::source::transcript::wire::CacheWrites;
use crate::source::transcript::wire::Data;
use crate::source::transcript::wire::Field;
use crate::source::transcript::wire::Line;
use crate::source::transcript::wire::Members;
use crate::source::transcript::wire::Message;
use crate::source::transcript::wire::ServerTools;
use crate::source::transcript::wire::Usage;

/// What Claude Code writes for answers of its own making, such as errors: no exchange with a model.
const SYNTHETIC: &str = "<synthetic>";

/// What of a file all its records share.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: Arc<str>,
    /// The directory below `projects`: the directory in which Claude Code was started, each other character than letters
    /// and digits made a dash.
    pub(super) project: String,
    /// The kind of subagent, from the file beside the transcript.
    pub(super) agent: Option<String>,
    pub(super) began_at: Option<DateTime<Utc>>,
}

/// A line that states usage, wherever in it that stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usable<'a> {
    line: Line<'a>,
    message: Message<'a>,
    usage: Usage<'a>,
    /// JSON, not looked at yet.
    content: &'a [u8],
    timestamp: Field<'a>,
    uuid: Field<'a>,
    request_id: Field<'a>,
    is_sidechain: bool,
}

impl<'a> Usable<'a> {
    /// What else a further line of the same layout may differ in: the message's id, the content, the usage and the request's
    /// id. `None` where each line tells something of how long the answer is, or that it is an error.
    pub(super) fn variables(&self) -> Option<[&'a [u8]; 4]> {
        let is_finished = self.line.version.text().is_some_and(|version| !keeps_placeholders(&version));
        let is_plain = is_finished && !self.line.is_api_error.is_present();
        let json = |field: Field<'a>| field.json().as_bytes();
        is_plain.then(|| [json(self.message.id), self.content, json(self.message.usage), json(self.request_id)])
    }

    /// An answer in a line of its own.
    pub(super) fn plain(line: Line<'a>, message: Message<'a>, usage: Usage<'a>, content: &'a [u8]) -> Self {
        Self {
            line,
            message,
            usage,
            content,
            timestamp: line.timestamp,
            uuid: line.uuid,
            request_id: line.request_id,
            is_sidechain: line.is_sidechain.is_true(),
        }
    }

    fn parsed(line: Line<'a>, message: Message<'a>, usage: Usage<'a>) -> Self {
        Self::plain(line, message, usage, message.content.json().as_bytes())
    }

    /// `None` for a line of another kind.
    pub(super) fn of(line: Line<'a>) -> Option<Self> {
        if line.kind.is("assistant") || !line.kind.is_present() {
            let message: Message<'a> = line.message.object()?;
            // The oldest lines have no kind, but a role.
            let is_answer = line.kind.is_present() || message.role.is("assistant");
            return is_answer.then_some(Self::parsed(line, message, message.usage.object()?));
        }
        // Older versions tell of a subagent's answers in lines of the parent. Where the subagent has a file of its own
        // they are the same messages; where it has none they are nowhere else.
        if line.kind.is("progress") {
            let inner: Line<'a> = line.data.object::<Data<'a>>()?.message.object()?;
            let message: Message<'a> = inner.message.object()?;
            let own = Self::parsed(inner, message, message.usage.object()?);
            return inner.kind.is("assistant").then_some(Self { line, is_sidechain: true, ..own });
        }
        None
    }
}

/// What a line tells; `None` for one that is no exchange.
pub(super) fn record(
    usable: &Usable<'_>,
    source: &Source,
    shared: &mut Shared,
) -> Result<Option<Record>, &'static str> {
    let line = &usable.line;
    let model = usable.message.model.text().unwrap_or_default();
    let tokens = tokens(&usable.usage)?;
    if model == SYNTHETIC || (line.is_api_error.is_true() && tokens.is_empty()) {
        return Ok(None);
    }
    let at = instant(usable.timestamp).ok_or("it has no time")?;
    let request = usable.request_id.text().map(std::borrow::Cow::into_owned);
    let (id, request) = identity(usable, request);
    let version = line.version.text();
    let may_be_placeholder = version.as_deref().is_some_and(keeps_placeholders);
    let content = content::read(usable.content, may_be_placeholder);
    let block = usable.uuid.text().filter(|_| may_be_placeholder && content.likely_milli > 0);
    let blocks = block.map(|uuid| (fnv(uuid.as_bytes()), content.likely_milli)).into_iter().collect();
    let event = UsageEvent {
        id: EventId::new(id),
        at,
        model: shared.model(&model),
        tokens: TokenUsage::default(),
        prompt: 0,
        terms: Terms::default(),
        precision: Precision::Measured,
        likely_output: None,
        stated_cost: line.cost_usd.number().and_then(Usd::nearest),
        place: place(usable, source, shared),
        tools: content.tools,
        commits: content.commits,
        version: version.map(|version| shared.version(&version)),
        session: None,
        task: None,
    };
    let has_stopped = usable.message.stop_reason.is_present();
    let output = Output { has_stopped, may_be_placeholder, blocks, ..Output::default() };
    let record = Record { request, event, claim: claim(usable, source, at), output, apart: Vec::new() };
    counted(record, &usable.usage, tokens, shared).map(Some)
}

fn claim(usable: &Usable<'_>, source: &Source, at: DateTime<Utc>) -> Claim {
    Claim {
        is_sidechain: usable.is_sidechain,
        is_copy: usable.line.forked_from.is_present(),
        began_at: source.began_at,
        path: Arc::clone(&source.path),
        at,
    }
}

/// What a line of another answer tells that differs from the line of `like` in nothing else; their version finishes its
/// counts.
pub(super) fn alike(
    like: &Record,
    line: &Alike<'_>,
    answer: &Answer<'_>,
    shared: &mut Shared,
) -> Result<Record, &'static str> {
    let Content { tools, commits, .. } = content::read(line.content, false);
    let event = UsageEvent {
        id: EventId::new(answer.id),
        at: line.at,
        model: like.event.model.clone(),
        tools,
        commits,
        place: Arc::clone(&like.event.place),
        version: like.event.version.clone(),
        task: None,
        ..like.event
    };
    let claim = Claim { at: line.at, path: Arc::clone(&like.claim.path), ..like.claim };
    let output = Output { has_stopped: line.has_stopped, ..Output::default() };
    let request = Some(answer.request.to_owned());
    let record = Record { request, event, claim, output, apart: Vec::new() };
    counted(record, &answer.usage, tokens(&answer.usage)?, shared)
}

/// With what was used.
fn counted(
    mut record: Record,
    usage: &Usage<'_>,
    tokens: TokenUsage,
    shared: &mut Shared,
) -> Result<Record, &'static str> {
    let iterations: Vec<Usage<'_>> = usage.iterations.objects();
    record.event.tokens = tokens;
    record.event.terms = terms(usage);
    // The counters are of the attempt that was served alone.
    let served_by = iterations.iter().rposition(|iteration| iteration.kind.is("fallback_message")).unwrap_or(0);
    let (refused, served) = iterations.split_at(served_by);
    record.event.prompt = longest_prompt(served).unwrap_or_else(|| tokens.prompt());
    (record.output.least, record.output.most) = (tokens.output, tokens.output);
    for (iterations, is_refused) in [(refused, true), (served, false)] {
        billed_apart(iterations, is_refused, &mut record, shared)?;
    }
    Ok(record.settled())
}

/// The exchange's key over all files, and its request id. The message's id is the key; gateways and old versions may leave
/// it out.
fn identity(usable: &Usable<'_>, request: Option<String>) -> (String, Option<String>) {
    if let Some(id) = usable.message.id.text() {
        return (id.into_owned(), request);
    }
    if let Some(request) = request {
        return (format!("request:{request}"), Some(request));
    }
    match usable.uuid.text() {
        Some(uuid) => (format!("line:{uuid}"), None),
        None => (format!("text:{:016x}", fnv(&text_of(usable))), None),
    }
}

/// What tells a line without any id from others.
fn text_of(usable: &Usable<'_>) -> Vec<u8> {
    [usable.timestamp, usable.line.message].map(|field| field.json().as_bytes()).concat()
}

fn tokens(usage: &Usage<'_>) -> Result<TokenUsage, &'static str> {
    let writes: CacheWrites<'_> = part(usage.cache_writes, "its cache_creation is no object")?;
    let tools: ServerTools<'_> = part(usage.server_tools, "its server_tool_use is no object")?;
    let five_minutes = count(writes.five_minutes, "its ephemeral_5m_input_tokens are no count")?;
    let one_hour = count(writes.one_hour, "its ephemeral_1h_input_tokens are no count")?;
    let written = count(usage.cache_write, "its cache_creation_input_tokens are no count")?;
    // Either the sum or its parts may be missing. What has no lifetime was written for five minutes.
    let written = written.max(five_minutes + one_hour);
    Ok(TokenUsage {
        input: count(usage.input, "its input_tokens are no count")?,
        output: count(usage.output, "its output_tokens are no count")?,
        cache_write_5m: written - one_hour,
        cache_write_1h: one_hour,
        cache_read: count(usage.cache_read, "its cache_read_input_tokens are no count")?,
        web_searches: count(tools.web_searches, "its web_search_requests are no count")?,
    })
}

/// A part of the counters that may be missing, but not be something else.
fn part<'a, T: Members<'a> + Deserialize<'a>>(field: Field<'a>, reason: &'static str) -> Result<T, &'static str> {
    match fast::object(field) {
        Some(part) => Ok(part),
        None if !field.is_present() => Ok(T::default()),
        None => Err(reason),
    }
}

fn count(field: Field<'_>, reason: &'static str) -> Result<u64, &'static str> {
    let count = field.count().map_err(|_| reason)?.unwrap_or(0);
    if count <= MOST_TOKENS { Ok(count) } else { Err(reason) }
}

fn terms(usage: &Usage<'_>) -> Terms {
    Terms {
        speed: match usage.speed.text().as_deref() {
            Some("fast") => Some(Speed::Fast),
            Some("standard") => Some(Speed::Standard),
            _ => None,
        },
        tier: if usage.service_tier.is("batch") { Tier::Batch } else { Tier::Standard },
        us_only: usage.inference_geo.is("us"),
    }
}

/// Of the requests that the counters are the sum of, for a tier goes by one request's prompt.
fn longest_prompt(iterations: &[Usage<'_>]) -> Option<u64> {
    let is_served = |iteration: &&Usage<'_>| iteration.kind.is("message") || iteration.kind.is("fallback_message");
    let prompts = iterations.iter().filter(is_served);
    prompts.filter_map(|iteration| tokens(iteration).ok()).map(|tokens| tokens.prompt()).max().filter(|&most| most > 0)
}

/// Requests that the message's own counters leave out: an advisor's, a compaction's, and attempts that were refused but had
/// written something before another model served the answer.
fn billed_apart(
    iterations: &[Usage<'_>],
    is_refused: bool,
    record: &mut Record,
    shared: &mut Shared,
) -> Result<(), &'static str> {
    for iteration in iterations {
        let tokens = tokens(iteration)?;
        let is_apart = match iteration.kind.text().as_deref() {
            Some("advisor_message" | "compaction") => !tokens.is_empty(),
            Some("message" | "fallback_message") => is_refused && tokens.output > 0,
            _ => false,
        };
        if is_apart {
            let model = iteration.model.text().map_or_else(|| record.event.model.clone(), |model| shared.model(&model));
            // Where a request is made, and in what batch, it shares with the message; how fast, only with its model.
            let stated = terms(iteration).speed;
            let speed = stated.or(record.event.terms.speed.filter(|_| model == record.event.model));
            record.apart.push(Apart { model, tokens, terms: Terms { speed, ..record.event.terms } });
        }
    }
    Ok(())
}

fn place(usable: &Usable<'_>, source: &Source, shared: &mut Shared) -> Arc<Place> {
    let line = &usable.line;
    let directory = line.cwd.text().unwrap_or_default();
    let branch = line.git_branch.text().filter(|branch| branch != "HEAD");
    let conversation = line.session_id.text();
    let skill = line.skill.text();
    let agent = line.agent.text();
    let agent = agent
        .as_deref()
        .or(source.agent.as_deref())
        .or(usable.is_sidechain.then_some(Place::UNNAMED_AGENT))
        .filter(|_| usable.is_sidechain || agent.is_some());
    shared.place(&directory, branch.as_deref(), conversation.as_deref(), agent, skill.as_deref(), &source.project)
}

fn instant(timestamp: Field<'_>) -> Option<DateTime<Utc>> {
    crate::source::transcript::time::parse(timestamp.text()?.as_bytes())
}

/// Versions of which the corpus of published transcripts shows that most counts of output were never finished; 2.1.59 and
/// later finish them (anthropics/claude-code#22686, #27361).
fn keeps_placeholders(version: &str) -> bool {
    version.strip_prefix("2.1.").and_then(|patch| patch.parse().ok()).is_some_and(|patch: u32| patch <= 52)
}

/// A hash that no release changes (FNV-1a), for what is stored.
pub(super) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
