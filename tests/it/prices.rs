//! `claude-cost prices`

#[cfg(feature = "net")]
use std::io::Read;
#[cfg(feature = "net")]
use std::io::Write;
#[cfg(feature = "net")]
use std::net::TcpListener;

use crate::sandbox::Sandbox;

const LITELLM: &str = r#"{"sample_spec":{"litellm_provider":"one of these"},
"claude-opus-5-5":{"litellm_provider":"anthropic","input_cost_per_token":3e-06,"output_cost_per_token":2e-05},
"claude-opus-5":{"litellm_provider":"anthropic","input_cost_per_token":5e-06,"output_cost_per_token":2.5e-05,"cache_read_input_token_cost":5e-07},
"gpt-9":{"litellm_provider":"openai","input_cost_per_token":1e-06,"output_cost_per_token":2e-06},
"gpt-bad":{"litellm_provider":"openai","input_cost_per_token":"much","output_cost_per_token":2e-06}}"#;

#[test]
fn lists_what_matches() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["prices", "list", "haiku"]), @"
    exit 0
    --- stdout
    Model                      Vendor     Input  Output  Write 5m  Write 1h  Read
    claude-3-5-haiku-20241022  anthropic   0.80    4.00      1.00      1.60  0.08
    claude-3-haiku-20240307    anthropic   0.25    1.25      0.30      0.50  0.03
    claude-haiku-4-5-20251001  anthropic   1.00    5.00      1.25      2.00  0.10
    claude-haiku-5-5           anthropic   0.10    0.50     0.125      0.20  0.01  long

    US dollars a million tokens
    long: long prompts cost more, see claude-cost prices show MODEL
    --- stderr
    the built-in prices are as of 2026-11-22; claude-cost prices show MODEL tells all of one
    ");
    insta::assert_snapshot!(sandbox.run(&["prices", "list", "--vendor", "nobody"]), @r"
    exit 1
    --- stderr
    error: no model matches
    hint: claude-cost prices list shows all; claude-cost prices set adds one
    ");
}

#[test]
fn every_line_of_the_list_fits_the_terminal() {
    let sandbox = Sandbox::new();
    let widest = sandbox.stdout(&["prices", "list"]).lines().map(|line| line.chars().count()).max();
    assert!(widest.unwrap() <= 100, "{widest:?}");
}

#[test]
fn shows_all_that_is_known_of_a_model() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["prices", "show", "us.anthropic.claude-sonnet-5-5"]), @"
    exit 0
    --- stdout
    claude-sonnet-5-5 (anthropic)

    From        For          Input  Output  Write 5m  Write 1h  Read
    the start   any request   2.00   10.00      2.50      4.00  0.20
    2026-10-07  any request   2.00   10.00      2.50      4.00  0.10  now

    US dollars a million tokens

    found by    its name without decoration: us.anthropic.claude-sonnet-5-5, in a regional profile
    factors     batch ×0.5, US only ×1.1, regional ×1.1, GovCloud ×1.2
    web search  $0.01 each
    context     1,000,000 tokens
    released    2026-09-28
    source      https://platform.claude.com/docs/en/models/overview and the pages of each model, September and October 2026; LiteLLM 1.109.1
    confidence  high
    ");
    insta::assert_snapshot!(sandbox.run(&["prices", "show", "vercel/bandwidth"]), @r"
    exit 0
    --- stdout
    Item              Price  Unit
    vercel/bandwidth  $0.15  per GB  after 100 GB
    ");
}

#[test]
fn an_unknown_model_has_no_price_but_a_way_out() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["prices", "show", "claude-opsu-5-5"]), @r"
    exit 1
    --- stderr
    error: no price is known for `claude-opsu-5-5`
    hint: did you mean claude-opus-5-5 or claude-opus-4-5 or claude-opus-4-0? if not, state it: claude-cost prices set claude-opsu-5-5 --input USD --output USD
    ");
}

