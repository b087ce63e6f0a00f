//! `claude-cost end`, and `continue`, which opens again what it closed

use crate::sandbox::Sandbox;

#[test]
fn a_session_of_several_days_names_them() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play(
        "
        16:00 claude-cost start 'Long haul' --rate 90
        16:10 claude-cost log 1000 1000 'first day' --cache-read 3000 --cache-write 500
        17:00 claude-cost pause
        2026-11-24T09:00:00Z claude-cost resume
        2026-11-24T09:10:00Z claude-cost quick code 'second day'
        2026-11-24T09:12:00Z claude-cost note done
    ",
    );
    sandbox.commit("a", "x\n", "Add a | pipe", "2026-11-24T09:11:00Z");
    sandbox.set_now("2026-11-24T09:30:00Z");
    let path = sandbox.stdout(&["end"]);
    let page = fs_err::read_to_string(path.trim()).unwrap();
    insta::assert_snapshot!(sandbox.redacted(&page), @r"
    # Long haul

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 16:00 to 2026-11-24 09:30 (UTC) |
    | Duration | 1h 30m, of which 22m active |
    | Session | [ID] |

    **$0.0756** for 4,500 tokens in and 6,500 out, beside 3,000 read from the cache and 500 written to it, $0.0504 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0090 |
    | Output | $0.0650 |
    | Cache writes | $0.0012 |
    | Cache reads | $0.0003 |
    | **Total** | **$0.0756** |
    | An hour, by wall time | $0.0504 |
    | An hour, by active time | $0.2060 |
    | An exchange, on average | $0.0378 |
    | Of it stated by hand | $0.0136 |
    | Of it estimated | $0.0620 |
    | Own rate, an hour | $90.00 |
    | Own time, by wall time | $135.00 |
    | Own time, by active time | $33.00 |
    | Own wall time and cost together | $135.08 |

    | Model | Exchanges | In | Out | Cache | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | claude-sonnet-5-5 | 2 | 4,500 | 6,500 | 3,500 | $0.0756 | 100.0% |

    | Task | Exchanges | In | Out | Cache | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | code | 1 | 3,500 | 5,500 | 0 | $0.0620 | 82.1% |
    | other | 1 | 1,000 | 1,000 | 3,500 | $0.0136 | 17.9% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 4,500 |
    | Output | 6,500 |
    | Cache writes | 500 |
    | Cache reads | 3,000 |
    | **Total** | **14,500** |
    | Output for each input | 1.44 |
    | Output for each input, cache included | 0.81 |
    | A minute, by wall time | 161.11 |
    | A minute, by active time | 659.09 |

    ## Activity

    | # | Time | Task | In | Out | Cache written | Cache read | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
    | 1 | 2026-11-23 16:10 |  | 1,000 | 1,000 | 500 | 3,000 | $0.0136 | first day |
    | 2 | 2026-11-24 09:10 | code | ~3,500 | ~5,500 | 0 | 0 | $0.0620 | second day |
    | 3 | 2026-11-24 09:12 | note | | | | | | done |

    The model is claude-sonnet-5-5 where none is named. A `~` marks an estimate.

    ## Commits

    | Commit | Time | Subject | Author | Files | Lines | Cost before it |
    | --- | --- | --- | --- | ---: | ---: | ---: |
    | 765a013 | 2026-11-24 09:11 | Add a \| pipe | Ann | 1 | +1 −0 | $0.0756 |
    | | | not committed | | | | $0.0000 |
    | | | **Total** | | | | **$0.0756** |

    ## Insights

    - 82.1% of the cost rests on presets, history or text, not on measured or stated figures.

    ## Project so far

    1 session in work, $0.0756 in 1h 30m, $0.0504 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    ");
}

