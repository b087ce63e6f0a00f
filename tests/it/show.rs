//! `claude-cost show`, and templates of one's own

use crate::sandbox::Sandbox;

fn ended() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    sandbox.play(
        "
        09:00 claude-cost start 'JWT & <auth>' --tag 'a|b' --tag web
        09:10 claude-cost log 1500 800 'token | validation' --task code --model opus
        09:20 claude-cost quick review 'all of it'
    ",
    );
    sandbox.commit("a", "x\ny\n", "Validate *tokens*", "09:15");
    sandbox.play("09:30 claude-cost end");
    sandbox
}

/// The tags of a page, checked to be closed in the order in which they were opened.
fn unclosed(html: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for tag in html.split('<').skip(1).map(|part| part.split_once('>').map_or(part, |(tag, _)| tag)) {
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        match (tag.starts_with('/'), name.as_str()) {
            (_, "" | "meta" | "br") => {}
            (false, _) => open.push(name),
            (true, _) if open.last() == Some(&name) => {
                open.pop();
            }
            (true, _) => return vec![format!("</{name}> closes {open:?}")],
        }
    }
    open
}

#[test]
fn shows_a_report_as_markdown() {
    let sandbox = ended();
    insta::assert_snapshot!(sandbox.redacted(&sandbox.stdout(&["show"])), @r"
    # JWT &amp; &lt;auth&gt;

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 09:00 to 2026-11-23 09:30 (UTC) |
    | Duration | 30m, of which 30m active |
    | Tags | a\|b, web |
    | Session | [ID] |

    **$0.0360** for 3,500 tokens in and 1,800 out, $0.0720 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0100 |
    | Output | $0.0260 |
    | **Total** | **$0.0360** |
    | An hour, by wall time | $0.0720 |
    | An hour, by active time | $0.0720 |
    | An exchange, on average | $0.0180 |
    | Of it stated by hand | $0.0220 |
    | Of it estimated | $0.0140 |

    | Model | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | claude-opus-5-5 | 1 | 1,500 | 800 | $0.0220 | 61.1% |
    | claude-sonnet-5-5 | 1 | 2,000 | 1,000 | $0.0140 | 38.9% |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | code | 1 | 1,500 | 800 | $0.0220 | 61.1% |
    | review | 1 | 2,000 | 1,000 | $0.0140 | 38.9% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 3,500 |
    | Output | 1,800 |
    | **Total** | **5,300** |
    | Output for each input | 0.51 |
    | A minute, by wall time | 176.67 |
    | A minute, by active time | 176.67 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 09:10 | code | 1,500 | 800 | $0.0220 | token \| validation (claude-opus-5-5) |
    | 2 | 09:20 | review | ~2,000 | ~1,000 | $0.0140 | all of it |

    The model is claude-sonnet-5-5 where none is named. A `~` marks an estimate.

    ## Commits

    | Commit | Time | Subject | Author | Files | Lines | Cost before it |
    | --- | --- | --- | --- | ---: | ---: | ---: |
    | ad5f2e5 | 09:15 | Validate \*tokens\* | Ann | 1 | +2 −0 | $0.0220 |
    | | | not committed | | | | $0.0140 |
    | | | **Total** | | | | **$0.0360** |

    ## Insights

    - 1 exchange for code on claude-opus-5-5 cost $0.0220; the same tokens on claude-sonnet-5-5 cost $0.0110: $0.0110 less.
    - code: 0.53 tokens out for each token in; 0.60 to 4.00 is usual.

    ## Project so far

    1 session in work, $0.0360 in 30m, $0.0720 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    ");
}

#[test]
fn shows_a_report_as_rows_a_page_and_the_json_that_is_archived() {
    let mut sandbox = ended();
    insta::assert_snapshot!(sandbox.redacted(&sandbox.stdout(&["show", "--format", "csv"])), @"
    number,at,task,model,input_tokens,output_tokens,cache_write_tokens,cache_read_tokens,cost_usd,basis,infra,text
    1,2026-11-23T09:10:00Z,code,claude-opus-5-5,1500,800,0,0,0.022,stated,,token | validation
    2,2026-11-23T09:20:00Z,review,claude-sonnet-5-5,2000,1000,0,0,0.014,estimated,,all of it
    ");
    let html = sandbox.stdout(&["show", "--format", "html"]);
    assert_eq!(unclosed(&html), Vec::<String>::new());
    insta::assert_snapshot!(sandbox.redacted(html.split_once("</style>").unwrap().1), @r#"

    </head>
    <body>
    <h1>JWT &amp; &lt;auth&gt;</h1>
    <p class="faint">work · main · 2026-11-23 09:00 (UTC)</p>
    <p><span class="total">$0.0360</span><br>
    3,500 tokens in, 1,800 out, $0.0720 an hour</p>
    <dl>
    <dt>Duration</dt><dd>30m, of which 30m active</dd>
    <dt>Tags</dt><dd>a|b, web</dd>
    <dt>Session</dt><dd>[ID]</dd>
    </dl>

    <h2>Cost</h2>
    <div class="wide"><table>
    <tr><th>Model</th><th class="n">Exchanges</th><th class="n">In</th><th class="n">Out</th><th class="n">Cost</th><th class="n">Share</th></tr>
    <tr><td>claude-opus-5-5</td><td class="n">1</td><td class="n">1,500</td><td class="n">800</td><td class="n">$0.0220</td><td class="n">61.1%</td></tr>
    <tr><td>claude-sonnet-5-5</td><td class="n">1</td><td class="n">2,000</td><td class="n">1,000</td><td class="n">$0.0140</td><td class="n">38.9%</td></tr>
    </table></div>
    <div class="wide"><table>
    <tr><th>Task</th><th class="n">Exchanges</th><th class="n">In</th><th class="n">Out</th><th class="n">Cost</th><th class="n">Share</th></tr>
    <tr><td>code</td><td class="n">1</td><td class="n">1,500</td><td class="n">800</td><td class="n">$0.0220</td><td class="n">61.1%</td></tr>
    <tr><td>review</td><td class="n">1</td><td class="n">2,000</td><td class="n">1,000</td><td class="n">$0.0140</td><td class="n">38.9%</td></tr>
    </table></div>

    <h2>Tokens</h2>
    <dl>
    <dt>Output for each input</dt><dd>0.51</dd>
    <dt>A minute</dt><dd>176.67 by wall time, 176.67 by active time</dd>
    </dl>

    <h2>Activity</h2>
    <div class="wide"><table>
    <tr><th class="n">#</th><th>Time</th><th>Task</th><th class="n">In</th><th class="n">Out</th><th class="n">Cost</th><th>What</th></tr>
    <tr><td class="n">1</td><td>09:10</td><td>code</td><td class="n">1,500</td><td class="n">800</td><td class="n">$0.0220</td><td>token | validation (claude-opus-5-5)</td></tr>
    <tr><td class="n">2</td><td>09:20</td><td>review</td><td class="n">~2,000</td><td class="n">~1,000</td><td class="n">$0.0140</td><td>all of it</td></tr>
    </table></div>

    <h2>Commits</h2>
    <div class="wide"><table>
    <tr><th>Commit</th><th>Time</th><th>Subject</th><th>Author</th><th class="n">Files</th><th class="n">Lines</th><th class="n">Cost before it</th></tr>
    <tr><td>ad5f2e5</td><td>09:15</td><td>Validate *tokens*</td><td>Ann</td><td class="n">1</td><td class="n">+2 −0</td><td class="n">$0.0220</td></tr>
    <tr><td></td><td></td><td>not committed</td><td></td><td></td><td></td><td class="n">$0.0140</td></tr>
    </table></div>

    <h2>Insights</h2>
    <ul>
    <li>1 exchange for code on claude-opus-5-5 cost $0.0220; the same tokens on claude-sonnet-5-5 cost $0.0110: $0.0110 less.</li>
    <li>code: 0.53 tokens out for each token in; 0.60 to 4.00 is usual.</li>
    </ul>

    <p class="faint">1 session in work so far: $0.0360. A ~ marks an estimate.</p>
    </body>
    </html>
    "#);
    let archived = sandbox.play("cat .claude-cost/reports/*.json");
    let shown = sandbox.redacted(&sandbox.stdout(&["show", "--format", "json"]));
    assert_eq!(archived.split_once('\n').unwrap().1.trim(), shown.trim());
}

#[test]
fn html_is_well_formed_whatever_there_is() {
    let mut sandbox = Sandbox::new();
    for line in [
        "09:00 claude-cost start x --estimate 1 --budget 2 --rate 3 --client c --ticket t",
        "09:10 claude-cost note '<b>'",
        "09:20 claude-cost log 1 2 x --model nosuch --cache-read 5",
        "09:30 claude-cost log --infra runpod/a100-80gb=1.5h gpu",
        "09:40 claude-cost end",
    ] {
        sandbox.play(line);
        let html = sandbox.stdout(&["show", "--format", "html"]);
        assert_eq!(unclosed(&html), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn a_session_is_found_by_what_was_typed() {
    let mut sandbox = ended();
    insta::assert_snapshot!(sandbox.play("
        claude-cost show nosuch
        claude-cost show 'jwt & <AUTH>' | head -1
        claude-cost show --save --format csv
        claude-cost start other
        claude-cost show --save
        mkdir ../plain && cd ../plain && claude-cost show
    "), @"
    $ claude-cost show nosuch
    ! error: there is no session `nosuch`
    ! hint: claude-cost sessions --all lists them with their ids
    [exit 1]
    $ claude-cost show 'jwt & <AUTH>' | head -1
    # JWT &amp; &lt;auth&gt;
    $ claude-cost show --save --format csv
    ! error: the argument '--save' cannot be used with '--format <FORMAT>'
    ! 
    ! Usage: claude-cost show --save [ID]
    ! 
    ! For more information, try '--help'.
    [exit 2]
    $ claude-cost start other
    ! started other in work on main, model claude-sonnet-5-5 [[ID]]
    $ claude-cost show --save
    ! error: `other` has not ended
    ! hint: claude-cost end ends it and writes its report
    [exit 1]
    $ mkdir ../plain && cd ../plain && claude-cost show
    ! error: no session is running in plain
    ! hint: start one with claude-cost start <NAME>; running: other in work (--session [ID])
    [exit 1]
    ");
}

#[test]
fn notes_are_kept_and_lost_files_come_back() {
    let mut sandbox = ended();
    insta::assert_snapshot!(sandbox.play("
        sed -i 's|^<!-- notes -->|&\\nMy <b>own</b> words.\\n\\n- one|' .claude-cost/reports/*.md
        claude-cost edit 1 --in 2000
        claude-cost show --save
        sed -n '/notes -->/,$p' .claude-cost/reports/*.md
        claude-cost edit --name renamed
        claude-cost show --save
        claude-cost continue
        claude-cost end
        sed -n '/notes -->/,$p' .claude-cost/reports/*.md
        rm -r .claude-cost
        claude-cost show --save
        ls .claude-cost/reports | wc -l
    "), @r"
    $ sed -i 's|^<!-- notes -->|&\nMy <b>own</b> words.\n\n- one|' .claude-cost/reports/*.md
    $ claude-cost edit 1 --in 2000
    ! edited 1 of JWT & <auth>
    ! hint: its report is as it was; write it again with claude-cost show [ID] --save
    $ claude-cost show --save
    [ROOT]/work/.claude-cost/reports/2026-11-23-jwt-auth-[ID].md
    $ sed -n '/notes -->/,$p' .claude-cost/reports/*.md
    <!-- notes -->
    My <b>own</b> words.

    - one
    <!-- /notes -->
    $ claude-cost edit --name renamed
    ! edited renamed
    ! hint: its report is as it was; write it again with claude-cost show [ID] --save
    $ claude-cost show --save
    [ROOT]/work/.claude-cost/reports/2026-11-23-jwt-auth-[ID].md
    $ claude-cost continue
    ! renamed in work goes on [[ID]]; its report is written again when it ends
    $ claude-cost end
    [ROOT]/work/.claude-cost/reports/2026-11-23-jwt-auth-[ID].md
    ! ended renamed: $0.0380 in 30m ($0.0760 an hour), 2 entries, 1 commit
    $ sed -n '/notes -->/,$p' .claude-cost/reports/*.md
    <!-- notes -->
    My <b>own</b> words.

    - one
    <!-- /notes -->
    $ rm -r .claude-cost
    $ claude-cost show --save
    [ROOT]/work/.claude-cost/reports/2026-11-23-renamed-[ID].md
    $ ls .claude-cost/reports | wc -l
    2
    ");
}

#[test]
fn a_template_of_ones_own_is_used_and_never_costs_the_notes() {
    let mut sandbox = ended();
    sandbox.write("own.md", "{{ overview.name }}: {{ cost.total | usd }}, {{ overview.started_at | moment }}\n{% for row in activity %}{{ loop.index }} {{ row.text }}\n{% endfor %}");
    insta::assert_snapshot!(sandbox.play("
        sed -i 's/^<!-- notes -->/&\\nmine/' .claude-cost/reports/*.md
        claude-cost config set templates.session \"$PWD/own.md\"
        claude-cost show
        claude-cost show --save
        cat .claude-cost/reports/*.md
    "), @r#"
    $ sed -i 's/^<!-- notes -->/&\nmine/' .claude-cost/reports/*.md
    $ claude-cost config set templates.session "$PWD/own.md"
    ! templates.session is now `[ROOT]/work/own.md` in [ROOT]/home/.config/claude-cost/config.toml
    $ claude-cost show
    JWT &amp; &lt;auth&gt;: $0.0360, 2026-11-23 09:00
    1 token \| validation
    2 all of it
    $ claude-cost show --save
    [ROOT]/work/.claude-cost/reports/2026-11-23-jwt-auth-[ID].md
    $ cat .claude-cost/reports/*.md
    JWT &amp; &lt;auth&gt;: $0.0360, 2026-11-23 09:00
    1 token \| validation
    2 all of it

    ## Session notes

    <!-- notes -->
    mine
    <!-- /notes -->
    "#);
}

#[test]
fn a_broken_template_names_its_line_and_the_session_goes_on() {
    let mut sandbox = Sandbox::new();
    sandbox.play("09:00 claude-cost start x");
    sandbox.play("claude-cost config set templates.session \"$PWD/own.md\"");
    let mut refusals = String::new();
    for template in [
        "fine\n\n{{ overview.name",
        "fine\n{% if x %}",
        "fine\n{{ overview.nothing }}",
        "fine\n{{ overview.name | nofilter }}",
        "fine\n{% for i in range(end=1000000000000) %}x{% endfor %}",
        "{% include \"/etc/passwd\" %}",
    ] {
        sandbox.write("own.md", template);
        refusals += &sandbox.play("09:10 claude-cost end");
    }
    fs_err::remove_file(sandbox.work().join("own.md")).unwrap();
    refusals += &sandbox.play("claude-cost end\nclaude-cost show\nclaude-cost status --check");
    insta::assert_snapshot!(refusals, @"
    $ 09:10 claude-cost end
    ! error: template [ROOT]/work/own.md, line 3: unexpected end of input
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ 09:10 claude-cost end
    ! error: template [ROOT]/work/own.md, line 2: unexpected end of input
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ 09:10 claude-cost end
    ! error: template [ROOT]/work/own.md, line 2: field `nothing` is not defined. Available fields: active_gap_seconds, active_seconds, branch, client, ended_at, id, model, name, project, started_at, state, tags, ticket, wall_seconds
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ 09:10 claude-cost end
    ! error: template [ROOT]/work/own.md, line 2: unknown filter `nofilter`
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ 09:10 claude-cost end
    ! error: template [ROOT]/work/own.md, line 2: function `range` would produce 1000000000000 elements, which exceeds the limit of 100000
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ 09:10 claude-cost end
    ! error: template [ROOT]/work/own.md, line 1: unknown template `/etc/passwd`
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ claude-cost end
    ! error: the template cannot be read: failed to open file `[ROOT]/work/own.md`: No such file or directory (os error 2)
    ! hint: mend it, or go without with claude-cost config unset templates.session; the session goes on meanwhile
    [exit 1]
    $ claude-cost show
    ! error: the template cannot be read: failed to open file `[ROOT]/work/own.md`: No such file or directory (os error 2)
    ! hint: mend it, or go without with claude-cost config unset templates.session
    [exit 1]
    $ claude-cost status --check
    running
    ");
}
