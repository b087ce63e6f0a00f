//! `claude-cost estimate`

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
              What the text is to the model

              Possible values:
              - prompt:   Text that a model is given
              - response: Text that a model wrote

              [default: prompt]

      -o, --output <TOKENS>
              Also show the cost with an answer of so many tokens (`1500`, `2k`)

          --json
              Print JSON

      -h, --help
              Print help (see a summary with '-h')

    Global options:
          --color <WHEN>
              Colour the output: `auto` asks the terminal and `NO_COLOR`

              [default: auto]

      -q, --quiet
              Print only what was asked for, no messages

      -c, --config <KEY=VALUE>
              Override one setting for this run, as in `-c model=opus`

    Examples:
      claude-cost estimate prompt.md
      claude-cost estimate src --model claude-opus-5-5 --model claude-haiku-4-5
      git diff | claude-cost estimate --output 2k
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
          "model": "claude-sonnet-4-6",
          "estimate": {
            "tokens": 16,
            "low": 14,
            "high": 18,
            "band_percent": 7,
            "family": "old",
            "calibration": "measured",
            "is_mostly_non_latin": false
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
            "is_mostly_non_latin": false
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