#[test]
fn nothing_logged_is_a_report_too() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        claude-cost start empty
        claude-cost end
        cat ../home/.local/share/claude-cost/reports/*.md
    "), @"
    $ claude-cost start empty
    ! started empty in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-empty-[ID].md
    ! ended empty: $0.00 in 0s, 0 entries
    $ cat ../home/.local/share/claude-cost/reports/*.md
    # empty

    | | |
    | --- | --- |
    | Project | work |
    | Time | 2026-11-23 12:00 to 2026-11-23 12:00 (UTC) |
    | Duration | 0s, of which 0s active |
    | Session | [ID] |

    Nothing was logged.

    ## Commits

    The project is not a git repository.

    ## Insights

    Nothing stands out.

    ## Project so far

    1 session in work, $0.00 in 0s.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    ");
}

#[test]
fn the_report_lies_in_the_repository_or_else_with_the_data() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.write("sub/x", "");
    insta::assert_snapshot!(sandbox.play("
        claude-cost start 'A/B: ../x'
        cd sub && claude-cost end
        git status --short --untracked-files=all
        mkdir ../plain && cd ../plain && claude-cost start plain && claude-cost end && ls -A
    "), @"
    $ claude-cost start 'A/B: ../x'
    ! started A/B: ../x in work on main, model claude-sonnet-5-5 [[ID]]
    $ cd sub && claude-cost end
    [ROOT]/work/.claude-cost/reports/2026-11-23-a-b-x-[ID].md
    ! ended A/B: ../x: $0.00 in 0s, 0 entries
    $ git status --short --untracked-files=all
    ?? .claude-cost/reports/2026-11-23-a-b-x-[ID].json
    ?? .claude-cost/reports/2026-11-23-a-b-x-[ID].md
    ?? sub/x
    $ mkdir ../plain && cd ../plain && claude-cost start plain && claude-cost end && ls -A
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-plain-[ID].md
    ! started plain in plain, model claude-sonnet-5-5 [[ID]]
    ! ended plain: $0.00 in 0s, 0 entries
    ");
    let json = sandbox.play("cat .claude-cost/reports/*.json");
    assert!(json.contains("\"schema\": \"claude-cost/session@1\""), "{json}");
}

#[test]
fn commits_exactly_the_two_files() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "x", "first", "08:00");
    sandbox.write("a", "changed");
    sandbox.write("staged", "staged");
    sandbox.git(&["add", "staged"]);
    let dialogue = sandbox.play(
        "
        09:00 claude-cost start 'Closes #1'
        09:10 claude-cost end --commit
    ",
    );
    let hash = sandbox.git(&["rev-parse", "--short=7", "HEAD"]);
    insta::assert_snapshot!(dialogue.replace(hash.trim(), "[HASH]"), @"
    $ 09:00 claude-cost start 'Closes #1'
    ! started Closes #1 in work on main, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost end --commit
    [ROOT]/work/.claude-cost/reports/2026-11-23-closes-1-[ID].md
    ! ended Closes #1: $0.00 in 10m ($0.00 an hour), 0 entries
    ! committed as [HASH]
    ");
    insta::assert_snapshot!(sandbox.play("git show --stat --format=%an%n%B HEAD | cat\ngit status --short"), @"
    $ git show --stat --format=%an%n%B HEAD | cat
    Ann
    Archive the report of session [ID]

    2026-11-23, 10m, $0.00.


     .claude-cost/reports/2026-11-23-closes-1-[ID].json | 76 ++++++++++++++++++++++++++++++++++++++
     .claude-cost/reports/2026-11-23-closes-1-[ID].md   | 30 +++++++++++++++
     2 files changed, 106 insertions(+)
    $ git status --short
     M a
    A  staged
    ");
    sandbox.set_now("09:20");
    let outside = sandbox.play("mkdir ../plain && cd ../plain && claude-cost start x && claude-cost end --commit");
    assert!(outside.contains("! warning: the report is not in a repository, so it is not committed"), "{outside}");
}

#[test]
fn a_time_before_what_is_recorded_is_refused() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        12:00 claude-cost end
        claude-cost start one --at 10:00
        claude-cost log 1 1 x --at 11:00
        claude-cost end --at 9:59
        claude-cost end --at 10:30
        claude-cost end --at 12:30
        claude-cost end --at 11:00
        claude-cost log 1 1 x
        claude-cost end
    "), @r#"
    $ 12:00 claude-cost end
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    $ claude-cost start one --at 10:00
    ! started one in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost log 1 1 x --at 11:00
    ! logged 1 in, 1 out, <$0.0001; one is at <$0.0001
    $ claude-cost end --at 9:59
    ! error: `one`: that is before the session started
    ! hint: it started 2026-11-23 10:00; move its start with claude-cost edit --at <TIME>
    [exit 1]
    $ claude-cost end --at 10:30
    ! error: `one`: that is before the last thing recorded in the session
    ! hint: that was 2026-11-23 11:00; claude-cost edit <NUMBER> --at <TIME> moves an entry
    [exit 1]
    $ claude-cost end --at 12:30
    ! error: `12:30` is still to come
    ! hint: it is 2026-11-23 12:00 in UTC; for an earlier day write "yesterday 17:00"
    [exit 2]
    $ claude-cost end --at 11:00
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    ! ended one: <$0.0001 in 1h 00m (<$0.0001 an hour), 1 entry
    $ claude-cost log 1 1 x
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    $ claude-cost end
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    "#);
}

#[test]
fn what_lay_between_end_and_continue_is_a_pause() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start one
        09:10 claude-cost log 1000 0 x
        09:20 claude-cost end
        10:00 claude-cost continue
        10:00 claude-cost continue
        10:10 claude-cost log 1000 0 'in between' --at 9:40
        10:10 claude-cost log 1000 0 y
        10:20 claude-cost end
        10:20 claude-cost sessions
        10:20 claude-cost continue three
    "), @"
    $ 09:00 claude-cost start one
    ! started one in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost log 1000 0 x
    ! logged 1,000 in, 0 out, $0.0020; one is at $0.0020
    $ 09:20 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    ! ended one: $0.0020 in 20m ($0.0060 an hour), 1 entry
    $ 10:00 claude-cost continue
    ! one in work goes on [[ID]]; its report is written again when it ends
    $ 10:00 claude-cost continue
    ! error: `one`: the session is still open
    ! hint: it goes on as it is; there is nothing to continue
    [exit 1]
    $ 10:10 claude-cost log 1000 0 'in between' --at 9:40
    ! error: `one`: that is within a pause of the session
    ! hint: it was paused from 2026-11-23 09:20 to 2026-11-23 10:00; give a time outside
    [exit 1]
    $ 10:10 claude-cost log 1000 0 y
    ! logged 1,000 in, 0 out, $0.0020; one is at $0.0040
    $ 10:20 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    ! ended one: $0.0040 in 40m ($0.0060 an hour), 2 entries
    $ 10:20 claude-cost sessions
    Id        Started           Session  Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  one       40m  $0.0040  $0.0060        2
    1 session in all: $0.0040 in 40m
    $ 10:20 claude-cost continue three
    ! error: there is no session `three`
    ! hint: claude-cost sessions --all lists them with their ids
    [exit 1]
    ");
}

#[test]
fn two_sessions_of_a_project_never_run_at_once() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start one
        10:00 claude-cost end
        11:00 claude-cost start two
        11:10 claude-cost continue one
        11:10 claude-cost undo --session one
        12:00 claude-cost end
        13:00 claude-cost continue one --at 10:30
        13:00 claude-cost continue one --at 9:30
        13:00 claude-cost undo --session one
        13:00 claude-cost edit --session two --at 9:30
        13:00 claude-cost edit --session two --at 10:30
        13:00 claude-cost continue one --at 12:00
        13:00 claude-cost status --format short
    "), @"
    $ 09:00 claude-cost start one
    ! started one in work, model claude-sonnet-5-5 [[ID]]
    $ 10:00 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-one-[ID].md
    ! ended one: $0.00 in 1h 00m ($0.00 an hour), 0 entries
    $ 11:00 claude-cost start two
    ! started two in work, model claude-sonnet-5-5 [[ID]]
    $ 11:10 claude-cost continue one
    ! error: `two` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    $ 11:10 claude-cost undo --session one
    ! error: `two` is running in work
    ! hint: end it first with claude-cost end --session [ID], or cancel it
    [exit 1]
    $ 12:00 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-two-[ID].md
    ! ended two: $0.00 in 1h 00m ($0.00 an hour), 0 entries
    $ 13:00 claude-cost continue one --at 10:30
    ! error: `one` would overlap `two`
    ! hint: that ran from 2026-11-23 11:00 to 2026-11-23 12:00; two sessions of a project cannot run at once
    [exit 1]
    $ 13:00 claude-cost continue one --at 9:30
    ! error: `one`: that is before the last thing recorded in the session
    ! hint: that was 2026-11-23 10:00; claude-cost edit <NUMBER> --at <TIME> moves an entry
    [exit 1]
    $ 13:00 claude-cost undo --session one
    ! error: `one` would overlap `two`
    ! hint: that ran from 2026-11-23 11:00 to 2026-11-23 12:00; two sessions of a project cannot run at once
    [exit 1]
    $ 13:00 claude-cost edit --session two --at 9:30
    ! error: `two` would overlap `one`
    ! hint: that ran from 2026-11-23 09:00 to 2026-11-23 10:00; two sessions of a project cannot run at once
    [exit 1]
    $ 13:00 claude-cost edit --session two --at 10:30
    ! edited two
    ! hint: its report is as it was; write it again with claude-cost show [ID] --save
    $ 13:00 claude-cost continue one --at 12:00
    ! one in work goes on [[ID]]; its report is written again when it ends
    $ 13:00 claude-cost status --format short
    one: $0.00 in 2h 00m
    ");
}
