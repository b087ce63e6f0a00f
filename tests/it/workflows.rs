//! Three pieces of work as a person types them, with every figure of their reports found once more by hand.

use crate::by_hand::by_hand;
use crate::by_hand::figures;
use crate::by_hand::second;
use crate::sandbox::Sandbox;

/// Plays a piece of work and returns its report, in which every figure was found right.
fn checked(lines: &str, commits: &[(&str, &str)]) -> String {
    let mut sandbox = Sandbox::new();
    sandbox.init_repository();
    for (number, (subject, at)) in (0..).zip(commits) {
        sandbox.commit(&format!("src/{number}.rs"), "fn one() {}\nfn two() {}\n", subject, at);
    }
    let commits: Vec<i64> = commits.iter().map(|(_, at)| second(&format!("T{at}:00").into())).collect();
    let dialogue = sandbox.play(lines);
    let path = sandbox.play("ls .claude-cost/reports/*.md");
    assert!(path.contains(".claude-cost/reports/2026-11-23-"), "{path}");
    let page = sandbox.stdout(&["show"]);
    for figure in figures(&by_hand(&sandbox, &commits), &commits) {
        assert!(page.contains(&figure), "`{figure}` is not in\n{page}");
    }
    let archived = fs_err::read_dir(sandbox.work().join(".claude-cost/reports"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "md"))
        .unwrap();
    assert_eq!(fs_err::read_to_string(archived).unwrap(), page);
    format!("{dialogue}\n{}", sandbox.redacted(&page))
}

