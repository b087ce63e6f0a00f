//! `claude-cost usage commits`: what was spent before each commit of a stretch of history

use serde_json::Value;

use crate::claude::Answer;
use crate::sandbox::Sandbox;

fn answer(id: &'static str, clock: &str, output: u64) -> Answer {
    Answer::new(id, &format!("2026-11-23T{clock}:00.000Z"), output)
}

/// Three commits on `main` and, since the first of them, two on `feature`; work before and behind each.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "1\n", "Set up", "2026-11-20T08:00:00Z");
    sandbox.answers(&[
        answer("m1", "08:00", 100),
        answer("m2", "08:10", 200).tool("Bash", "git commit -m 'Check tokens'"),
        answer("m3", "08:20", 400).conversation("c2"),
        answer("m4", "09:05", 800),
        answer("m5", "10:05", 1600).conversation("c2").model("nosuch"),
        answer("m6", "10:20", 3200),
        answer("m7", "11:30", 6400),
        answer("x1", "09:30", 99_999).directory("/elsewhere"),
    ]);
    sandbox.commit("a", "2\n", "Check tokens", "2026-11-23T08:10:20Z");
    sandbox.git(&["tag", "v1"]);
    sandbox.git(&["switch", "--quiet", "-c", "feature"]);
    sandbox.commit("b", "1\n", "Start a cart, which is a long subject for so narrow a terminal", "09:00");
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox.commit("a", "3\n", "Refuse old tokens | all of them", "10:00");
    sandbox.git(&["switch", "--quiet", "feature"]);
    sandbox.commit("b", "2\n", "Finish the cart", "11:00");
    sandbox.git(&["switch", "--quiet", "main"]);
    sandbox
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    serde_json::from_str(&sandbox.stdout(&[arguments, &["--json"]].concat())).unwrap()
}

#[test]
fn each_commit_has_what_was_spent_before_it() {
    let sandbox = sandbox();
    insta::assert_snapshot!(sandbox.run(&["usage", "commits"]), @"
    exit 0
    --- stdout
    Commit   Time              Subject                          Tokens     Cost  Known by
    45a48da  2026-11-23 08:10  Check tokens                     22,306  $0.0260  exact
    e6f848b  2026-11-23 10:00  Refuse old tokens | all of them  11,803  $0.0260  window
                               These commits                    34,109  $0.0520
                               Other commits                    38,209  $0.0920
                               Not committed                    17,403  $0.1380
                               Total                            89,721  $0.2821
    12,603 tokens of nosuch are in no cost for want of a price; claude-cost prices set gives one
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "commits", "main..feature"]), @"
    exit 0
    --- stdout
    Commit   Time              Subject                                        Tokens     Cost  Known by
    0225007  2026-11-23 09:00  Start a cart, which is a long subject for so…  11,403  $0.0180  window
    09238bf  2026-11-23 11:00  Finish the cart                                26,806  $0.0740  window
                               These commits                                  38,209  $0.0920
                               Other commits                                  11,803  $0.0260
                               Total                                          50,012  $0.1180
    12,603 tokens of nosuch are in no cost for want of a price; claude-cost prices set gives one
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "commits", "v1.."]), @"
    exit 0
    --- stdout
    Commit   Time              Subject                          Tokens     Cost  Known by
    e6f848b  2026-11-23 10:00  Refuse old tokens | all of them  11,803  $0.0260  window
                               These commits                    11,803  $0.0260
                               Other commits                    26,806  $0.0740
                               Not committed                    17,403  $0.1380
                               Total                            56,012  $0.2380
    12,603 tokens of nosuch are in no cost for want of a price; claude-cost prices set gives one
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "commits", "v1", "--markdown"]), @"
    exit 0
    --- stdout
    | Commit | Time | Subject | Tokens | Cost | Known by |
    | --- | --- | --- | ---: | ---: | --- |
    | 45a48da | 2026-11-23 08:10 | Check tokens | 22,306 | $0.0260 | exact |
    |  |  | Total | 22,306 | $0.0260 |  |
    ");
    insta::assert_snapshot!(sandbox.run(&["usage", "commits", "v1~1..main", "--csv"]), @"
    exit 0
    --- stdout
    commit,at,subject,author,method,exchanges,input_tokens,output_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,total_tokens,unpriced_tokens,likely_missing_output_tokens,stated_tokens,estimated_tokens,cost_usd
    45a48da5d93f236f2512d955ab38fcde2f95d1cf,2026-11-23T08:10:20.000Z,Check tokens,Ann,exact,2,6,300,0,2000,20000,22306,0,0,0,0,0.026024
    e6f848b6b43f3190241760d07010ae2601af53bf,2026-11-23T10:00:00.000Z,Refuse old tokens | all of them,Ann,window,1,3,800,0,1000,10000,11803,0,0,0,0,0.026012
    ,,Other commits,,,3,9,5200,0,3000,30000,38209,12603,0,0,0,0.092024
    ,,Not committed,,,1,3,6400,0,1000,10000,17403,0,0,0,0,0.138012
    ");
}

