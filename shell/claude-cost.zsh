# Short commands, completion and an optional prompt segment for claude-cost in zsh 5.0 and later.
# Nothing here runs a program until a command is typed, Tab is pressed or an enabled prompt is shown.

__claude_cost_binary=@CLAUDE_COST@

# A shell may outlive the binary that its script was made by.
function __claude_cost_run {
    if [[ -x "${__claude_cost_binary}" ]]; then
        "${__claude_cost_binary}" "$@"
    else
        \command claude-cost "$@"
    fi
}

# An alias of the same name would break the definitions below.
\builtin unalias claude-start claude-log claude-quick claude-note claude-status claude-end &>/dev/null || \builtin true

function claude-start { __claude_cost_run start "$@"; }
function claude-quick { __claude_cost_run quick "$@"; }
function claude-note { __claude_cost_run note "$@"; }
function claude-status { __claude_cost_run status "$@"; }
function claude-end { __claude_cost_run end "$@"; }
function claude-log { __claude_cost_run "$(__claude_cost_log_command "${1-}")" "$@"; }

# `claude-log 1500 800 "text"` states tokens; `claude-log code "text"` names a kind of work.
function __claude_cost_log_command {
    case "$1" in
        ('' | -*) \builtin printf log ;;
        (*[^0-9,._kKmM]*) \builtin printf quick ;;
        ([0-9]*) \builtin printf log ;;
        (*) \builtin printf quick ;;
    esac
}

# The text goes through psvar: `%61v` in PROMPT shows it as it is, without expanding `%`, `$` or backquotes in it,
# whether prompt_subst is set or not. 61 is out of the way of themes, which begin with 1.
function __claude_cost_update_prompt {
    local __claude_cost_last=$? __claude_cost_segment
    \builtin emulate -L zsh
    __claude_cost_segment="$(__claude_cost_run status --format prompt 2>/dev/null)" || __claude_cost_segment=''
    __claude_cost_segment="${__claude_cost_segment//[[:cntrl:]]/}"
    psvar[61]="${__claude_cost_segment:+${__claude_cost_segment} }"
    # A theme may have made PROMPT anew.
    if [[ "${PROMPT-}" != *'%61v'* ]]; then
        PROMPT="%61v${PROMPT-}"
    fi
    \builtin return "${__claude_cost_last}"
}

function __claude_cost_enable_prompt {
    [[ -o interactive ]] || \builtin return 0
    \builtin typeset -ga precmd_functions
    if [[ " ${precmd_functions[*]-} " != *' __claude_cost_update_prompt '* ]]; then
        precmd_functions+=(__claude_cost_update_prompt)
    fi
}

# claude-cost knows its own options; they are asked for when Tab is first pressed.
function __claude_cost_load_completion {
    (( ${+functions[_claude-cost]} )) && \builtin return 0
    \builtin eval "$(__claude_cost_run completions zsh 2>/dev/null)"
    (( ${+functions[_claude-cost]} ))
}

function __claude_cost_complete {
    __claude_cost_load_completion && _claude-cost "$@"
}

# Completes `claude-x …` as `claude-cost x …`; only claude-log also takes a kind of work where `log` takes none.
function __claude_cost_complete_short {
    local __claude_cost_subcommand="${words[1]#claude-}"
    if [[ "${__claude_cost_subcommand}" == log ]] && (( CURRENT > 2 )); then
        __claude_cost_subcommand="$(__claude_cost_log_command "${words[2]}")"
    fi
    if (( CURRENT == 2 )) && [[ "${words[1]}" == claude-log ]]; then
        compadd -- ${(f)"$(__claude_cost_task_names)"}
    fi
    __claude_cost_load_completion || \builtin return 1
    words=(claude-cost "${__claude_cost_subcommand}" "${(@)words[2,-1]}")
    (( CURRENT += 1 ))
    _claude-cost
}

function __claude_cost_task_names {
    \builtin print -l chat code review debug plan audit test docs
    __claude_cost_run config get tasks 2>/dev/null || \builtin true
}

# Without compinit there is nothing to complete with.
if (( ${+functions[compdef]} )); then
    compdef __claude_cost_complete claude-cost
    compdef __claude_cost_complete_short \
        claude-start claude-log claude-quick claude-note claude-status claude-end
fi
