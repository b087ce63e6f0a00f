//! Messages in each form that people have at hand, and the records that the model was fitted to.

use std::path::Path;

use super::*;
use crate::domain::decimal;
use crate::domain::estimate::Calibration;
use crate::domain::estimate::Family;
use crate::source::tokenizer::Cl100k;

/// A token a word.
struct Words;

impl TokenCounter for Words {
    fn for_each_token(&self, text: &str, each: &mut dyn FnMut(&[u8])) {
        text.split_inclusive(' ').for_each(|word| each(word.as_bytes()));
    }
}

fn message(json: &str) -> Message {
    read(json, &Words).unwrap()
}

fn content(pieces: &[Piece<'_>]) -> Content {
    let mut content = Content::default();
    for piece in pieces {
        content.add(*piece, &Words);
    }
    content
}

fn refusal(json: &str) -> String {
    format!("{:#}", read(json, &Words).unwrap_err())
}

#[test]
fn who_speaks_tells_the_form() {
    for (json, form) in [
        (r#"{"role":"assistant","content":"It is done"}"#, Form::Response),
        (
            r#"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"text","text":"It is done"}],"usage":{"output_tokens":5}}"#,
            Form::Response,
        ),
        (r#"{"content":"It is done"}"#, Form::Response),
        (r#"[{"role":"assistant","content":"It is done"}]"#, Form::Response),
        (r#"{"role":"user","content":"It is done"}"#, Form::Prompt),
        (r#"{"role":"system","content":"It is done"}"#, Form::Prompt),
        (r#"[{"role":"user","content":"It is done"}]"#, Form::Prompt),
        (r#"{"model":"claude-opus-5","messages":[{"role":"user","content":"It is done"}]}"#, Form::Prompt),
        (r#"{"system":"It is done","messages":[]}"#, Form::Prompt),
    ] {
        assert_eq!(message(json), Message { form, content: content(&[Piece::Text("It is done")]) }, "{json}");
    }
}

#[test]
fn further_messages_of_a_prompt_are_told_from_one_long_one() {
    let json = r#"{"system":[{"type":"text","text":"be kind"}],"messages":[
        {"role":"user","content":"who"},
        {"role":"assistant","content":[{"type":"tool_use","name":"ask","input":{"whom":"you"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"me"}]}]}"#;
    let mut expected = content(&[
        Piece::Text("be kind"),
        Piece::Text("who"),
        Piece::ToolCall("ask"),
        Piece::TextParam("whom", "you"),
        Piece::Text("me"),
    ]);
    expected.add_prompt_message();
    expected.add_prompt_message();
    assert_eq!(message(json), Message { form: Form::Prompt, content: expected });
}

#[test]
fn a_call_is_its_name_and_its_parameters() {
    let json = r#"{"content":[{"type":"tool_use","id":"toolu_1","name":"Edit","input":
        {"file_path":"a\n\u00e9","old_string":"x","new_string":"","replace_all":false}},
        {"type":"tool_use","name":"Grep","input":{"-n":true,"globs":["a","b"],"replace_all":false}},
        {"type":"tool_use","name":"List","input":{}}, {"type":"tool_use","name":"Stop"}]}"#;
    let expected = content(&[
        Piece::ToolCall("Edit"),
        Piece::TextParam("file_path", "a\né"),
        Piece::TextParam("old_string", "x"),
        Piece::TextParam("new_string", ""),
        Piece::EditReplaceAllFalse,
        Piece::ToolCall("Grep"),
        Piece::JsonParam("-n", "true"),
        Piece::JsonParam("globs", r#"["a","b"]"#),
        Piece::JsonParam("replace_all", "false"),
        Piece::ToolCall("List"),
        Piece::ToolCall("Stop"),
    ]);
    assert_eq!(message(json).content, expected);
}

#[test]
fn what_cannot_be_told_makes_a_lower_bound() {
    let is_lower_bound = |json: &str| {
        let message = message(json);
        message.content.estimate(message.form, Family::New, Calibration::Measured).is_lower_bound
    };
    for block in [
        r#"{"type":"thinking","thinking":"","signature":"c2ln"}"#,
        r#"{"type":"redacted_thinking","data":"c2ln"}"#,
        r#"{"type":"image","source":{"type":"base64","data":"aaaa"}}"#,
        r#"{"type":"tool_result","content":[{"type":"image"}]}"#,
        r#"{"type":"tool_use","name":"ExitPlanMode","input":{"plan":"1. first"}}"#,
        r#"{"type":"a_kind_of_tomorrow","text":"x"}"#,
    ] {
        assert!(is_lower_bound(&format!(r#"{{"content":[{block}]}}"#)), "{block}");
    }
    assert!(is_lower_bound(r#"{"messages":[{"role":"user","content":"a"}],"tools":[{"name":"t"}]}"#));
    assert!(!is_lower_bound(r#"{"content":[{"type":"thinking","thinking":"so be it"},{"type":"text","text":"a"}]}"#));
    assert!(!is_lower_bound(r#"{"role":"user","content":[{"type":"tool_result","content":null}]}"#));
}

#[test]
fn what_is_no_message_is_refused_with_its_place() {
    for (json, expected) in [
        ("", "it is empty"),
        ("Hello", "it is neither a JSON object nor an array"),
        ("{}", "it has neither `content` nor `messages`"),
        (r#"{"content":3}"#, "the content is neither a text nor an array of blocks"),
        (r#"{"content":[{"type":"text"}]}"#, "block 1: a text block without `text`"),
        (r#"{"content":[{"type":"tool_use"}]}"#, "block 1: a tool_use block without `name`"),
        (
            r#"[{"role":"user","content":"a"},{"role":"user","content":4}]"#,
            "message 2: the content is neither a text nor an array of blocks",
        ),
        (r#"[{"role":"user"}]"#, "missing field `content` at line 1 column 16"),
    ] {
        assert_eq!(refusal(json), expected, "{json}");
    }
    assert!(refusal(r#"{"content": "a"#).starts_with("EOF while parsing a string"));
    assert!(
        refusal(r#"{"content":[{"type":"tool_use","name":"a","input":[1]}]}"#)
            .contains("the input of `a` is no object")
    );
}

#[derive(Deserialize)]
struct Golden {
    family: String,
    pieces: Vec<(String, String)>,
    predicted: Box<RawValue>,
}

/// The record as a response of the API would have it.
fn response(pieces: &[(String, String)]) -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let mut blocks: Vec<String> = Vec::new();
    let mut params: Vec<String> = Vec::new();
    let mut name = None;
    let mut key = String::new();
    for (kind, piece) in pieces.iter().map(|(kind, piece)| (kind.as_str(), piece)).chain([("end", &String::new())]) {
        if !matches!(kind, "key" | "val" | "jval")
            && let Some(name) = name.take()
        {
            let input = std::mem::take(&mut params).join(",");
            blocks.push(format!(r#"{{"type":"tool_use","name":{name},"input":{{{input}}}}}"#));
        }
        match kind {
            "text" => blocks.push(format!(r#"{{"type":"text","text":{}}}"#, text(piece))),
            "name" => name = Some(text(piece)),
            "key" => key = text(piece),
            "val" => params.push(format!("{key}:{}", text(piece))),
            "jval" => params.push(format!("{key}:{piece}")),
            _ => {}
        }
    }
    format!(r#"{{"role":"assistant","content":[{}]}}"#, blocks.join(","))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the corpus is no part of the project: who has it names its place")]
fn golden_messages_are_estimated_as_the_fit_did() {
    let Some(corpus) = std::env::var_os("CLAUDE_COST_CORPUS") else { return };
    let golden = Path::new(&corpus).join("../reference/token-golden.jsonl");
    let mut records = 0;
    for line in fs_err::read_to_string(golden).unwrap().lines() {
        let record: Golden = serde_json::from_str(line).unwrap();
        let message = read(&response(&record.pieces), &Cl100k).unwrap();
        let family = if record.family == "old" { Family::Old } else { Family::New };
        let estimate = message.content.estimate(message.form, family, Calibration::Measured);
        let predicted = decimal::parse(record.predicted.get(), 3).unwrap();
        // The record has two decimal places.
        assert!((i128::from(estimate.milli) - predicted).abs() <= 5, "{} for {line}", estimate.milli);
        records += 1;
    }
    assert_eq!(records, 31);
}
