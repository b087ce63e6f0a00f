//! `claude-cost estimate`

use std::time::Duration;
use std::time::Instant;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

#[test]
fn help() {
    let help = Sandbox::new().run(&["estimate", "--help"]);
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(help.join("\n"), @"
    exit 0
    --- stdout
    Estimate the tokens of text, and what they would cost

    Offline, with the error to expect. Each file counts as a prompt of its own. Directories are read as
    git sees them: without what is ignored; binary files are left out.

    Usage: claude-cost estimate [OPTIONS] [FILE]...

    Arguments:
      [FILE]...
              Files and directories to read; `-` is standard input, also read when it is piped and
              nothing is named

    Options:
      -m, --model <MODEL>
              Estimate for this model; can be given several times

          --as <FORM>
              What the files hold

              Possible values:
              - prompt:   Text that a model is given
              - response: Text that a model wrote
              - message:  JSON of the Messages API: a message, a response, an array of messages or a
                request

              [default: prompt]

      -o, --output <TOKENS>
              Also show the cost with an answer of so many tokens (`1500`, `2k`)

          --json
              Print JSON

      -h, --help
              Print help (see a summary with '-h')

    Global options:
          --color <WHEN>
              Colour output: auto, always or never

              [default: auto]

      -q, --quiet
              Print only what was asked for, no messages

      -c, --config <KEY=VALUE>
              Override a setting for this run, as in -c model=opus

    Examples:
      claude-cost estimate prompt.md
      claude-cost estimate src --model claude-opus-5-5 --model claude-haiku-4-5
      git diff | claude-cost estimate --output 2k
      claude-cost estimate --as message response.json
    ");
}

#[test]
fn a_file_with_two_models() {
    let sandbox = Sandbox::new();
    sandbox.write("prompt.md", "# Task\n\nAdd a middleware that checks the JWT of each request.\n");
    insta::assert_snapshot!(
        sandbox.run(&["estimate", "prompt.md", "--model", "claude-haiku-4-5", "-m", "claude-opus-5"]),
        @"
    exit 0
    --- stdout
    File       Model             Tokens  Band  As input  As output
    prompt.md  claude-haiku-4-5     ~22   ±7%  <$0.0001    $0.0001
    prompt.md  claude-opus-5        ~21  ±20%   $0.0001    $0.0005

    estimated offline, each file as a prompt of its own; 8 of 10 true counts lie within the band
    "
    );
}

#[test]
fn a_response_of_a_model_nobody_measured() {
    let sandbox = Sandbox::new();
    sandbox.write("answer.md", "It is done.\n");
    insta::assert_snapshot!(
        sandbox.run(&["estimate", "answer.md", "--as", "response", "--model", "gpt-5.2"]),
        @"
    exit 0
    --- stdout
    File       Model    Tokens  Band  As input  As output
    answer.md  gpt-5.2      ~7  ±25%  <$0.0001    $0.0001

    estimated offline, each file as a response of its own; 8 of 10 true counts lie within the band
    gpt-5.2: its tokenizer is not known, the figure is rough
    "
    );
}

#[test]
fn a_directory_without_what_is_binary() {
    let sandbox = Sandbox::new();
    sandbox.write("src/main.rs", "fn main() {\n    println!(\"hello\");\n}\n");
    sandbox.write("src/читать.md", "Прочитай это, пожалуйста.\n");
    sandbox.write("src/logo.png", b"\x89PNG\r\n\x1a\n\0\0");
    insta::assert_snapshot!(sandbox.run(&["estimate", "src", "--output", "2k"]), @"
    exit 0
    --- stdout
    File              Model              Tokens  Band  As input  As output  With 2,000 out
    src/main.rs       claude-sonnet-5-5     ~16  ±20%  <$0.0001    $0.0002         $0.0200
    src/читать.md     claude-sonnet-5-5     ~13  ±30%  <$0.0001    $0.0001         $0.0200
    Total of 2 files  claude-sonnet-5-5     ~29  ±25%   $0.0001    $0.0003         $0.0401

    estimated offline, each file as a prompt of its own; 8 of 10 true counts lie within the band
    claude-sonnet-5-5: taken to have the tokenizer of Claude 5, not verified
    mostly other scripts than Latin, where the band is ±30%: a guess
    --- stderr
    warning: 1 binary file left out
    ");
}

#[test]
fn json_holds_the_bounds() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "Read the whole file first, then answer.");
    insta::assert_snapshot!(sandbox.run(&["estimate", "--json", "-m", "claude-sonnet-4-6", "a.txt"]), @r#"
    exit 0
    --- stdout
    {
      "as": "prompt",
      "output_tokens": null,
      "rows": [
        {
          "file": "a.txt",
          "as": "prompt",
          "model": "claude-sonnet-4-6",
          "estimate": {
            "tokens": 16,
            "low": 14,
            "high": 18,
            "band_percent": 7,
            "family": "old",
            "calibration": "measured",
            "is_mostly_non_latin": false,
            "is_lower_bound": false
          },
          "costs": {
            "as_input": "0.000048",
            "as_output": "0.00024",
            "with_output": null
          }
        }
      ],
      "totals": [
        {
          "files": 1,
          "model": "claude-sonnet-4-6",
          "estimate": {
            "tokens": 16,
            "low": 14,
            "high": 18,
            "band_percent": 7,
            "family": "old",
            "calibration": "measured",
            "is_mostly_non_latin": false,
            "is_lower_bound": false
          },
          "costs": {
            "as_input": "0.000048",
            "as_output": "0.00024",
            "with_output": null
          }
        }
      ],
      "skipped": {
        "binary": 0,
        "unreadable": 0
      }
    }
    "#);
}

#[test]
fn text_is_piped_in() {
    let sandbox = Sandbox::new();
    let named = sandbox.run_with_input(&["estimate", "-"], b"Hello \xff there\n");
    assert!(named.contains("(standard input)"), "{named}");
    assert_eq!(sandbox.run_with_input(&["estimate"], b"Hello \xff there\n"), named);
}

#[test]
fn two_names_of_a_model_are_one() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "a");
    assert_eq!(
        sandbox.run(&["estimate", "a.txt", "-m", "claude-opus-5", "-m", "claude-opus-5"]),
        sandbox.run(&["estimate", "a.txt", "-m", "claude-opus-5"])
    );
}

