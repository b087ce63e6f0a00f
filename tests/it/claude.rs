//! Claude Code's transcripts, as a sandbox's user would have them.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::sandbox::Sandbox;

/// An answer of a model in a conversation of the sandbox's project, as Claude Code writes it.
pub(crate) struct Answer {
    id: String,
    at: String,
    model: &'static str,
    output: u64,
    conversation: &'static str,
    directory: Option<String>,
    begun_in: Option<PathBuf>,
    tool: Option<(&'static str, &'static str)>,
}

impl Answer {
    /// Three tokens of input, 10,000 read from the cache, 1,000 written to it for an hour, and `output`.
    pub(crate) fn new(id: impl Into<String>, at: &str, output: u64) -> Self {
        Self {
            id: id.into(),
            at: at.to_owned(),
            model: "claude-opus-5-5",
            output,
            conversation: "c1",
            directory: None,
            begun_in: None,
            tool: None,
        }
    }

    pub(crate) fn model(self, model: &'static str) -> Self {
        Self { model, ..self }
    }

    pub(crate) fn conversation(self, conversation: &'static str) -> Self {
        Self { conversation, ..self }
    }

    pub(crate) fn directory(self, directory: &str) -> Self {
        Self { directory: Some(directory.to_owned()), ..self }
    }

    /// In a conversation that was begun there, and never left it.
    pub(crate) fn begun_in(self, directory: &Path) -> Self {
        Self { begun_in: Some(directory.to_owned()), ..self }.directory(&directory.to_string_lossy())
    }

    /// Calls a tool with a command.
    pub(crate) fn tool(self, name: &'static str, command: &'static str) -> Self {
        Self { tool: Some((name, command)), ..self }
    }

    fn line(&self, work: &str) -> String {
        let content = match self.tool {
            Some((name, command)) => serde_json::json!([
                {"type": "tool_use", "id": "toolu_1", "name": name, "input": {"command": command}}
            ]),
            None => serde_json::json!([{"type": "text", "text": "done"}]),
        };
        serde_json::json!({
            "parentUuid": null, "isSidechain": false, "userType": "external",
            "cwd": self.directory.as_deref().unwrap_or(work), "sessionId": self.conversation, "version": "2.1.330",
            "gitBranch": "main",
            "message": {
                "model": self.model, "id": self.id, "type": "message", "role": "assistant", "content": content,
                "stop_reason": "end_turn", "stop_sequence": null,
                "usage": {
                    "input_tokens": 3, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 10_000,
                    "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 1000},
                    "output_tokens": self.output, "service_tier": "standard"
                }
            },
            "requestId": format!("req_{}", self.id), "type": "assistant", "uuid": format!("uuid-{}", self.id),
            "timestamp": self.at,
        })
        .to_string()
    }
}

impl Sandbox {
    /// Where Claude Code keeps the conversations that were begun in the sandbox's project.
    pub(crate) fn conversations(&self) -> PathBuf {
        self.conversations_of(&self.work())
    }

    fn conversations_of(&self, directory: &Path) -> PathBuf {
        let folder: String = directory.to_string_lossy().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        self.home().join(".claude/projects").join(folder)
    }

    /// Writes answers behind those that are there, each into the file of its conversation.
    pub(crate) fn answers(&self, answers: &[Answer]) {
        let work = self.work().to_string_lossy().into_owned();
        for answer in answers {
            let folder =
                answer.begun_in.as_deref().map_or_else(|| self.conversations(), |begun| self.conversations_of(begun));
            fs_err::create_dir_all(&folder).unwrap();
            let path = folder.join(format!("{}.jsonl", answer.conversation));
            let mut text = fs_err::read_to_string(&path).unwrap_or_default();
            writeln!(text, "{}", answer.line(&work)).unwrap();
            fs_err::write(path, text).unwrap();
        }
    }
}
