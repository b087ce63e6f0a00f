//! Sessions in whose time Claude Code was at work: what was measured counts.

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn answer(id: &'static str, clock: &str, output: u64) -> Answer {
    Answer::new(id, &format!("2026-11-23T{clock}:00.000Z"), output)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a whole report stands in it")]
fn measured_beats_what_was_said() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play("10:00 claude-cost start 'JWT auth'");
    sandbox.answers(&[
        answer("before", "09:59", 99_999),
        answer("m1", "10:05", 400),
        answer("m2", "10:08", 600).tool("Bash", "git commit -m x"),
    ]);
    sandbox.commit("a", "x\n", "Check tokens", "2026-11-23T10:08:30Z");
    let said = sandbox.play(
        "
        10:10 claude-cost log 1500 800 'token validation'
        10:20 claude-cost quick code 'by hand'
        10:25 claude-cost log 100 200 'elsewhere' --extra
    ",
    );
    insta::assert_snapshot!(said, @"
    $ 10:10 claude-cost log 1500 800 'token validation'
    ! logged 1,500 in, 800 out, $0.0110, measured as $0.0400; JWT auth is at $0.0400
    $ 10:20 claude-cost quick code 'by hand'
    ! logged ~3,500 in, ~5,500 out, code, $0.0620 (by the preset); JWT auth is at $0.1020
    $ 10:25 claude-cost log 100 200 'elsewhere' --extra
    ! logged 100 in, 200 out, $0.0022; JWT auth is at $0.1042
    ");
    sandbox.answers(&[answer("m3", "10:24", 50), answer("m4", "10:40", 70).model("claude-haiku-5-5")]);
    sandbox.commit("b", "x\n", "Tidy up", "2026-11-23T10:30:00Z");
    sandbox.set_now("2026-11-23T11:00:00Z");
    insta::assert_snapshot!(sandbox.run(&["status"]), @"
    exit 0
    --- stdout
    JWT auth  running in work on main  [ID]
      time     1h 00m since 2026-11-23 10:00, 40m active
      cost     $0.1156, $0.1156 an hour
               $0.0514 of it measured
               $0.0620 of it estimated
      tokens   3,612 in, 6,820 out, 40,000 cache read, 4,000 cache written in 3 entries
      last     10:25 elsewhere
    ");
    let path = sandbox.stdout(&["end"]);
    let page = fs_err::read_to_string(path.trim()).unwrap();
    insta::assert_snapshot!(sandbox.redacted(&page), @"
    # JWT auth

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 10:00 to 2026-11-23 11:00 (UTC) |
    | Duration | 1h 00m, of which 40m active |
    | Session | [ID] |

    **$0.1156** for 3,612 tokens in and 6,820 out, beside 40,000 read from the cache and 4,000 written to it, $0.1156 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0072 |
    | Output | $0.0780 |
    | Cache writes | $0.0242 |
    | Cache reads | $0.0061 |
    | **Total** | **$0.1156** |
    | An hour, by wall time | $0.1156 |
    | An hour, by active time | $0.1734 |
    | An exchange, on average | $0.0193 |
    | Of it measured | $0.0514 |
    | Of it stated by hand | $0.0022 |
    | Of it estimated | $0.0620 |
    | Said in entries of which the cost was measured | $0.0110 |
    | Measured in their place | $0.0400 |

    | Model | Exchanges | In | Out | Cache | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | claude-sonnet-5-5 | 2 | 3,600 | 5,700 | 0 | $0.0642 | 55.6% |
    | claude-opus-5-5 | 3 | 9 | 1,050 | 33,000 | $0.0510 | 44.2% |
    | claude-haiku-5-5 | 1 | 3 | 70 | 11,000 | $0.0003 | 0.3% |

    | Task | Exchanges | In | Out | Cache | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    | code | 1 | 3,500 | 5,500 | 0 | $0.0620 | 53.6% |
    | other | 4 | 109 | 1,250 | 33,000 | $0.0532 | 46.1% |
    | not logged | 1 | 3 | 70 | 11,000 | $0.0003 | 0.3% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 3,612 |
    | Output | 6,820 |
    | Cache writes | 4,000 |
    | Cache reads | 40,000 |
    | **Total** | **54,432** |
    | Output for each input | 1.89 |
    | Output for each input, cache included | 0.14 |
    | A minute, by wall time | 907.20 |
    | A minute, by active time | 1360.80 |

    ## Activity

    | # | Time | Task | In | Out | Cache written | Cache read | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
    | 1 | 10:10 |  | 6 | 1,000 | 2,000 | 20,000 | $0.0400 | token validation (said 1,500 in, 800 out, $0.0110) |
    | 2 | 10:20 | code | ~3,500 | ~5,500 | 0 | 0 | $0.0620 | by hand |
    | 3 | 10:25 |  | 103 | 250 | 1,000 | 10,000 | $0.0132 | elsewhere (extra) |
    | | | | 3 | 70 | 1,000 | 10,000 | $0.0003 | not logged |

    The model is claude-sonnet-5-5 where none is named. A `~` marks an estimate. Where something was measured since the entry before, that counts in the place of what the entry said.

    ## Commits

    | Commit | Time | Subject | Author | Files | Lines | Cost before it | Known by |
    | --- | --- | --- | --- | ---: | ---: | ---: | --- |
    | 44897d0 | 10:08 | Check tokens | Ann | 1 | +1 −0 | $0.0400 | exact |
    | 1efe967 | 10:30 | Tidy up | Ann | 1 | +1 −0 | $0.0752 | window |
    | | | not committed | | | | $0.0003 | |
    | | | **Total** | | | | **$0.1156** | |

    ## Insights

    - 53.6% of the cost rests on presets, history or text, not on measured or stated figures.

    ## Project so far

    1 session in work, $0.1156 in 1h 00m, $0.1156 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    ");
    insta::assert_snapshot!(sandbox.run(&["sessions"]), @"
    exit 0
    --- stdout
    Id        Started           Session     Time     Cost  An hour  Entries
    [ID]      2026-11-23 10:00  JWT auth  1h 00m  $0.1156  $0.1156        3
    1 session in all: $0.1156 in 1h 00m
    ");
}

#[test]
fn work_is_measured_wherever_the_project_lies() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play("10:00 claude-cost start Folding");
    let work = sandbox.work().to_string_lossy().into_owned();
    fs_err::create_dir_all(sandbox.work().join("src/deep")).unwrap();
    sandbox.git(&["worktree", "add", "-q", "../elsewhere"]);
    let elsewhere = sandbox.work().parent().unwrap().join("elsewhere").to_string_lossy().into_owned();
    sandbox.answers(&[
        answer("m1", "10:01", 10).directory(&format!("{work}/src/deep")),
        answer("m2", "10:02", 20).conversation("c2").directory(&elsewhere),
        answer("m3", "10:03", 40).directory(&format!("{work}/.claude/worktrees/gone")),
        answer("m4", "10:04", 80).directory("/other/project"),
    ]);
    sandbox.play("10:10 claude-cost pause");
    sandbox.answers(&[answer("m5", "10:15", 160)]);
    sandbox.set_now("2026-11-23T10:20:00Z");
    sandbox.play("10:20 claude-cost resume\n10:30 claude-cost end");
    let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["show", "--format", "json"])).unwrap();
    assert_eq!(json["tokens"]["output"], 70);
    assert_eq!(json["cost"]["exchanges"], 3);
    assert_eq!(json["cost"]["measured"], json["cost"]["total"]);
    assert_eq!(json["not_logged"]["exchanges"], 3);
}

#[test]
fn what_is_read_after_the_end_still_belongs_to_the_session() {
    let mut sandbox = Sandbox::new();
    sandbox.play("10:00 claude-cost start Late\n10:10 claude-cost quick code x\n10:30 claude-cost end");
    let total = |sandbox: &Sandbox| -> String {
        let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["sessions", "--json"])).unwrap();
        json["sessions"][0]["cost"].as_str().unwrap().to_owned()
    };
    let estimated = total(&sandbox);
    sandbox.answers(&[answer("m1", "10:05", 400)]);
    let measured = total(&sandbox);
    // 3 in, 400 out, 1,000 written for an hour, 10,000 read.
    assert_eq!((estimated.as_str(), measured.as_str()), ("0.062", "0.018012"));
    let json: serde_json::Value = serde_json::from_str(&sandbox.stdout(&["show", "--format", "json"])).unwrap();
    assert_eq!(json["cost"]["total"], "0.018012");
    assert_eq!(json["cost"]["compared"]["said"], "0.062");
}

