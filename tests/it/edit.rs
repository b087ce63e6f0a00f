//! `claude-cost edit`

use crate::sandbox::Sandbox;

fn running() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.play(
        "
        09:00 claude-cost start JWT --tag web --ticket A-1 --budget 2
        09:10 claude-cost log 1000 1000 first
        09:20 claude-cost note second
        09:30 claude-cost quick code third
        10:00 claude-cost status
    ",
    );
    sandbox
}

#[test]
fn corrects_cache_counts_of_entries_and_mixes_nothing_up() {
    insta::assert_snapshot!(running().play("
        claude-cost edit 1 --cache-read 40k --cache-write 1k --cache-write-1h 500
        claude-cost edit 1 --cache-read -1
        claude-cost edit 1 --out 5 --ticket X
        claude-cost edit 3 --cache-read 5
        claude-cost show --format csv
    "), @"
    $ claude-cost edit 1 --cache-read 40k --cache-write 1k --cache-write-1h 500
    ! edited 1 of JWT
    $ claude-cost edit 1 --cache-read -1
    ! error: tokens read from the cache `-1`: a count of tokens cannot be negative
    ! hint: write a count as 1500, 1,500, 1.5k or 2M
    [exit 2]
    $ claude-cost edit 1 --out 5 --ticket X
    ! error: `--ticket` belongs to the session, not to an entry
    ! hint: leave the 1 out, or the option
    [exit 2]
    $ claude-cost edit 3 --cache-read 5
    ! edited 3 of JWT
    $ claude-cost show --format csv
    number,at,task,model,input_tokens,output_tokens,cache_write_tokens,cache_read_tokens,cost_usd,basis,infra,text
    1,2026-11-23T09:10:00Z,,claude-sonnet-5-5,1000,1000,1500,40000,0.0205,stated,,first
    2,2026-11-23T09:20:00Z,,,,,,,,note,,second
    3,2026-11-23T09:30:00Z,code,claude-sonnet-5-5,3500,5500,0,5,0.0620005,estimated,,third
    ");
}

#[test]
fn corrects_entries_notes_and_the_session() {
    insta::assert_snapshot!(running().play("
        claude-cost edit 1 --in 2000 --out 0 --text 'the first' --task plan --model opus
        claude-cost edit 2 --text 'a remark' --at 9:40
        claude-cost edit 2 --out 100
        claude-cost edit --name 'JWT auth' --ticket '' --client ACME --tag api --budget '' --estimate 1 --at 8:50
        claude-cost show --format csv
        claude-cost show
    "), @"
    $ claude-cost edit 1 --in 2000 --out 0 --text 'the first' --task plan --model opus
    ! edited 1 of JWT
    $ claude-cost edit 2 --text 'a remark' --at 9:40
    ! edited 2 of JWT
    $ claude-cost edit 2 --out 100
    ! edited 2 of JWT
    $ claude-cost edit --name 'JWT auth' --ticket '' --client ACME --tag api --budget '' --estimate 1 --at 8:50
    ! edited JWT auth
    $ claude-cost show --format csv
    number,at,task,model,input_tokens,output_tokens,cache_write_tokens,cache_read_tokens,cost_usd,basis,infra,text
    1,2026-11-23T09:10:00Z,plan,claude-opus-5-5,2000,0,0,0,0.008,stated,,the first
    2,2026-11-23T09:30:00Z,code,claude-sonnet-5-5,3500,100,0,0,0.008,stated,,third
    3,2026-11-23T09:40:00Z,,,,,,,,note,,a remark
    $ claude-cost show
    # JWT auth

    | | |
    | --- | --- |
    | Project | work |
    | Time | 2026-11-23 08:50 to now (UTC) |
    | Duration | 1h 10m, of which 10m active |
    | State | running |
    | Client | ACME |
    | Tags | api |
    | Session | [ID] |

    **$0.0160** for 5,500 tokens in and 100 out, $0.0137 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0150 |
    | Output | $0.0010 |
    | **Total** | **$0.0160** |
    | An hour, by wall time | $0.0137 |
    | An hour, by active time | $0.0960 |
    | An exchange, on average | $0.0080 |
    | Estimate at the start | $1.0000 |
    | Actual against estimate | 1.6% |

    | Model | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | claude-opus-5-5 | 1 | 2,000 | 0 | $0.0080 | 50.0% |
    | claude-sonnet-5-5 | 1 | 3,500 | 100 | $0.0080 | 50.0% |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | code | 1 | 3,500 | 100 | $0.0080 | 50.0% |
    | plan | 1 | 2,000 | 0 | $0.0080 | 50.0% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 5,500 |
    | Output | 100 |
    | **Total** | **5,600** |
    | Output for each input | 0.02 |
    | A minute, by wall time | 80.00 |
    | A minute, by active time | 560.00 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 09:10 | plan | 2,000 | 0 | $0.0080 | the first (claude-opus-5-5) |
    | 2 | 09:30 | code | 3,500 | 100 | $0.0080 | third |
    | 3 | 09:40 | note | | | | a remark |

    The model is claude-sonnet-5-5 where none is named.

    ## Commits

    The project is not a git repository.

    ## Insights

    - code: 0.03 tokens out for each token in; 0.60 to 4.00 is usual.
    - plan: 0.00 tokens out for each token in; 0.50 to 4.00 is usual.

    ## Project so far

    1 session in work, $0.0160 in 1h 10m, $0.0137 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    ");
}

#[test]
fn removes_an_entry_and_brings_it_back() {
    insta::assert_snapshot!(running().play("
        claude-cost edit 1 --remove
        claude-cost status --format short
        claude-cost undo
        claude-cost status --format short
    "), @"
    $ claude-cost edit 1 --remove
    ! removed 1 from JWT; claude-cost undo brings it back
    $ claude-cost status --format short
    JWT: $0.0620 in 1h 00m
    $ claude-cost undo
    ! took back the edit of JWT; it is running
    $ claude-cost status --format short
    JWT: $0.0740 in 1h 00m
    ");
}

#[test]
fn what_cannot_be_is_refused() {
    let sandbox = running();
    let cases: [&[&str]; 16] = [
        &["edit"],
        &["edit", "0", "--text", "x"],
        &["edit", "4", "--text", "x"],
        &["edit", "1"],
        &["edit", "1", "--text", "first"],
        &["edit", "1", "--text", " "],
        &["edit", "1", "--in", "-1"],
        &["edit", "1", "--task", "cooking"],
        &["edit", "1", "--at", "8:59"],
        &["edit", "1", "--at", "10:01"],
        &["edit", "1", "--remove", "--text", "x"],
        &["edit", "2", "--in", "5"],
        &["edit", "--in", "5"],
        &["edit", "--at", "9:11"],
        &["edit", "--budget", "-1"],
        &["edit", "1", "--name", "x"],
    ];
    let refusals: String = cases.iter().map(|arguments| sandbox.run(arguments)).collect();
    insta::assert_snapshot!(refusals, @r#"
    exit 2
    --- stderr
    error: there is nothing to change
    hint: claude-cost edit --help lists what can be changed
    exit 2
    --- stderr
    error: `JWT` has no entry 0
    hint: it has 3; claude-cost show lists them with their numbers
    exit 2
    --- stderr
    error: `JWT` has no entry 4
    hint: it has 3; claude-cost show lists them with their numbers
    exit 2
    --- stderr
    error: there is nothing to change
    hint: give --text, --in, --out, --cache-read, --task, --model, --at or --remove
    exit 2
    --- stderr
    error: there is nothing to change
    hint: give --text, --in, --out, --cache-read, --task, --model, --at or --remove
    exit 2
    --- stderr
    error: the text is empty
    hint: say in a few words what it is
    exit 2
    --- stderr
    error: tokens in `-1`: a count of tokens cannot be negative
    hint: write a count as 1500, 1,500, 1.5k or 2M
    exit 2
    --- stderr
    error: there is no task `cooking`
    hint: there are audit, chat, code, debug, docs, plan, review, test; add your own with claude-cost config set tasks.<NAME> "<IN> <OUT>"
    exit 1
    --- stderr
    error: `JWT`: that is before the session started
    hint: it started 2026-11-23 09:00; move its start with claude-cost edit --at <TIME>
    exit 2
    --- stderr
    error: `10:01` is still to come
    hint: it is 2026-11-23 10:00 in UTC; for an earlier day write "yesterday 17:00"
    exit 2
    --- stderr
    error: the argument '--remove' cannot be used with '--text <TEXT>'

    Usage: claude-cost edit --remove <NUMBER>

    For more information, try '--help'.
    exit 2
    --- stderr
    error: a note has no tokens, task or model
    hint: give --text, --at or --remove
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <NUMBER>

    Usage: claude-cost edit --in <COUNT> <NUMBER>

    For more information, try '--help'.
    exit 1
    --- stderr
    error: `JWT`: that is before the last thing recorded in the session
    hint: that was 2026-11-23 09:10; claude-cost edit <NUMBER> --at <TIME> moves an entry
    exit 2
    --- stderr
    error: the budget `-1` is negative
    hint: give an amount of dollars, as in 12.50
    exit 2
    --- stderr
    error: the argument '[NUMBER]' cannot be used with '--name <NAME>'

    Usage: claude-cost edit <NUMBER>

    For more information, try '--help'.
    "#);
}

#[test]
fn an_ended_session_is_edited_in_every_sum() {
    let mut sandbox = running();
    insta::assert_snapshot!(sandbox.play("
        claude-cost end
        claude-cost edit 1 --in 1M
        claude-cost edit 1 --at 10:01
        claude-cost sessions
        claude-cost sessions --totals
        claude-cost show --save
        grep -c '1,003,500 tokens in' ../home/.local/share/claude-cost/reports/*.md
        claude-cost undo
        claude-cost sessions
    "), @r#"
    $ claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-[ID].md
    ! ended JWT: $0.0740 in 1h 00m ($0.0740 an hour), 2 entries
    $ claude-cost edit 1 --in 1M
    ! edited 1 of JWT
    ! hint: its report is as it was; write it again with claude-cost show [ID] --save
    $ claude-cost edit 1 --at 10:01
    ! error: `10:01` is still to come
    ! hint: it is 2026-11-23 10:00 in UTC; for an earlier day write "yesterday 17:00"
    [exit 2]
    $ claude-cost sessions
    Id        Started           Session    Time   Cost  An hour  Entries
    [ID]      2026-11-23 09:00  JWT      1h 00m  $2.07    $2.07        2
    1 session in all: $2.07 in 1h 00m
    $ claude-cost sessions --totals
    Project  Sessions    Time   Cost  An hour
    work            1  1h 00m  $2.07    $2.07
    1 session in all: $2.07 in 1h 00m
    $ claude-cost show --save
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-[ID].md
    $ grep -c '1,003,500 tokens in' ../home/.local/share/claude-cost/reports/*.md
    1
    $ claude-cost undo
    ! took back the edit of JWT; it has ended
    ! hint: write its report again with claude-cost show [ID] --save
    $ claude-cost sessions
    Id        Started           Session    Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  JWT      1h 00m  $0.0740  $0.0740        2
    1 session in all: $0.0740 in 1h 00m
    "#);
}

#[test]
fn an_entry_beside_a_pause_can_still_be_corrected() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:10 claude-cost log 1 1 x
        09:20 claude-cost pause
        09:30 claude-cost resume
        claude-cost edit 1 --at 9:25
        claude-cost edit 1 --at 9:20
        claude-cost edit 1 --out 2
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost log 1 1 x
    ! logged 1 in, 1 out, <$0.0001; JWT is at <$0.0001
    $ 09:20 claude-cost pause
    ! paused JWT at 09:20; go on with claude-cost resume
    $ 09:30 claude-cost resume
    ! resumed JWT after 10m
    $ claude-cost edit 1 --at 9:25
    ! error: `JWT`: that is within a pause of the session
    ! hint: it was paused from 2026-11-23 09:20 to 2026-11-23 09:30; give a time outside
    [exit 1]
    $ claude-cost edit 1 --at 9:20
    ! edited 1 of JWT
    $ claude-cost edit 1 --out 2
    ! edited 1 of JWT
    ");
}

#[test]
fn counts_of_the_cache_belong_to_an_entry_that_stays() {
    let sandbox = Sandbox::new();
    sandbox.stdout(&["start", "JWT"]);
    sandbox.stdout(&["log", "1", "2", "x"]);
    for option in ["--in", "--out", "--text", "--task", "--cache-read", "--cache-write", "--cache-write-1h"] {
        let renamed = sandbox.run(&["edit", "--name", "renamed", option, "500"]);
        assert!(renamed.starts_with("exit 2") && renamed.contains("cannot be used with"), "{renamed}");
        let without = sandbox.run(&["edit", option, "500"]);
        assert!(without.starts_with("exit 2") && without.contains("<NUMBER>"), "{without}");
    }
    for option in ["--cache-read", "--cache-write", "--cache-write-1h"] {
        let removed = sandbox.run(&["edit", "1", "--remove", option, "500"]);
        assert!(removed.starts_with("exit 2") && removed.contains("cannot be used with"), "{removed}");
        sandbox.stdout(&["edit", "1", option, "500"]);
    }
    assert!(sandbox.stdout(&["show"]).contains("JWT"));
}
