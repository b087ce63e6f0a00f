//! Messages of Anthropic's Messages API, read to be counted: one message, a response, several messages, a request.

mod wire;

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::estimate::Content;
use crate::domain::estimate::Form;
use crate::domain::estimate::Piece;
use crate::domain::estimate::TokenCounter;
use crate::source::text;
use crate::source::text::Input;

/// What a file of messages comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) form: Form,
    pub(crate) content: Content,
}

/// The messages of all `inputs`, in their order; `on_done` is called after each.
pub(crate) fn count_all(
    inputs: &[Input],
    counter: &(dyn TokenCounter + Sync),
    on_done: &(dyn Fn() + Sync),
) -> Vec<anyhow::Result<Message>> {
    let count = |input: &Input| {
        let json = text::read(input)?;
        read(&json, counter).with_context(|| format!("{input} is no message of the Messages API"))
    };
    text::in_parallel(inputs, &count, on_done)
}

/// Counts a message with `content`, a request with `messages`, or an array of messages.
///
/// What an assistant said alone is a response; all else is a prompt, in which its earlier answers are history.
pub(crate) fn read(json: &str, counter: &dyn TokenCounter) -> anyhow::Result<Message> {
    let mut reader = Reader { content: Content::default(), counter, form: Form::Prompt };
    match json.trim_start().as_bytes().first() {
        Some(b'[') => {
            let messages: Vec<wire::Message<'_>> = serde_json::from_str(json)?;
            reader.add_messages(&messages)?;
        }
        Some(b'{') => reader.add_document(&serde_json::from_str(json)?)?,
        Some(_) => anyhow::bail!("it is neither a JSON object nor an array"),
        None => anyhow::bail!("it is empty"),
    }
    Ok(Message { form: reader.form, content: reader.content })
}

struct Reader<'a> {
    content: Content,
    counter: &'a dyn TokenCounter,
    form: Form,
}

impl Reader<'_> {
    fn add_document(&mut self, document: &wire::Document<'_>) -> anyhow::Result<()> {
        if let Some(messages) = &document.messages {
            if let Some(system) = document.system {
                self.add_content(system).context("`system`")?;
            }
            for tool in document.tools.iter().flatten() {
                // The vendor adds a text of its own to these, and it differs by model.
                self.add(Piece::Text(tool.get()));
                self.add(Piece::Untold);
            }
            let is_alone = document.system.is_none() && document.tools.is_none();
            return if is_alone { self.add_messages(messages) } else { self.add_prompt(messages) };
        }
        let content = document.content.context("it has neither `content` nor `messages`")?;
        // A message without a role is what a person has at hand of an answer: its `content`.
        if document.role.is_none_or(|role| role == wire::Role::Assistant) {
            self.form = Form::Response;
        }
        self.add_content(content)
    }

    fn add_messages(&mut self, messages: &[wire::Message<'_>]) -> anyhow::Result<()> {
        if let [message] = messages
            && message.role == wire::Role::Assistant
        {
            self.form = Form::Response;
        }
        self.add_prompt(messages)
    }

    fn add_prompt(&mut self, messages: &[wire::Message<'_>]) -> anyhow::Result<()> {
        for (at, message) in messages.iter().enumerate() {
            if at > 0 {
                self.content.add_prompt_message();
            }
            self.add_content(message.content).with_context(|| format!("message {}", at + 1))?;
        }
        Ok(())
    }

    /// Adds a `content`: a text or an array of blocks.
    fn add_content(&mut self, content: &RawValue) -> anyhow::Result<()> {
        match content.get().as_bytes().first() {
            Some(b'"') => self.add(Piece::Text(&parsed::<String>(content)?)),
            Some(b'[') => {
                for (at, block) in parsed::<Vec<wire::Block<'_>>>(content)?.iter().enumerate() {
                    self.add_block(block).with_context(|| format!("block {}", at + 1))?;
                }
            }
            // What a tool that says nothing gave back.
            Some(b'n') => {}
            _ => anyhow::bail!("the content is neither a text nor an array of blocks"),
        }
        Ok(())
    }

    fn add_block(&mut self, block: &wire::Block<'_>) -> anyhow::Result<()> {
        match block.kind {
            wire::Kind::Text => {
                let text = block.text.as_deref().context("a text block without `text`")?;
                self.add(Piece::Text(text));
            }
            // The text is counted where it was kept; newer models give none, and it costs all the same.
            wire::Kind::Thinking => match block.thinking.as_deref().filter(|text| !text.is_empty()) {
                Some(text) => self.add(Piece::Text(text)),
                None => self.add(Piece::Untold),
            },
            wire::Kind::ToolUse => {
                let name = block.name.as_deref().context("a tool_use block without `name`")?;
                self.add_call(name, block.input)?;
            }
            wire::Kind::ToolResult => {
                if let Some(content) = block.content {
                    self.add_content(content)?;
                }
            }
            wire::Kind::Other => self.add(Piece::Untold),
        }
        Ok(())
    }

    fn add_call(&mut self, name: &str, input: Option<&RawValue>) -> anyhow::Result<()> {
        self.add(Piece::ToolCall(name));
        let Some(input) = input.filter(|input| input.get() != "null") else { return Ok(()) };
        let input: BTreeMap<String, &RawValue> =
            parsed(input).with_context(|| format!("the input of `{name}` is no object"))?;
        for (key, value) in input {
            match (name, key.as_str(), value.get()) {
                ("Edit", "replace_all", "false") => self.add(Piece::EditReplaceAllFalse),
                // Claude Code puts the plan in from a file: 38 tokens were billed for one of 1,800.
                ("ExitPlanMode", "plan", _) => self.add(Piece::Untold),
                (_, key, text) if text.starts_with('"') => {
                    self.add(Piece::TextParam(key, &parsed::<String>(value)?));
                }
                (_, key, json) => self.add(Piece::JsonParam(key, json)),
            }
        }
        Ok(())
    }

    fn add(&mut self, piece: Piece<'_>) {
        self.content.add(piece, self.counter);
    }
}

fn parsed<'a, T: Deserialize<'a>>(json: &'a RawValue) -> anyhow::Result<T> {
    Ok(serde_json::from_str(json.get())?)
}

#[cfg(test)]
mod tests;
