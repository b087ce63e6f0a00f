//! What Claude Code would have written of two conversations.

use fs_err as fs;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::Sandbox;

pub(super) const FIRST: &str = "11111111-aaaa-4aaa-8aaa-000000000001";
pub(super) const SECOND: &str = "22222222-bbbb-4bbb-8bbb-000000000002";

const TITLE: &str = r#"{"type":"custom-title","customTitle":"Checkout | rewrite","sessionId":"11111111-aaaa-4aaa-8aaa-000000000001"}
"#;

/// One answer as Claude Code writes it down.
pub(super) fn answer(at: &str, place: (&str, &str), model: &str, usage: &Value) -> Value {
    let (directory, conversation) = place;
    json!({
        "type": "assistant", "timestamp": at, "sessionId": conversation, "cwd": directory, "gitBranch": "main",
        "version": "2.2.0", "requestId": format!("req_{at}"), "uuid": at,
        "message": {"id": format!("msg_{at}"), "role": "assistant", "model": model, "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "done"}], "usage": usage},
    })
}

pub(super) fn tokens(input: u64, output: u64) -> Value {
    json!({"input_tokens": input, "output_tokens": output})
}

/// Two conversations in two projects, on three days and in three models.
pub(super) fn used() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set_now("12:00");
    let (shop, blog) = (("/code/shop", FIRST), ("/code/blog", SECOND));
    let cached = json!({"input_tokens": 100, "output_tokens": 2000, "cache_read_input_tokens": 300_000,
        "cache_creation_input_tokens": 3000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 2000}});
    let mut fast = tokens(500, 1000);
    fast["speed"] = json!("fast");
    let mut unfinished = answer("2026-11-23T10:40:00.500Z", blog, "claude-opus-5-5", &tokens(10, 1));
    unfinished["version"] = json!("2.1.10");
    unfinished["message"]["stop_reason"] = Value::Null;
    unfinished["message"]["content"] = json!([{"type": "text", "text": "word ".repeat(200)}]);
    write(
        &sandbox,
        "-code-shop",
        FIRST,
        &[
            answer("2026-10-31T22:30:00.000Z", shop, "claude-opus-5-5", &cached),
            answer("2026-11-22T23:30:00.000Z", shop, "claude-sonnet-4-5-20250929", &tokens(1000, 2000)),
        ],
    );
    write(
        &sandbox,
        "-code-blog",
        SECOND,
        &[
            answer("2026-11-23T09:10:00.000Z", blog, "claude-opus-5-5", &fast),
            answer("2026-11-23T10:00:00.000Z", blog, "unheard-of", &tokens(70, 7)),
            unfinished,
        ],
    );
    sandbox
}

pub(super) fn write(sandbox: &Sandbox, project: &str, conversation: &str, answers: &[Value]) {
    let directory = sandbox.home().join(".claude/projects").join(project);
    fs::create_dir_all(&directory).unwrap();
    let title = if conversation == FIRST { TITLE } else { "" };
    let text: String = answers.iter().map(|line| format!("{line}\n")).chain([title.to_owned()]).collect();
    fs::write(directory.join(format!("{conversation}.jsonl")), text).unwrap();
}