fn status(sandbox: &Sandbox) -> String {
    sandbox.stdout(&["status", "--format", "short"])
}

#[test]
fn a_glance_sees_linked_work_trees_and_known_ways_through_links() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "1", "Begin", "09:00");
    let outside = sandbox.work().parent().unwrap().to_owned();
    sandbox.git(&["worktree", "add", "-q", "../elsewhere"]);
    let link = outside.join("link");
    std::os::unix::fs::symlink(sandbox.work(), &link).unwrap();
    sandbox.play("10:00 claude-cost start Folding");
    sandbox.answers(&[
        answer("m1", "10:01", 1000).begun_in(&outside.join("elsewhere")),
        answer("m2", "10:02", 1000).conversation("c2").begun_in(&outside.join("other")),
    ]);
    sandbox.set_now("10:10");
    let with_tree = status(&sandbox);
    sandbox.answers(&[answer("m3", "10:03", 1000).conversation("c3").begun_in(&link)]);
    sandbox.stdout(&["sync"]);
    let with_link = status(&sandbox);
    sandbox.answers(&[answer("m4", "10:04", 1000).conversation("c3").begun_in(&link)]);
    insta::assert_snapshot!([with_tree, with_link, status(&sandbox)].concat(), @"
    Folding: $0.0300 in 10m
    Folding: $0.0600 in 10m
    Folding: $0.0900 in 10m
    ");
}