#[test]
fn feature_development() {
    let report = checked(
        r#"
        09:00 claude-cost start "User Authentication Feature"
        09:07 claude-cost log 2500 3500 "Designed JWT auth architecture"
        09:21 claude-cost log 1800 4200 "Implemented token validation middleware"
        09:58 claude-cost log 1200 1800 "Added comprehensive auth tests"
        10:05 claude-cost log 900 600 "Fixed edge cases and security issues"
        10:11 claude-cost end
        "#,
        &[("Add token validation", "09:22"), ("Test it", "10:00")],
    );
    insta::assert_snapshot!(report, @r#"
    $ 09:00 claude-cost start "User Authentication Feature"
    ! started User Authentication Feature in work on main, model claude-sonnet-5-5 [[ID]]
    $ 09:07 claude-cost log 2500 3500 "Designed JWT auth architecture"
    ! logged 2,500 in, 3,500 out, $0.0400; User Authentication Feature is at $0.0400
    $ 09:21 claude-cost log 1800 4200 "Implemented token validation middleware"
    ! logged 1,800 in, 4,200 out, $0.0456; User Authentication Feature is at $0.0856
    $ 09:58 claude-cost log 1200 1800 "Added comprehensive auth tests"
    ! logged 1,200 in, 1,800 out, $0.0204; User Authentication Feature is at $0.1060
    $ 10:05 claude-cost log 900 600 "Fixed edge cases and security issues"
    ! logged 900 in, 600 out, $0.0078; User Authentication Feature is at $0.1138
    $ 10:11 claude-cost end
    [ROOT]/work/.claude-cost/reports/2026-11-23-user-authentication-feature-[ID].md
    ! ended User Authentication Feature: $0.1138 in 1h 11m ($0.0962 an hour), 4 entries, 2 commits

    # User Authentication Feature

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 09:00 to 2026-11-23 10:11 (UTC) |
    | Duration | 1h 11m, of which 35m active |
    | Session | [ID] |

    **$0.1138** for 6,400 tokens in and 10,100 out, $0.0962 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0128 |
    | Output | $0.1010 |
    | **Total** | **$0.1138** |
    | An hour, by wall time | $0.0962 |
    | An hour, by active time | $0.1951 |
    | An exchange, on average | $0.0284 |

    | Model | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | claude-sonnet-5-5 | 4 | 6,400 | 10,100 | $0.1138 | 100.0% |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | other | 4 | 6,400 | 10,100 | $0.1138 | 100.0% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 6,400 |
    | Output | 10,100 |
    | **Total** | **16,500** |
    | Output for each input | 1.58 |
    | A minute, by wall time | 232.39 |
    | A minute, by active time | 471.43 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 09:07 |  | 2,500 | 3,500 | $0.0400 | Designed JWT auth architecture |
    | 2 | 09:21 |  | 1,800 | 4,200 | $0.0456 | Implemented token validation middleware |
    | 3 | 09:58 |  | 1,200 | 1,800 | $0.0204 | Added comprehensive auth tests |
    | 4 | 10:05 |  | 900 | 600 | $0.0078 | Fixed edge cases and security issues |

    The model is claude-sonnet-5-5 where none is named.

    ## Commits

    | Commit | Time | Subject | Author | Files | Lines | Cost before it |
    | --- | --- | --- | --- | ---: | ---: | ---: |
    | 2300adb | 09:22 | Add token validation | Ann | 1 | +2 −0 | $0.0856 |
    | 36d2d7d | 10:00 | Test it | Ann | 1 | +2 −0 | $0.0204 |
    | | | not committed | | | | $0.0078 |
    | | | **Total** | | | | **$0.1138** |

    ## Insights

    Nothing stands out.

    ## Project so far

    1 session in work, $0.1138 in 1h 11m, $0.0962 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    "#);
}

#[test]
fn code_review_session() {
    let report = checked(
        r#"
        14:00 claude-cost start "Security Review - Payment System"
        14:09 claude-cost log 4500 2200 "Analyzed payment processing security"
        14:23 claude-cost log 1800 2800 "Identified 3 security vulnerabilities"
        14:31 claude-cost log 1200 3400 "Provided security improvement recommendations"
        14:40 claude-cost end
        "#,
        &[],
    );
    insta::assert_snapshot!(report, @r#"
    $ 14:00 claude-cost start "Security Review - Payment System"
    ! started Security Review - Payment System in work on main, model claude-sonnet-5-5 [[ID]]
    $ 14:09 claude-cost log 4500 2200 "Analyzed payment processing security"
    ! logged 4,500 in, 2,200 out, $0.0310; Security Review - Payment System is at $0.0310
    $ 14:23 claude-cost log 1800 2800 "Identified 3 security vulnerabilities"
    ! logged 1,800 in, 2,800 out, $0.0316; Security Review - Payment System is at $0.0626
    $ 14:31 claude-cost log 1200 3400 "Provided security improvement recommendations"
    ! logged 1,200 in, 3,400 out, $0.0364; Security Review - Payment System is at $0.0990
    $ 14:40 claude-cost end
    [ROOT]/work/.claude-cost/reports/2026-11-23-security-review-payment-system-[ID].md
    ! ended Security Review - Payment System: $0.0990 in 40m ($0.1485 an hour), 3 entries

    # Security Review - Payment System

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 14:00 to 2026-11-23 14:40 (UTC) |
    | Duration | 40m, of which 40m active |
    | Session | [ID] |

    **$0.0990** for 7,500 tokens in and 8,400 out, $0.1485 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0150 |
    | Output | $0.0840 |
    | **Total** | **$0.0990** |
    | An hour, by wall time | $0.1485 |
    | An hour, by active time | $0.1485 |
    | An exchange, on average | $0.0330 |

    | Model | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | claude-sonnet-5-5 | 3 | 7,500 | 8,400 | $0.0990 | 100.0% |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | other | 3 | 7,500 | 8,400 | $0.0990 | 100.0% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 7,500 |
    | Output | 8,400 |
    | **Total** | **15,900** |
    | Output for each input | 1.12 |
    | A minute, by wall time | 397.50 |
    | A minute, by active time | 397.50 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 14:09 |  | 4,500 | 2,200 | $0.0310 | Analyzed payment processing security |
    | 2 | 14:23 |  | 1,800 | 2,800 | $0.0316 | Identified 3 security vulnerabilities |
    | 3 | 14:31 |  | 1,200 | 3,400 | $0.0364 | Provided security improvement recommendations |

    The model is claude-sonnet-5-5 where none is named.

    ## Commits

    No commits were made.

    ## Insights

    Nothing stands out.

    ## Project so far

    1 session in work, $0.0990 in 40m, $0.1485 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    "#);
}

#[test]
fn quick_debugging() {
    let report = checked(
        r#"
        16:00 claude-cost start "Debug Session - API Errors"
        16:03 claude-cost quick debug "Fixed JWT token parsing error"
        16:08 claude-cost quick debug "Resolved database connection timeout"
        16:09 claude-cost end
        "#,
        &[],
    );
    insta::assert_snapshot!(report, @r#"
    $ 16:00 claude-cost start "Debug Session - API Errors"
    ! started Debug Session - API Errors in work on main, model claude-sonnet-5-5 [[ID]]
    $ 16:03 claude-cost quick debug "Fixed JWT token parsing error"
    ! logged ~2,750 in, ~1,650 out, debug, $0.0220 (by the preset); Debug Session - API Errors is at $0.0220
    $ 16:08 claude-cost quick debug "Resolved database connection timeout"
    ! logged ~2,750 in, ~1,650 out, debug, $0.0220 (by the preset); Debug Session - API Errors is at $0.0440
    $ 16:09 claude-cost end
    [ROOT]/work/.claude-cost/reports/2026-11-23-debug-session-api-errors-[ID].md
    ! ended Debug Session - API Errors: $0.0440 in 9m ($0.2933 an hour), 2 entries

    # Debug Session - API Errors

    | | |
    | --- | --- |
    | Project | work, branch main |
    | Time | 2026-11-23 16:00 to 2026-11-23 16:09 (UTC) |
    | Duration | 9m, of which 9m active |
    | Session | [ID] |

    **$0.0440** for 5,500 tokens in and 3,300 out, $0.2933 an hour.

    ## Cost

    | | |
    | --- | ---: |
    | Input | $0.0110 |
    | Output | $0.0330 |
    | **Total** | **$0.0440** |
    | An hour, by wall time | $0.2933 |
    | An hour, by active time | $0.2933 |
    | An exchange, on average | $0.0220 |
    | Of it estimated | $0.0440 |

    | Model | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | claude-sonnet-5-5 | 2 | 5,500 | 3,300 | $0.0440 | 100.0% |

    | Task | Exchanges | In | Out | Cost | Share |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | debug | 2 | 5,500 | 3,300 | $0.0440 | 100.0% |

    ## Tokens

    | | |
    | --- | ---: |
    | Input | 5,500 |
    | Output | 3,300 |
    | **Total** | **8,800** |
    | Output for each input | 0.60 |
    | A minute, by wall time | 977.78 |
    | A minute, by active time | 977.78 |

    ## Activity

    | # | Time | Task | In | Out | Cost | What |
    | ---: | --- | --- | ---: | ---: | ---: | --- |
    | 1 | 16:03 | debug | ~2,750 | ~1,650 | $0.0220 | Fixed JWT token parsing error |
    | 2 | 16:08 | debug | ~2,750 | ~1,650 | $0.0220 | Resolved database connection timeout |

    The model is claude-sonnet-5-5 where none is named. A `~` marks an estimate.

    ## Commits

    No commits were made.

    ## Insights

    - 100.0% of the cost rests on presets, history or text, not on measured or stated figures.

    ## Project so far

    1 session in work, $0.0440 in 9m, $0.2933 an hour.

    Amounts are rounded to a hundredth of a cent; the exact ones are in the JSON of this report.

    ## Session notes

    <!-- notes -->

    <!-- /notes -->
    "#);
}

#[test]
fn the_first_steps_of_the_manual_work_as_typed() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play(r#"
        09:00 claude-cost start "JWT Development Session"
        09:10 claude-cost log 1500 800 "Implementing token validation"
        09:20 claude-cost quick code "Added authentication middleware"
        09:30 claude-cost quick review "Security audit of JWT handling"
        09:40 claude-cost status
        09:50 claude-cost end
    "#), @r#"
    $ 09:00 claude-cost start "JWT Development Session"
    ! started JWT Development Session in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost log 1500 800 "Implementing token validation"
    ! logged 1,500 in, 800 out, $0.0110; JWT Development Session is at $0.0110
    $ 09:20 claude-cost quick code "Added authentication middleware"
    ! logged ~3,500 in, ~5,500 out, code, $0.0620 (by the preset); JWT Development Session is at $0.0730
    $ 09:30 claude-cost quick review "Security audit of JWT handling"
    ! logged ~2,000 in, ~1,000 out, review, $0.0140 (by the preset); JWT Development Session is at $0.0870
    $ 09:40 claude-cost status
    JWT Development Session  running in work  [ID]
      time     40m since 2026-11-23 09:00, 40m active
      cost     $0.0870, $0.1305 an hour
               $0.0760 of it estimated
      tokens   7,000 in, 7,300 out in 3 entries
      last     09:30 Security audit of JWT handling
    $ 09:50 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-development-session-[ID].md
    ! ended JWT Development Session: $0.0870 in 50m ($0.1044 an hour), 3 entries
    "#);
}