#[test]
fn a_part_of_the_commits_can_be_asked_for() {
    let sandbox = sandbox();
    for (arguments, subjects) in [
        (&["--last", "1"][..], &["Refuse"][..]),
        (&["v1~1..", "--last", "1"], &["Refuse"]),
        (&["main...feature"], &["Start", "Refuse", "Finish"]),
        (&["--since", "2026-11-23"], &["Check", "Refuse"]),
        (&["--until", "2026-11-22"], &[]),
        (&["feature", "--since", "20261123"], &["Finish"]),
    ] {
        let report = json(&sandbox, &[&["usage", "commits"], arguments].concat());
        let shown = report["commits"].as_array().unwrap().iter();
        let shown: Vec<_> =
            shown.map(|commit| commit["subject"].as_str().unwrap().split(' ').next().unwrap()).collect();
        assert_eq!(shown, subjects, "{arguments:?}");
    }
}

#[test]
fn a_row_is_what_the_breakdown_shows_and_columns_add_up() {
    let sandbox = sandbox();
    let breakdown = json(&sandbox, &["usage", "breakdown", "--by", "commit", "--project", "work"]);
    let rows = breakdown["breakdown"].as_array().unwrap();
    let report = json(&sandbox, &["usage", "commits", "main...feature"]);
    for commit in report["commits"].as_array().unwrap() {
        let row = rows.iter().find(|row| row["commit"] == commit["hash"]).unwrap();
        assert_eq!(row["totalTokens"], commit["total_tokens"], "{commit}");
    }
    let all = json(&sandbox, &["usage", "commits"]);
    assert_eq!(all["total"]["total_tokens"], breakdown["totals"]["totalTokens"]);
    let sum: u64 = sandbox
        .stdout(&["usage", "commits", "--csv"])
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(11).unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(all["total"]["total_tokens"], sum);
}

#[test]
fn the_report_of_a_session_says_the_same() {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.commit("a", "1\n", "Set up", "08:59");
    sandbox.play("09:00 claude-cost start 'JWT auth'");
    sandbox.answers(&[
        answer("m1", "09:05", 400),
        answer("m2", "09:08", 600).tool("Bash", "git commit -m x"),
        answer("m3", "09:20", 50).conversation("c2"),
        answer("m4", "09:40", 70).model("claude-haiku-5-5"),
    ]);
    sandbox.commit("a", "2\n", "Check tokens", "2026-11-23T09:08:30Z");
    sandbox.play("09:15 claude-cost log 1500 800 'by hand'\n09:30 claude-cost quick code 'measured'");
    sandbox.commit("a", "3\n", "Tidy up", "09:35");
    sandbox.play("10:00 claude-cost end");

    let session = json_of_session(&sandbox);
    for arguments in [&["usage", "commits", "HEAD~2.."][..], &["usage", "commits", "--last", "2"]] {
        let report = json(&sandbox, arguments);
        let rows = |report: &Value, name: &str| -> Vec<(Value, Value, Value)> {
            let rows = report[name].as_array().unwrap().iter();
            rows.map(|row| (row["hash"].clone(), row["cost"].clone(), row["method"].clone())).collect()
        };
        assert_eq!(rows(&report, "commits"), rows(&session["commits"], "rows"));
        assert_eq!(report["not_committed"]["cost"], session["commits"]["not_committed"]);
        assert_eq!(report["total"]["cost"], session["cost"]["total"]);
        assert_eq!(report["other_commits"]["exchanges"], 0);
    }
}

fn json_of_session(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&sandbox.stdout(&["show", "JWT auth", "--format", "json"])).unwrap()
}

