//! What people who come from ccusage type

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::usage::seed::used;

#[test]
fn options_alone_are_those_of_days() {
    let sandbox = used();
    let days = sandbox.stdout(&["daily", "--json"]);
    for typed in ["--json", "-O --json", "claude --json", "-z utc --json", "--json -z local", "-q --json", "-m auto -j"]
    {
        assert_eq!(sandbox.stdout(&typed.split(' ').collect::<Vec<_>>()), days, "{typed}");
    }
    assert_eq!(sandbox.stdout(&["claude"]), sandbox.stdout(&["daily"]));
    let since: Value = serde_json::from_str(&sandbox.stdout(&["--since", "20261123", "-j"])).unwrap();
    assert_eq!(since["daily"].as_array().unwrap().len(), 1);
    assert_eq!(sandbox.stdout(&["blocks", "-b"]), sandbox.stdout(&["blocks"]));
    assert_eq!(sandbox.stdout(&["-v"]), sandbox.stdout(&["--version"]));
    for typed in ["daily --color", "--color daily"] {
        let output =
            sandbox.claude_cost(&typed.split(' ').collect::<Vec<_>>()).env_remove("NO_COLOR").output().unwrap();
        assert!(output.stdout.contains(&0x1b), "{typed}");
    }
}

#[test]
fn what_is_not_there_is_refused_with_a_way_out() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        claude-cost daily -q .totals.totalCost
        claude-cost --jq \"[.daily[] | select(.date > 'x')]\"
        claude-cost -q .totals
        claude-cost --sections daily,weekly
        claude-cost daily --config ccusage.json
        claude-cost daily --mode display
        claude-cost daily --mode cheap
        claude-cost daily --last 0
        claude-cost monthly --since 20261124 --until 2026-11-01
        claude-cost export --since 20261124 --until 2026-11-01
        claude-cost daily --model ''
        claude-cost daily --project ''
        claude-cost export --project ''
        claude-cost --frobnicate
        claude-cost daily -z Berlin
    "), @r#"
    $ claude-cost daily -q .totals.totalCost
    ! error: invalid value '.totals.totalCost' for '--jq <JQ>': there is no jq built in; print JSON and pipe it: claude-cost daily --json | jq '.totals.totalCost'
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost --jq "[.daily[] | select(.date > 'x')]"
    ! error: invalid value '[.daily[] | select(.date > 'x')]' for '--jq <JQ>': there is no jq built in; print JSON and pipe it: claude-cost daily --json | jq '[.daily[] | select(.date > '\''x'\'')]'
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost -q .totals
    ! error: invalid value '.totals' for '--jq <JQ>': there is no jq built in; print JSON and pipe it: claude-cost daily --json | jq '.totals'
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost --sections daily,weekly
    ! error: invalid value 'daily,weekly' for '--sections <SECTIONS>': each report is a command of its own, as in claude-cost daily --json
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost daily --config ccusage.json
    ! error: -c `ccusage.json` has no `=`
    ! hint: write KEY=VALUE, as in -c model=opus; files of settings are found by themselves
    [exit 2]
    $ claude-cost daily --mode display
    ! error: invalid value 'display' for '--mode <MODE>': costs are always calculated; what old transcripts state is in claude-cost export
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost daily --mode cheap
    ! error: invalid value 'cheap' for '--mode <MODE>': costs are always calculated, as with `calculate`
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost daily --last 0
    ! error: invalid value '0' for '--last <COUNT>': 0 is not in 1..=4294967295
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost monthly --since 20261124 --until 2026-11-01
    ! error: --since 2026-11-24 is later than --until 2026-11-01
    ! hint: both days count; give the earlier one to --since
    [exit 2]
    $ claude-cost export --since 20261124 --until 2026-11-01
    ! error: --since 2026-11-24 is later than --until 2026-11-01
    ! hint: both days count; give the earlier one to --since
    [exit 2]
    $ claude-cost daily --model ''
    ! error: a value is required for '--model <MODEL>' but none was supplied
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost daily --project ''
    ! error: a value is required for '--project <PROJECT>' but none was supplied
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost export --project ''
    ! error: a value is required for '--project <PROJECT>' but none was supplied
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost --frobnicate
    ! error: unexpected argument '--frobnicate' found
    ! 
    ! Usage: claude-cost [OPTIONS] <COMMAND>
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost daily -z Berlin
    ! error: invalid value 'Berlin' for '--timezone <ZONE>': not a time zone; write it as Europe/Berlin or UTC
    ! 
    ! For more information, try '--help'.
    [exit 2]
    "#);
}
