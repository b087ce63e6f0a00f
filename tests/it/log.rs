//! `claude-cost log` and `claude-cost note`

use crate::sandbox::Sandbox;

#[test]
fn records_what_an_exchange_took() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:10 claude-cost log 1500 800 token validation
        09:20 claude-cost log 12k 3.5k 'read the spec' --task plan --model opus --cache-read 40k --cache-write 1,000 --cache-write-1h 2M
        09:30 claude-cost log 1 0 tiny
        09:40 claude-cost log 0 0 nothing
        09:50 claude-cost log 10 10 earlier --at 9:15
        09:50 claude-cost log 10 10 on top --extra
        09:51 claude-cost note 'the library has no refresh tokens'
        10:00 claude-cost show --format csv
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost log 1500 800 token validation
    ! logged 1,500 in, 800 out, $0.0110; JWT is at $0.0110
    $ 09:20 claude-cost log 12k 3.5k 'read the spec' --task plan --model opus --cache-read 40k --cache-write 1,000 --cache-write-1h 2M
    ! logged 12,000 in, 3,500 out, 40,000 cache read, 2,001,000 cache written, plan, $16.13; JWT is at $16.14
    $ 09:30 claude-cost log 1 0 tiny
    ! logged 1 in, 0 out, <$0.0001; JWT is at $16.14
    $ 09:40 claude-cost log 0 0 nothing
    ! logged $0.00; JWT is at $16.14
    $ 09:50 claude-cost log 10 10 earlier --at 9:15
    ! logged 10 in, 10 out, $0.0001; JWT is at $16.14
    $ 09:50 claude-cost log 10 10 on top --extra
    ! logged 10 in, 10 out, $0.0001; JWT is at $16.14
    $ 09:51 claude-cost note 'the library has no refresh tokens'
    ! noted in JWT
    $ 10:00 claude-cost show --format csv
    number,at,task,model,input_tokens,output_tokens,cache_write_tokens,cache_read_tokens,cost_usd,basis,infra,text
    1,2026-11-23T09:10:00Z,,claude-sonnet-5-5,1500,800,0,0,0.011,stated,,token validation
    2,2026-11-23T09:15:00Z,,claude-sonnet-5-5,10,10,0,0,0.00012,stated,,earlier
    3,2026-11-23T09:20:00Z,plan,claude-opus-5-5,12000,3500,2001000,40000,16.131,stated,,read the spec
    4,2026-11-23T09:30:00Z,,claude-sonnet-5-5,1,0,0,0,0.000002,stated,,tiny
    5,2026-11-23T09:40:00Z,,claude-sonnet-5-5,0,0,0,0,0.00,stated,,nothing
    6,2026-11-23T09:50:00Z,,claude-sonnet-5-5,10,10,0,0,0.00012,stated,,on top
    7,2026-11-23T09:51:00Z,,,,,,,,note,,the library has no refresh tokens
    ");
}

