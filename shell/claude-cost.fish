# Short commands, completion and an optional prompt segment for claude-cost in fish 3.0 and later.
# Nothing here runs a program until a command is typed, Tab is pressed or an enabled prompt is shown.

set -g __claude_cost_binary @CLAUDE_COST@

# A shell may outlive the binary that its script was made by.
function __claude_cost_run
    if test -x "$__claude_cost_binary"
        command "$__claude_cost_binary" $argv
    else if command -sq claude-cost
        command claude-cost $argv
    else
        # fish itself would say so on the terminal, even from a prompt.
        echo 'claude-cost: command not found' >&2
        return 127
    end
end

function claude-start
    __claude_cost_run start $argv
end
function claude-quick
    __claude_cost_run quick $argv
end
function claude-note
    __claude_cost_run note $argv
end
function claude-status
    __claude_cost_run status $argv
end
function claude-end
    __claude_cost_run end $argv
end
function claude-log
    __claude_cost_run (__claude_cost_log_command $argv[1]) $argv
end

# `claude-log 1500 800 "text"` states tokens; `claude-log code "text"` names a kind of work.
function __claude_cost_log_command
    if string match -qr -- '^(|-.*|[0-9][0-9,._kKmM]*)$' "$argv[1]"
        echo log
    else
        echo quick
    end
end

function __claude_cost_segment
    set -l segment (__claude_cost_run status --format prompt 2>/dev/null)
    or return
    test -n "$segment"
    and printf '%s ' (string replace -ra -- '[[:cntrl:]]' '' "$segment")
end

function __claude_cost_status
    return $argv[1]
end

# The segment stands on the right, before what is there already.
function __claude_cost_enable_prompt
    if functions -q fish_right_prompt
        if functions fish_right_prompt | string match -q -- '*__claude_cost_segment*'
            return 0
        end
        functions -e __claude_cost_other_prompt
        functions -c fish_right_prompt __claude_cost_other_prompt
    end
    function fish_right_prompt
        set -l last $status
        __claude_cost_segment
        if functions -q __claude_cost_other_prompt
            __claude_cost_status $last
            __claude_cost_other_prompt
        end
    end
end

function __claude_cost_task_names
    printf '%s\n' chat code review debug plan audit test docs
    __claude_cost_run config get tasks 2>/dev/null
end

# claude-cost knows its own options; they are asked for when Tab is first pressed, and then answer in this one's place.
function __claude_cost_complete
    complete -e -c claude-cost
    __claude_cost_run completions fish 2>/dev/null | source
    complete -C (commandline -cp)
end

# Completes `claude-x …` as `claude-cost x …`.
function __claude_cost_complete_short
    set -l words (commandline -opc)
    set -l subcommand (string replace -r '^claude-' '' -- $words[1])
    if test "$subcommand" = log; and set -q words[2]
        set subcommand (__claude_cost_log_command $words[2])
    end
    complete -C (string join ' ' -- claude-cost $subcommand (string escape -- $words[2..-1]) (commandline -ct))
end

function __claude_cost_is_first_word
    test (count (commandline -opc)) -eq 1
end

complete -e -c claude-cost
complete -c claude-cost -f -a '(__claude_cost_complete)'
for __claude_cost_name in claude-start claude-log claude-quick claude-note claude-status claude-end
    complete -e -c $__claude_cost_name
    complete -c $__claude_cost_name -f -a '(__claude_cost_complete_short)'
end
# Only claude-log also takes a kind of work where `log` takes none.
complete -c claude-log -f -n __claude_cost_is_first_word -a '(__claude_cost_task_names)'
set -e __claude_cost_name