#[test]
fn refusals_name_the_way_out() {
    let sandbox = Sandbox::new();
    sandbox.write("image", b"\0\x01");
    let refusals = [
        sandbox.run(&["estimate"]),
        sandbox.run(&["estimate", "missing.md"]),
        sandbox.run(&["estimate", "image"]),
        sandbox.run(&["estimate", "image", "--as", "response", "--output", "5"]),
        sandbox.run(&["estimate", "image", "--output", "many"]),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r"
    exit 2
    --- stderr
    error: nothing to estimate
    hint: name a file or a directory, or pipe text in: git diff | claude-cost estimate

    exit 1
    --- stderr
    error: there is no file `missing.md`
    hint: check the path; `-` is standard input

    exit 1
    --- stderr
    warning: 1 binary file left out
    error: there is no text to estimate
    hint: name a text file, or a directory with some

    exit 2
    --- stderr
    error: a response has no answer, so `--output` says nothing
    hint: leave out `--output`, or `--as response`

    exit 2
    --- stderr
    error: invalid value 'many' for '--output <TOKENS>': not a count of tokens

    For more information, try '--help'.
    ");
}

const RESPONSE: &str = r#"{"id":"msg_01","type":"message","role":"assistant","stop_reason":"tool_use","content":[
  {"type":"text","text":"I'll read the middleware first."},
  {"type":"tool_use","id":"toolu_01","name":"Read","input":{"file_path":"/srv/app/src/auth/middleware.ts"}}]}"#;

#[test]
fn a_response_as_json_counts_its_call() {
    let sandbox = Sandbox::new();
    sandbox.write("response.json", RESPONSE);
    insta::assert_snapshot!(
        sandbox.run(&["estimate", "--as", "message", "response.json", "-m", "claude-sonnet-4-6"]),
        @"
    exit 0
    --- stdout
    File           Model              Tokens  Band  As input  As output
    response.json  claude-sonnet-4-6     ~72   ±5%   $0.0002    $0.0011

    estimated offline, with the framing of messages and calls; 8 of 10 true counts lie within the band
    "
    );
}