#[test]
fn a_linked_work_tree_has_the_usage_of_its_repository() {
    let sandbox = sandbox();
    sandbox.git(&["worktree", "add", "--quiet", "../linked", "feature"]);
    fs_err::create_dir_all(sandbox.work().join("src/deep")).unwrap();
    let expected = json(&sandbox, &["usage", "commits", "main..feature"])["committed"].clone();
    for directory in ["../linked", "src/deep"] {
        let mut command = sandbox.claude_cost(&["usage", "commits", "main..feature", "--json"]);
        let output = command.current_dir(sandbox.work().join(directory)).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["committed"], expected, "{directory}");
    }
}

#[test]
fn what_cannot_be_shown_is_said_with_a_way_out() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("claude-cost usage commits"), @"
    $ claude-cost usage commits
    ! error: [ROOT]/work is in no git repository
    ! hint: go to one; claude-cost usage breakdown --by commit shows the commits of all
    [exit 1]
    ");
    sandbox.init_repository();
    insta::assert_snapshot!(sandbox.play("claude-cost usage commits\nclaude-cost usage commits HEAD~5.."), @"
    $ claude-cost usage commits
    No usage is known in work yet: work with Claude Code there, and it shows here.
    $ claude-cost usage commits HEAD~5..
    ! error: git knows no `HEAD~5` here
    ! hint: name commits, branches or tags, as in main..feature, v1.0..v1.1 or HEAD~5..
    [exit 2]
    ");
    sandbox.commit("a", "1\n", "Set up", "2026-11-20T08:00:00Z");
    insta::assert_snapshot!(sandbox.play("claude-cost usage commits HEAD\nclaude-cost usage commits HEAD --csv"), @"
    $ claude-cost usage commits HEAD
    No usage is known in work yet: work with Claude Code there, and it shows here.
    $ claude-cost usage commits HEAD --csv
    commit,at,subject,author,method,exchanges,input_tokens,output_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_read_tokens,total_tokens,unpriced_tokens,likely_missing_output_tokens,stated_tokens,estimated_tokens,cost_usd
    ");
    assert_eq!(json(&sandbox, &["usage", "commits"])["notes"], serde_json::json!(["no usage is known here yet"]));
    sandbox.answers(&[answer("m1", "09:00", 100)]);
    sandbox.git(&["config", "user.email", "bob@example.com"]);
    sandbox.commit("a", "2\n", "Bob's", "09:30");
    sandbox.git(&["config", "user.email", "ann@example.com"]);
    insta::assert_snapshot!(sandbox.play("
        claude-cost usage commits
        claude-cost usage commits HEAD
        claude-cost usage commits HEAD~1
        claude-cost usage commits HEAD~1..
        claude-cost usage commits HEAD..HEAD
        claude-cost usage commits main..nosuch
        claude-cost usage commits --until 2026-11-23
        claude-cost usage commits --last 0
    "), @"
    $ claude-cost usage commits
    Commit  Time  Subject        Tokens     Cost  Known by
                  Not committed  11,103  $0.0120
                  Total          11,103  $0.0120
    $ claude-cost usage commits HEAD
    ! error: `HEAD` has 1 commit, but none of yours
    ! hint: yours have the address that git config user.email gives
    [exit 1]
    $ claude-cost usage commits HEAD~1
    No commits to show: no usage is known here from before 2026-11-23, and older commits have no row.
    $ claude-cost usage commits HEAD~1..
    ! error: `HEAD~1..` has 1 commit, but none of yours
    ! hint: yours have the address that git config user.email gives
    [exit 1]
    $ claude-cost usage commits HEAD..HEAD
    ! error: there are no commits in `HEAD..HEAD`
    ! hint: A..B is what leads to B and not to A: the later end stands last
    [exit 1]
    $ claude-cost usage commits main..nosuch
    ! error: git knows no `nosuch` here
    ! hint: name commits, branches or tags, as in main..feature, v1.0..v1.1 or HEAD~5..
    [exit 2]
    $ claude-cost usage commits --until 2026-11-23
    No commits to show: no usage is known here from before 2026-11-23, and older commits have no row.
    $ claude-cost usage commits --last 0
    ! error: invalid value '0' for '--last <COUNT>': 0 is not in 1..=4294967295
    ! 
    ! For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn commits_fit_the_terminal() {
    let sandbox = sandbox();
    for width in [30, 40, 60, 80, 100, 140] {
        let mut command = sandbox.claude_cost(&["usage", "commits", "main...feature"]);
        let output = command.env("COLUMNS", width.to_string()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}:\n{text}");
        }
    }
}