#[test]
fn tokens_come_from_texts_too() {
    let mut sandbox = Sandbox::new();
    sandbox.write("prompt.md", "Please write a function that adds two numbers.\n".repeat(20));
    sandbox.write("answer.md", "fn add(a: i32, b: i32) -> i32 { a + b }\n".repeat(20));
    sandbox.write("binary", [0_u8, 159, 146, 150]);
    insta::assert_snapshot!(sandbox.play("
        claude-cost start JWT
        claude-cost log --input-text prompt.md --output-text answer.md design review
        cat prompt.md | claude-cost log --input-text - from a pipe
        claude-cost log --input-text prompt.md 10 20 both
        claude-cost log --input-text none.md x
        claude-cost log --input-text binary x
        claude-cost log --input-text prompt.md
    "), @"
    $ claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost log --input-text prompt.md --output-text answer.md design review
    ! logged ~285 in, ~465 out, $0.0052 (from text, within 8 %); JWT is at $0.0052
    $ cat prompt.md | claude-cost log --input-text - from a pipe
    ! logged ~285 in, ~0 out, $0.0006 (from text, within 8 %); JWT is at $0.0058
    $ claude-cost log --input-text prompt.md 10 20 both
    ! error: tokens are either counted or taken from a text, not both
    ! hint: leave the counts out, or --input-text and --output-text
    [exit 2]
    $ claude-cost log --input-text none.md x
    ! error: failed to open file `none.md`: No such file or directory (os error 2)
    [exit 1]
    $ claude-cost log --input-text binary x
    ! error: `binary` is not text
    ! hint: give the text of the prompt or of the answer; the counts themselves go before it as numbers
    [exit 1]
    $ claude-cost log --input-text prompt.md
    ! error: the text is empty
    ! hint: say in a few words what it is
    [exit 2]
    ");
}

#[test]
fn infrastructure_is_priced_by_its_unit() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start tuning
        claude-cost log --infra runpod/a100-80gb=1.5h fine-tuning run
        claude-cost log 100 100 and a question --infra runpod/a100-80gb=30
        claude-cost log --infra runpod/a100-80gb=1gb x
        claude-cost log --infra runpod/a100-80gb=-1 x
        claude-cost log --infra runpod x
        claude-cost log --infra nowhere/gpu=1 x
        10:00 claude-cost end
        cat .claude-cost/reports/*.md ../home/.local/share/claude-cost/reports/*.md 2>/dev/null | sed -n '/^## Cost/,/^## Commits/p'
    "), @"
    $ 09:00 claude-cost start tuning
    ! started tuning in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost log --infra runpod/a100-80gb=1.5h fine-tuning run
    ! logged runpod/a100-80gb=1.5h, $3.44; tuning is at $3.44
    $ claude-cost log 100 100 and a question --infra runpod/a100-80gb=30
    ! logged 100 in, 100 out, runpod/a100-80gb=30, $68.70; tuning is at $72.14
    $ claude-cost log --infra runpod/a100-80gb=1gb x
    ! error: the unit of runpod/a100-80gb is hour, not `gb`
    ! hint: write it as runpod/a100-80gb=1
    [exit 2]
    $ claude-cost log --infra runpod/a100-80gb=-1 x
    ! error: `runpod/a100-80gb=-1`: a quantity must be more than nothing
    ! hint: write it as runpod/a100-80gb=1.5h
    [exit 2]
    $ claude-cost log --infra runpod x
    ! error: `runpod`: not of the form ITEM=QUANTITY
    ! hint: write it as runpod/a100-80gb=1.5h
    [exit 2]
    $ claude-cost log --infra nowhere/gpu=1 x
    ! error: no price is known for `nowhere/gpu`
    ! hint: there are runpod/a100-40gb, runpod/a100-80gb, runpod/a6000, runpod/rtx-3090, runpod/rtx-4090, supabase/bandwidth, supabase/database, supabase/functions, supabase/storage, vercel/bandwidth, vercel/functions, vercel/storage
    [exit 2]
    $ 10:00 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-tuning-[ID].md
    ! ended tuning: $72.14 in 1h 00m ($72.14 an hour), 2 entries
    $ cat .claude-cost/reports/*.md ../home/.local/share/claude-cost/reports/*.md 2>/dev/null | sed -n '/^## Cost/,/^## Commits/p'
    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0002 |
    | Output | $0.0010 |
    | Infrastructure | $72.1350 |
    | **Total** | **$72.1362** |
    | An hour, by wall time | $72.1362 |
    | An exchange, on average | $0.0012 |

    | Model or item | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | runpod/a100-80gb | | | | $72.1350 | 100.0% |
    | claude-sonnet-5-5 | 1 | 100 | 100 | $0.0012 | 0.0% |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | other | 1 | 100 | 100 | $72.1362 | 100.0% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 100 |
    | Output | 100 |
    | **Total** | **200** |
    | Output for each input | 1.00 |
    | A minute, by wall time | 3.33 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 09:00 |  |  |  | $3.4350 | fine-tuning run (runpod/a100-80gb, 1.5 h) |
    | 2 | 09:00 |  | 100 | 100 | $68.7012 | and a question (runpod/a100-80gb, 30 h) |

    The model is claude-sonnet-5-5 where none is named.

    ## Commits
    ");
}

#[test]
fn what_has_no_price_is_not_known_and_never_nothing() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start mixed
        09:10 claude-cost log 100 200 what --model nosuch
        09:10 claude-cost status
        09:10 claude-cost status --format prompt
        09:10 claude-cost show
        09:20 claude-cost log 1000 2000 known
        09:20 claude-cost status
        09:20 claude-cost status --format prompt
        10:00 claude-cost end
        10:00 claude-cost sessions
        10:00 claude-cost prices set nosuch --input 1 --output 2
        10:00 claude-cost sessions
    "), @"
    $ 09:00 claude-cost start mixed
    ! started mixed in work on main, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost log 100 200 what --model nosuch
    ! logged 100 in, 200 out, cost not known
    ! warning: no price is known for nosuch: its cost is not in the total
    ! hint: set one with claude-cost prices set
    $ 09:10 claude-cost status
    mixed  running in work on main  [ID]
      time     10m since 2026-11-23 09:00, 10m active
      cost     not known (300 unpriced tokens)
      tokens   100 in, 200 out in 1 entry
      last     09:10 what
    $ 09:10 claude-cost status --format prompt
    mixed cost ?
    $ 09:10 claude-cost show
    # mixed

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 09:00 to now (UTC) |
    | Duration | 10m, of which 10m active |
    | State | running |
    | Session | [ID] |

    **Cost not known** for 100 tokens in and 200 out.

    Not in any amount, because their price is not known: nosuch (300 tokens).

    ## Cost

    | | |
    | --- | ---: |
    | **Total** | **—** |
    | Without a known price | nosuch |

    | Model | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | nosuch | 1 | 100 | 200 | — | — |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | other | 1 | 100 | 200 | — | — |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 100 |
    | Output | 200 |
    | **Total** | **300** |
    | Output for each input | 2.00 |
    | A minute, by wall time | 30.00 |
    | A minute, by active time | 30.00 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 09:10 |  | 100 | 200 | — | what (nosuch) |

    The model is claude-sonnet-5-5 where none is named.

    ## Commits

    No commits were made.

    ## Insights

    Nothing stands out.

    ## Project so far

    1 session in work, cost not known in 10m, and 300 tokens without a known price.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    $ 09:20 claude-cost log 1000 2000 known
    ! logged 1,000 in, 2,000 out, $0.0220; mixed is at $0.0220 + 300 unpriced tokens
    $ 09:20 claude-cost status
    mixed  running in work on main  [ID]
      time     20m since 2026-11-23 09:00, 20m active
      cost     $0.0220 + 300 unpriced tokens, $0.0660 an hour
      tokens   1,100 in, 2,200 out in 2 entries
      last     09:20 known
    $ 09:20 claude-cost status --format prompt
    mixed $0.0220 + ?
    $ 10:00 claude-cost end
    [ROOT]/work/.claude-cost/reports/2026-11-23-mixed-[ID].md
    ! ended mixed: $0.0220 + 300 unpriced tokens in 1h 00m ($0.0220 an hour), 2 entries
    $ 10:00 claude-cost sessions
    Id        Started           Session    Time     Cost  An hour  Entries  Not priced
    [ID]      2026-11-23 09:00  mixed    1h 00m  $0.0220  $0.0220        2  300 tokens
    1 session in all: $0.0220 + 300 unpriced tokens in 1h 00m
    $ 10:00 claude-cost prices set nosuch --input 1 --output 2
    ! nosuch costs $1.00 in and $2.00 out a million tokens
    $ 10:00 claude-cost sessions
    Id        Started           Session    Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  mixed    1h 00m  $0.0225  $0.0225        2
    1 session in all: $0.0225 in 1h 00m
    ");
}

#[test]
fn nonsense_is_refused_with_the_way_out() {
    let sandbox = Sandbox::new();
    sandbox.stdout(&["start", "JWT", "--at", "11:00"]);
    let long = "x".repeat(10_001);
    let cases: [&[&str]; 15] = [
        &["log"],
        &["log", "1500"],
        &["log", "1500", "800"],
        &["log", "-5", "800", "x"],
        &["log", "5", "-800", "x"],
        &["log", "99999999999999999999999", "1", "x"],
        &["log", "1000000000001", "1", "x"],
        &["log", "1.2345k", "1", "x"],
        &["log", "many", "1", "x"],
        &["log", "1", "1", &long],
        &["log", "1", "1", "x", "--task", "cooking"],
        &["log", "1", "1", "x", "--cache-read", "-1"],
        &["log", "1", "1", "x", "--at", "10:59"],
        &["log", "1", "1", "x", "--at", "12:01"],
        &["note", " "],
    ];
    let refusals: String = cases.iter().map(|arguments| sandbox.run(arguments)).collect();
    insta::assert_snapshot!(refusals, @r#"
    exit 2
    --- stderr
    error: a log entry has tokens in, tokens out and a text
    hint: write it as claude-cost log 1500 800 "token validation"; without counts: claude-cost quick <TASK> <TEXT>
    exit 2
    --- stderr
    error: a log entry has tokens in, tokens out and a text
    hint: write it as claude-cost log 1500 800 "token validation"; without counts: claude-cost quick <TASK> <TEXT>
    exit 2
    --- stderr
    error: the text is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: tokens in `-5`: a count of tokens cannot be negative
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: tokens out `-800`: a count of tokens cannot be negative
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: tokens in `99999999999999999999999`: more than a trillion tokens
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: tokens in `1000000000001`: more than a trillion tokens
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: tokens in `1.2345k`: not a count of tokens
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: tokens in `many`: not a count of tokens
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: the text has 10001 characters, more than 10000
    hint: shorten it; longer texts belong under "Session notes" in the report
    exit 2
    --- stderr
    error: there is no task `cooking`
    hint: there are audit, chat, code, debug, docs, plan, review, test; add your own with claude-cost config set tasks.<NAME> "<IN> <OUT>"
    exit 2
    --- stderr
    error: tokens read from the cache `-1`: a count of tokens cannot be negative
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 1
    --- stderr
    error: `JWT`: that is before the session started
    hint: it started 2026-11-23 11:00; move its start with claude-cost edit --at <TIME>
    exit 2
    --- stderr
    error: `12:01` is still to come
    hint: it is 2026-11-23 12:00 in UTC; for an earlier day write "yesterday 17:00"
    exit 2
    --- stderr
    error: the note is empty
    hint: say in a few words what it is
    "#);
    assert_eq!(sandbox.stdout(&["status", "--format", "short"]), "JWT: $0.00 in 1h 00m\n");
}

#[test]
fn a_budget_is_watched() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT --budget 0.01
        claude-cost log 0 790 below
        claude-cost log 0 10 near
        claude-cost log 0 300 over
        claude-cost status
    "), @"
    $ 09:00 claude-cost start JWT --budget 0.01
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost log 0 790 below
    ! logged 0 in, 790 out, $0.0079; JWT is at $0.0079
    $ claude-cost log 0 10 near
    ! logged 0 in, 10 out, $0.0001; JWT is at $0.0080
    ! warning: $0.0020 left of the session's budget of $0.0100
    $ claude-cost log 0 300 over
    ! logged 0 in, 300 out, $0.0030; JWT is at $0.0110
    ! warning: the session is $0.0010 over its budget of $0.0100
    $ claude-cost status
    JWT  running in work  [ID]
      time     0s since 2026-11-23 09:00, 0s active
      cost     $0.0110
      tokens   0 in, 1,100 out in 3 entries
      budget   $0.0100, $0.0010 over
      last     09:00 over
    ");
}

#[test]
fn names_and_texts_of_others_act_on_nothing() {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.run(&["start", "a|b\u{1b}]0;x\u{7} <script>", "--tag", "x|y", "--ticket", "[l](http://e)"]);
    sandbox.run(&["log", "1", "1", "=cmd()\n| x |\u{202e}", "--task", "code"]);
    for arguments in
        [&["status"][..], &["status", "--json"], &["sessions"], &["show"], &["show", "--format", "csv"], &["end"]]
    {
        let shown = sandbox.run(arguments);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{arguments:?}: {shown}");
    }
    insta::assert_snapshot!(sandbox.stdout(&["show", "--format", "csv"]), @r#"
    number,at,task,model,input_tokens,output_tokens,cache_write_tokens,cache_read_tokens,cost_usd,basis,infra,text
    1,2026-11-23T12:00:00Z,code,claude-sonnet-5-5,1,1,0,0,0.000012,stated,,"'=cmd()
    | x |\u{202e}"
    "#);
}
