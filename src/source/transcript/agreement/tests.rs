//! Lines as no program writes them, which all ways of reading must take alike.

use super::*;
use crate::source::transcript::tests::TEXT;
use crate::source::transcript::tests::answer;

/// A key of the counters, and something else than the usual for it.
fn any_count() -> impl proptest::strategy::Strategy<Value = Option<(&'static str, &'static str)>> {
    use proptest::prelude::*;
    let key = prop::sample::select(vec![
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "server_tool_use",
    ]);
    let value = prop::sample::select(vec![
        "null",
        "1e3",
        "1500.0",
        "1500.5",
        "-5",
        "-0",
        "1e400",
        "18446744073709551616",
        "1000000000001",
        "\"1500\"",
        "\"lots\"",
        "\"\"",
        "true",
        r#"{"a":1}"#,
        "[1]",
        "{}",
        "[]",
    ]);
    prop::option::of((key, value))
}

/// Of a key that comes twice the last counts.
fn with_count(line: &str, count: Option<(&str, &str)>) -> String {
    let Some((key, value)) = count else { return line.to_owned() };
    line.replacen(r#""service_tier""#, &format!(r#""{key}":{value},"service_tier""#), 1)
}

/// A line changed in a few places, as no program writes it.
fn any_line() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let content = prop::sample::select(vec![
        TEXT,
        "[]",
        "\"plain\"",
        r#"[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"git commit -m \"a],\\\"stop_reason\\\":\""}}]"#,
        r#"[{"type":"tool_use","id":"t","name":"x","input":{"a":[1],"stop_reason":2,"message":{"content":[]}}}]"#,
        r#"[{"type":"text","text":"}}],\"stop_reason\":\"usage\":{"}]"#,
    ]);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, any::<u8>()), 0..4);
    (content, any_count(), changes).prop_map(|(content, count, changes)| {
        let mut line = with_count(&answer("m1", 10, content), count).into_bytes();
        for (at, what, byte) in changes {
            if line.is_empty() {
                break;
            }
            let at = at.index(line.len());
            match what {
                0 => line[at] = byte,
                1 => drop(line.remove(at)),
                2 => line.insert(at, byte),
                3 => line.insert(at, b' '),
                4 => line.truncate(at.max(1)),
                _ => line.extend_from_within(at..),
            }
        }
        line
    })
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(2000))]
    #[test]
    fn the_quick_way_gives_what_the_full_parser_gives(line in any_line()) {
        check(&line);
    }
}

/// A line of a transcript in which all that may differ from line to line does, and now and then more than that.
fn any_alike() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let content = prop::sample::select(vec![
        TEXT,
        "[]",
        r#"[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"git commit -m x"}}]"#,
        r#"[{"type":"tool_use","id":"t","name":"Read","input":{"path":"x"}}]"#,
        r#"[{"type":"tool_use","id":"t","name":"Read","input":{}},{"type":"tool_use","id":"t","name":"Edit","input":{}}]"#,
        r#"[{"type":"text","text":"\"message\":{"}]"#,
        r#"[{"type":"tool_use","id":"t","name":"x","input":{"usage":{"output_tokens":7}}}]"#,
    ]);
    let change = prop::sample::select(vec![
        ("", ""),
        ("", ""),
        ("", ""),
        (r#""parentUuid":"u1""#, r#""parentUuid":null"#),
        (r#""stop_reason":null"#, r#""stop_reason":"end_turn""#),
        (r#""service_tier":"standard""#, r#""service_tier":"batch","speed":"fast""#),
        (r#""service_tier":"standard""#, r#""iterations":[{"type":"advisor_message","output_tokens":4,"model":"m"}]"#),
        (r#""output_tokens":"#, r#""output_tokens":1.5,"x":"#),
        (r#""cwd":"/w/app/src""#, r#""cwd":"/w/app""#),
        ("claude-opus-5-5", "claude-haiku-5-5"),
        ("2.1.330", "2.1.17"),
        (r#""type":"assistant""#, r#""isApiErrorMessage":true,"type":"assistant""#),
        (r#""isSidechain":false"#, r#""isSidechain":true"#),
    ]);
    let id = prop::sample::select(vec!["m1", "m2", "m_3"]);
    (id, content, any_count(), 0_u64..3, 0_u64..3, change).prop_map(
        |(id, content, count, output, second, (from, to))| {
            let line = with_count(&answer(id, output, content), count)
                .replace("10:00:05.123Z", &format!("10:00:0{second}.123Z"));
            if from.is_empty() { line } else { line.replacen(from, to, 1) }.into_bytes()
        },
    )
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(1000))]
    #[test]
    fn lines_that_are_alike_are_read_as_if_they_stood_alone(lines in proptest::collection::vec(any_alike(), 1..10)) {
        check(&lines.join(&b'\n'));
    }
}