#[test]
fn a_session_outside_of_repositories_has_what_lies_below() {
    let mut sandbox = Sandbox::new();
    let work = sandbox.work();
    for directory in ["sub/deep", "own", "repo"] {
        fs_err::create_dir_all(work.join(directory)).unwrap();
    }
    sandbox.git(&["init", "--quiet", "repo"]);
    sandbox.play("09:00 claude-cost start Plain\n09:00 cd own && claude-cost start Deeper");
    sandbox.answers(&[
        answer("m1", "09:01", 1000).begun_in(&work.join("sub")),
        answer("m2", "09:02", 1000).conversation("c2").begun_in(&work.join("sub/deep")),
        answer("m3", "09:03", 1000).conversation("c3").begun_in(&work.join("own")),
        answer("m4", "09:04", 1000).conversation("c4").begun_in(&work.join("repo")),
    ]);
    sandbox.set_now("09:10");
    insta::assert_snapshot!(sandbox.play("
        claude-cost status --format short
        cd own && claude-cost status --format short
        claude-cost end --quiet >/dev/null
        claude-cost sessions
        claude-cost usage breakdown --by project
    "), @"
    $ claude-cost status --format short
    Plain: $0.0600 in 10m
    $ cd own && claude-cost status --format short
    Deeper: $0.0300 in 10m
    $ claude-cost end --quiet >/dev/null
    $ claude-cost sessions
    Id        Started           Session  Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  Plain     10m  $0.0600  $0.3601        0
    1 session in all: $0.0600 in 10m
    $ claude-cost usage breakdown --by project
    Project  Models    Input  Output  Cache write  Cache read  Tokens     Cost
    work     opus-5-5      6   2,000        2,000      20,000  24,006  $0.0600
    own      opus-5-5      3   1,000        1,000      10,000  12,003  $0.0300
    repo     opus-5-5      3   1,000        1,000      10,000  12,003  $0.0300
    Total                 12   4,000        4,000      40,000  48,012  $0.1200
    ");
}

#[test]
fn work_below_that_was_known_before_the_session_comes_with_it() {
    let mut sandbox = Sandbox::new();
    let sub = sandbox.work().join("sub");
    fs_err::create_dir_all(&sub).unwrap();
    sandbox.answers(&[answer("m1", "09:01", 1000).begun_in(&sub)]);
    sandbox.play("09:05 claude-cost sync");
    insta::assert_snapshot!(sandbox.play("
        09:10 claude-cost start Late --at 09:00
        09:10 claude-cost end --quiet >/dev/null
        09:10 claude-cost sessions
    "), @"
    $ 09:10 claude-cost start Late --at 09:00
    ! started Late in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost end --quiet >/dev/null
    $ 09:10 claude-cost sessions
    Id        Started           Session  Time     Cost  An hour  Entries
    [ID]      2026-11-23 09:00  Late      10m  $0.0300  $0.1801        0
    1 session in all: $0.0300 in 10m
    ");
}

#[test]
fn an_entry_from_earlier_is_compared_with_what_was_measured_then() {
    let mut sandbox = Sandbox::new();
    sandbox.play("09:00 claude-cost start Order");
    sandbox.answers(&[answer("m1", "09:05", 1000), answer("m2", "09:15", 2000)]);
    insta::assert_snapshot!(sandbox.play("
        09:20 claude-cost log 1 1 last
        09:20 claude-cost log 1 1 first --at 09:10
    "), @"
    $ 09:20 claude-cost log 1 1 last
    ! logged 1 in, 1 out, <$0.0001, measured as $0.0800; Order is at $0.0800
    $ 09:20 claude-cost log 1 1 first --at 09:10
    ! logged 1 in, 1 out, <$0.0001, measured as $0.0300; Order is at $0.0800
    ");
}