#[test]
fn a_price_of_ones_own_is_set_and_removed() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["prices", "set", "my-model", "--input", "$3", "--output", "15", "--cache-read", "0.3"]), @r"
    exit 0
    --- stderr
    my-model costs $3.00 in and $15.00 out a million tokens
    ");
    insta::assert_snapshot!(sandbox.run(&["prices", "list", "my-"]), @"
    exit 0
    --- stdout
    Model     Vendor  Input  Output  Write 5m  Write 1h  Read
    my-model           3.00   15.00         —         —  0.30  yours

    US dollars a million tokens
    --- stderr
    the built-in prices are as of 2026-11-22; claude-cost prices show MODEL tells all of one
    ");
    insta::assert_snapshot!(sandbox.run(&["prices", "remove", "my-model"]), @r"
    exit 0
    --- stderr
    removed your price of my-model; it has no price now
    ");
    insta::assert_snapshot!(sandbox.run(&["prices", "remove", "my-model"]), @r"
    exit 1
    --- stderr
    error: `my-model` has no price of your own
    hint: claude-cost prices list marks those that are yours
    ");
}

#[test]
fn a_price_from_a_day_on_keeps_the_one_before() {
    let sandbox = Sandbox::new();
    let set = ["prices", "set", "claude-opus-4.8", "--input", "2", "--output", "8", "--from", "2026-11-01"];
    insta::assert_snapshot!(sandbox.run(&set), @r"
    exit 0
    --- stderr
    claude-opus-4-8 costs $2.00 in and $8.00 out a million tokens from 2026-11-01
    ");
    let shown = sandbox.stdout(&["prices", "show", "claude-opus-4-8"]);
    insta::assert_snapshot!(shown.lines().skip(2).take(3).collect::<Vec<_>>().join("\n"), @"
    From        For          Input  Output  Write 5m  Write 1h  Read
    the start   any request   5.00   25.00      6.25     10.00  0.50
    2026-11-01  any request   2.00    8.00      6.25     10.00  0.50  now
    ");
    insta::assert_snapshot!(sandbox.run(&["prices", "remove", "claude-opus-4-8"]), @r"
    exit 0
    --- stderr
    removed your price of claude-opus-4-8; the built-in price holds again
    ");
}

#[test]
fn what_is_no_price_is_refused() {
    let sandbox = Sandbox::new();
    for (model, input) in
        [("m", "much"), ("m", "-1"), ("m", "0.0000001"), ("two words", "1"), ("", "1"), ("a\u{1b}[2J", "1")]
    {
        let output =
            sandbox.claude_cost(&["prices", "set", model, "--output", "1", &format!("--input={input}")]).output();
        assert_eq!(output.unwrap().status.code(), Some(2), "{model:?} {input}");
    }
    assert!(!sandbox.config().join("prices.json").exists());
}

#[test]
fn an_import_shows_what_it_changes_and_begins_now() {
    let sandbox = Sandbox::new();
    sandbox.write("litellm.json", LITELLM);
    insta::assert_snapshot!(sandbox.run(&["prices", "import", "litellm.json"]), @"
    exit 0
    --- stdout
    Model            Price of   Was   Now
    claude-opus-5-5  input     4.00  3.00
    gpt-9            input        —  1.00
    gpt-9            output       —  2.00

    US dollars a million tokens
    --- stderr
    warning: 1 row could not be read: gpt-bad (input_cost_per_token is `much`: not a number)
    2 new or changed prices hold from now on, in [ROOT]/home/.config/claude-cost/prices.json
    1 price is as it was; 1 row was left out
    ");
    let shown = sandbox.stdout(&["prices", "show", "claude-opus-5-5"]);
    insta::assert_snapshot!(shown.lines().skip(2).take(3).collect::<Vec<_>>().join("\n"), @"
    From                  For          Input  Output  Write 5m  Write 1h  Read
    the start             any request   4.00   20.00      5.00      8.00  0.20
    2026-11-23T12:00:00Z  any request   3.00   20.00      5.00      8.00  0.20  now
    ");
    let again = sandbox.run(&["prices", "import", "litellm.json"]);
    assert!(again.contains("3 prices are as they were"), "{again}");
}

#[cfg(feature = "net")]
#[test]
fn an_update_downloads_only_from_where_it_is_told() {
    let sandbox = Sandbox::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/prices.json", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", LITELLM.len());
        stream.write_all((head + LITELLM).as_bytes()).unwrap();
    });
    let output = sandbox.run(&["prices", "update", "--url", &url]);
    server.join().unwrap();
    assert!(output.contains("2 new or changed prices hold from now on"), "{output}");
}

#[test]
fn a_broken_file_of_the_user_is_named() {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.config()).unwrap();
    fs_err::write(sandbox.config().join("prices.json"), "{\n\"modles\": []}").unwrap();
    insta::assert_snapshot!(sandbox.run(&["prices", "list"]), @r"
    exit 1
    --- stderr
    error: cannot read prices from [ROOT]/home/.config/claude-cost/prices.json: unknown field `modles`, expected one of `version`, `gathered`, `notice`, `sources`, `short_names`, `models`, `infra` at line 2 column 8
    hint: mend the file, or move it away to go back to the built-in prices
    ");
}

#[test]
fn json_has_the_prices_as_text() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.stdout(&["prices", "list", "claude-opus-5-5", "--json"]), @r#"
    [
      {
        "model": "claude-opus-5-5",
        "vendor": "anthropic",
        "kind": "chat",
        "rates": {
          "in": "4.00",
          "out": "20.00",
          "write_5m": "5.00",
          "write_1h": "8.00",
          "read": "0.20"
        },
        "long_prompt_over": null,
        "has_off_peak": false,
        "is_own": false
      }
    ]
    "#);
    let detail = sandbox.stdout(&["prices", "show", "opus[1m]", "--json"]);
    for part in
        ["\"found_by\": \"short-name\"", "\"region\": \"global\"", "\"confidence\": \"high\"", "\"fast_now\": \"2\""]
    {
        assert!(detail.contains(part), "{part} is not in {detail}");
    }
}

#[test]
fn many_processes_at_once_lose_no_price() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..12).map(|number| format!("model-{number}")).collect();
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            sandbox.claude_cost(&["prices", "set", "-q", name, "--input", "1", "--output", "2"]).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let listed = sandbox.stdout(&["prices", "list", "model-", "--json"]);
    assert_eq!(listed.matches("\"is_own\": true").count(), names.len(), "{listed}");
}

#[test]
fn names_are_whole_on_a_narrow_terminal() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.claude_cost(&["prices", "list", "claude-"]);
    let output = command.env("COLUMNS", "80").output().unwrap();
    insta::assert_snapshot!(sandbox.transcript(&output), @"
    exit 0
    --- stdout
    Model                       Input  Output  Write 5m  Write 1h  Read
    claude-3-5-haiku-20241022    0.80    4.00      1.00      1.60  0.08
    claude-3-5-sonnet-20240620   3.00   15.00      3.75      6.00  0.30
    claude-3-5-sonnet-20241022   3.00   15.00      3.75      6.00  0.30
    claude-3-7-sonnet-20250219   3.00   15.00      3.75      6.00  0.30
    claude-3-haiku-20240307      0.25    1.25      0.30      0.50  0.03
    claude-3-opus-20240229      15.00   75.00     18.75     30.00  1.50
    claude-3-sonnet-20240229     3.00   15.00         —         —     —
    claude-fable-5              10.00   50.00     12.50     20.00  1.00
    claude-fable-5-1            10.00   50.00     12.50     20.00  0.25
    claude-fable-5-2             8.00   40.00     10.00     16.00  0.20
    claude-haiku-4-5-20251001    1.00    5.00      1.25      2.00  0.10
    claude-haiku-5-5             0.10    0.50     0.125      0.20  0.01  long
    claude-mythos-5             10.00   50.00     12.50     20.00  1.00
    claude-mythos-5-1           10.00   50.00     12.50     20.00  0.25
    claude-mythos-5-2            8.00   40.00     10.00     16.00  0.20
    claude-mythos-preview       10.00   50.00     12.50     20.00  1.00
    claude-opus-4-1-20250805    15.00   75.00     18.75     30.00  1.50
    claude-opus-4-20250514      15.00   75.00     18.75     30.00  1.50
    claude-opus-4-5-20251101     5.00   25.00      6.25     10.00  0.50
    claude-opus-4-6              5.00   25.00      6.25     10.00  0.50
    claude-opus-4-7              5.00   25.00      6.25     10.00  0.50
    claude-opus-4-8              5.00   25.00      6.25     10.00  0.50
    claude-opus-5                5.00   25.00      6.25     10.00  0.50
    claude-opus-5-5              4.00   20.00      5.00      8.00  0.20
    claude-sonnet-4-20250514     3.00   15.00      3.75      6.00  0.30  long
    claude-sonnet-4-5-20250929   3.00   15.00      3.75      6.00  0.30  long
    claude-sonnet-4-6            3.00   15.00      3.75      6.00  0.30
    claude-sonnet-5              2.00   10.00      2.50      4.00  0.20
    claude-sonnet-5-5            2.00   10.00      2.50      4.00  0.10

    US dollars a million tokens
    long: long prompts cost more, see claude-cost prices show MODEL
    --- stderr
    the built-in prices are as of 2026-11-22; claude-cost prices show MODEL tells all of one
    ");
}

#[test]
fn cheaper_hours_are_named() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.run(&["prices", "show", "deepseek-flash"]), @"
    exit 0
    --- stdout
    deepseek-flash (deepseek)

    From    For             Input  Output  Write 5m  Write 1h   Read
    always  any request      0.30    1.20      0.00         —  0.006
            off-peak hours   0.15    0.60      0.00         —  0.003

    US dollars a million tokens

    found by    its id: deepseek-flash
    also named  deepseek-v4-flash
    off-peak    Mon-Fri 00:00-01:00, 04:00-06:00, 10:00-00:00 UTC; Sat-Sun all day UTC
    context     1,000,000 tokens
    source      https://api-docs.deepseek.com/quick_start/pricing
    confidence  high
    note        peak and off-peak since 2026-08-16; on Chinese public holidays all day is off-peak, which is not known here
    ");
}
