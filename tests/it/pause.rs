//! `claude-cost pause` and `claude-cost resume`

use crate::sandbox::Sandbox;

#[test]
fn a_pause_is_no_work() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        09:00 claude-cost start JWT
        09:10 claude-cost log 1000 1000 x
        09:30 claude-cost pause
        09:30 claude-cost status --check
        10:00 claude-cost status
        10:30 claude-cost resume
        10:40 claude-cost log 1000 1000 y
        10:45 claude-cost status
        11:00 claude-cost pause --at 10:50
        11:20 claude-cost end
    "), @"
    $ 09:00 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 09:10 claude-cost log 1000 1000 x
    ! logged 1,000 in, 1,000 out, $0.0120; JWT is at $0.0120
    $ 09:30 claude-cost pause
    ! paused JWT at 09:30; go on with claude-cost resume
    $ 09:30 claude-cost status --check
    paused
    $ 10:00 claude-cost status
    JWT  paused in work  [ID]
      time     30m since 2026-11-23 09:00, 10m active
      cost     $0.0120, $0.0240 an hour
      tokens   1,000 in, 1,000 out in 1 entry
      last     09:10 x
    $ 10:30 claude-cost resume
    ! resumed JWT after 1h 00m
    $ 10:40 claude-cost log 1000 1000 y
    ! logged 1,000 in, 1,000 out, $0.0120; JWT is at $0.0240
    $ 10:45 claude-cost status
    JWT  running in work  [ID]
      time     45m since 2026-11-23 09:00, 25m active
      cost     $0.0240, $0.0320 an hour
      tokens   2,000 in, 2,000 out in 2 entries
      last     10:40 y
    $ 11:00 claude-cost pause --at 10:50
    ! paused JWT at 10:50; go on with claude-cost resume
    $ 11:20 claude-cost end
    [ROOT]/home/.local/share/claude-cost/reports/2026-11-23-jwt-[ID].md
    ! ended JWT: $0.0240 in 50m ($0.0288 an hour), 2 entries
    ");
}

#[test]
fn a_pause_may_go_over_days() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        16:50 claude-cost start JWT
        17:00 claude-cost pause
        2026-11-26T09:00:00Z claude-cost resume
        2026-11-26T09:10:00Z claude-cost status
    "), @"
    $ 16:50 claude-cost start JWT
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ 17:00 claude-cost pause
    ! paused JWT at 17:00; go on with claude-cost resume
    $ 2026-11-26T09:00:00Z claude-cost resume
    ! resumed JWT after 2d 16h
    $ 2026-11-26T09:10:00Z claude-cost status
    JWT  running in work  [ID]
      time     20m since 2026-11-23 16:50, 20m active
      cost     $0.00, $0.00 an hour
      tokens   0 in, 0 out in 0 entries
    ");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.play("
        12:00 claude-cost pause
        12:00 claude-cost start JWT --at 11:00
        claude-cost resume
        claude-cost log 1 1 x --at 11:30
        claude-cost pause --at 11:20
        claude-cost pause --at 10:50
        claude-cost pause --at 11:40
        claude-cost pause
        claude-cost log 1 1 'in the pause'
        claude-cost log 1 1 'before the pause' --at 11:35
        claude-cost resume --at 11:39
        claude-cost resume --at 11:50
        claude-cost note 'in the pause that was' --at 11:45
        claude-cost note 'at its very end' --at 11:50
    "), @"
    $ 12:00 claude-cost pause
    ! error: no session is running in work
    ! hint: start one with claude-cost start <NAME>
    [exit 1]
    $ 12:00 claude-cost start JWT --at 11:00
    ! started JWT in work, model claude-sonnet-5-5 [[ID]]
    $ claude-cost resume
    ! error: `JWT`: the session is not paused
    ! hint: pause it with claude-cost pause
    [exit 1]
    $ claude-cost log 1 1 x --at 11:30
    ! logged 1 in, 1 out, <$0.0001; JWT is at <$0.0001
    $ claude-cost pause --at 11:20
    ! error: `JWT`: that is before the last thing recorded in the session
    ! hint: that was 2026-11-23 11:30; claude-cost edit <NUMBER> --at <TIME> moves an entry
    [exit 1]
    $ claude-cost pause --at 10:50
    ! error: `JWT`: that is before the session started
    ! hint: it started 2026-11-23 11:00; move its start with claude-cost edit --at <TIME>
    [exit 1]
    $ claude-cost pause --at 11:40
    ! paused JWT at 11:40; go on with claude-cost resume
    $ claude-cost pause
    ! error: `JWT`: the session is paused already
    ! hint: go on with claude-cost resume
    [exit 1]
    $ claude-cost log 1 1 'in the pause'
    ! error: `JWT`: that is within a pause that has not ended
    ! hint: it has been paused since 2026-11-23 11:40; go on with claude-cost resume, or claude-cost resume --at <TIME> if work went on before
    [exit 1]
    $ claude-cost log 1 1 'before the pause' --at 11:35
    ! logged 1 in, 1 out, <$0.0001; JWT is at <$0.0001
    $ claude-cost resume --at 11:39
    ! error: `JWT`: that is before the last thing recorded in the session
    ! hint: that was 2026-11-23 11:40; claude-cost edit <NUMBER> --at <TIME> moves an entry
    [exit 1]
    $ claude-cost resume --at 11:50
    ! resumed JWT after 10m
    $ claude-cost note 'in the pause that was' --at 11:45
    ! error: `JWT`: that is within a pause of the session
    ! hint: it was paused from 2026-11-23 11:40 to 2026-11-23 11:50; give a time outside
    [exit 1]
    $ claude-cost note 'at its very end' --at 11:50
    ! noted in JWT
    ");
}