#[test]
fn hidden_thinking_leaves_a_lower_bound() {
    let sandbox = Sandbox::new();
    let thought = r#"{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"x"},{"type":"text","text":"It is done."}]}"#;
    sandbox.write("thought.json", thought);
    sandbox.write("request.json", r#"{"system":"Be brief.","messages":[{"role":"user","content":"Is it done?"}]}"#);
    insta::assert_snapshot!(
        sandbox.run(&["estimate", "--as", "message", "thought.json", "request.json", "-o", "1k", "-m", "claude-opus-5"]),
        @"
    exit 0
    --- stdout
    File              Model          Tokens  Band  As input  As output  With 1,000 out
    thought.json      claude-opus-5      ≥6  ±20%  <$0.0001    $0.0002               —
    request.json      claude-opus-5      ~8  ±20%  <$0.0001    $0.0002         $0.0250
    Total of 2 files  claude-opus-5     ≥14  ±20%   $0.0001    $0.0004               —

    estimated offline, with the framing of messages and calls; 8 of 10 true counts lie within the band
    ≥: hidden thinking, images or tools are in it, whose tokens cannot be told
    "
    );
    let json = sandbox.stdout(&["estimate", "--as", "message", "thought.json", "--json"]);
    for part in ["\"as\": \"message\"", "\"as\": \"response\"", "\"is_lower_bound\": true"] {
        assert!(json.contains(part), "{part} is not in {json}");
    }
}

#[test]
fn what_is_no_message_says_what_one_is() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.md", "# Notes\n");
    sandbox.write("broken.json", "{\"role\": \"assistant\",\n \"content\": [{\"type\": \"text\"");
    sandbox.write("response.json", RESPONSE);
    let refusals = [
        sandbox.run(&["estimate", "--as", "message", "notes.md"]),
        sandbox.run(&["estimate", "--as", "message", "broken.json"]),
        sandbox.run(&["estimate", "--as", "message", "notes.md", "broken.json"]),
        sandbox.run(&["estimate", "--as", "message", "notes.md", "response.json", "-m", "claude-opus-5"]),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    exit 1
    --- stderr
    error: notes.md is no message of the Messages API: it is neither a JSON object nor an array
    hint: give JSON as the Messages API has it: {"role": "user", "content": …}, a response, an array of messages, or a request with `messages`

    exit 1
    --- stderr
    error: broken.json is no message of the Messages API: EOF while parsing an object at line 2 column 28
    hint: give JSON as the Messages API has it: {"role": "user", "content": …}, a response, an array of messages, or a request with `messages`

    exit 1
    --- stderr
    warning: 2 unreadable files left out, the first: notes.md is no message of the Messages API: it is neither a JSON object nor an array
    error: there is no text to estimate
    hint: give JSON as the Messages API has it: {"role": "user", "content": …}, a response, an array of messages, or a request with `messages`

    exit 0
    --- stdout
    File           Model          Tokens  Band  As input  As output
    response.json  claude-opus-5     ~70   ±6%   $0.0004    $0.0018

    estimated offline, with the framing of messages and calls; 8 of 10 true counts lie within the band
    --- stderr
    warning: 1 unreadable file left out, the first: notes.md is no message of the Messages API: it is neither a JSON object nor an array
    "#);
}

#[test]
fn estimates_follow_the_persons_own_answers() {
    let sandbox = Sandbox::new();
    sandbox.write("prompt.txt", "Please check the tokens of this prompt, all of them.");
    let estimate = |sandbox: &Sandbox| sandbox.run(&["estimate", "prompt.txt", "--model", "opus"]);
    let before = estimate(&sandbox);
    let command: &'static str = "echo check the tokens of this line, and all other ones; ".repeat(16).leak();
    let answers: Vec<Answer> = (0..45)
        .map(|number| {
            let id: &'static str = format!("m{number}").leak();
            Answer::new(id, &format!("2026-11-20T10:{number:02}:00.000Z"), 400).tool("Bash", command)
        })
        .collect();
    sandbox.answers(&answers);
    insta::assert_snapshot!(sandbox.run(&["sync"]), @"
    exit 0
    --- stdout
    read 1 transcript: 45 exchanges new; the ledger holds 45 exchanges
    estimates for claude from 4.7: × 1.100, as 45 answers of your own were billed
    ");
    let after = estimate(&sandbox);
    assert_ne!(before, after);
    insta::assert_snapshot!(after, @"
    exit 0
    --- stdout
    File        Model            Tokens  Band  As input  As output
    prompt.txt  claude-opus-5-5     ~19  ±20%   $0.0001    $0.0004

    estimated offline, each file as a prompt of its own; 8 of 10 true counts lie within the band
    claude-opus-5-5: × 1.100, as 45 answers of your own were billed; half of them within 14.9% of the estimate, 8 of 10 within 14.9%
    ");
    sandbox.run(&["start", "Fitted"]);
    insta::assert_snapshot!(sandbox.run(&["log", "--input-text", "prompt.txt", "asked", "--model", "opus"]), @"
    exit 0
    --- stderr
    logged ~19 in, ~0 out, $0.0001 (from text, within 20 %); Fitted is at $0.0001
    the estimate is × 1.100, as 45 answers of your own were billed
    ");
}

#[test]
fn a_report_that_brings_answers_has_estimates_fitted_to_them() {
    let sandbox = Sandbox::new();
    let answers: Vec<Answer> = (0..60)
        .map(|number| Answer::new(format!("m{number}"), &format!("2026-11-20T10:{number:02}:00.000Z"), 400))
        .collect();
    let fits = |sandbox: &Sandbox| sandbox.stdout(&["doctor"]).contains("× 1.100 by");
    let report = |sandbox: &Sandbox| {
        let mut command = sandbox.claude_cost(&["daily"]);
        assert!(command.env_remove("CLAUDE_COST_STATUSLINE_SYNC").output().unwrap().status.success());
    };
    sandbox.answers(&answers[..39]);
    report(&sandbox);
    assert!(!sandbox.data().join("background.lock").exists(), "too few to be of use");
    sandbox.answers(&answers[39..]);
    report(&sandbox);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !fits(&sandbox) {
        assert!(Instant::now() < deadline, "{}", sandbox.stdout(&["doctor"]));
    }
    let lock = sandbox.data().join("background.lock");
    fs_err::File::open(&lock).unwrap().file().lock().unwrap();
    // Nothing new, nothing to look at.
    fs_err::remove_file(&lock).unwrap();
    report(&sandbox);
    assert!(!lock.exists());
}
