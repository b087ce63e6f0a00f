# shellcheck shell=bash
#
# Short commands, completion and an optional prompt segment for claude-cost in bash 3.2 and later.
# Nothing here runs a program until a command is typed, Tab is pressed or an enabled prompt is shown.

__claude_cost_binary=@CLAUDE_COST@

# A shell may outlive the binary that its script was made by.
__claude_cost_run() {
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
__claude_cost_log_command() {
    case "$1" in
        '' | -*) \builtin printf log ;;
        *[!0-9,._kKmM]*) \builtin printf quick ;;
        [0-9]*) \builtin printf log ;;
        *) \builtin printf quick ;;
    esac
}

# PS1 only names this variable: bash does not look for commands in what a variable holds, but does in PS1 itself.
__claude_cost_segment=''

__claude_cost_update_prompt() {
    local -r __claude_cost_last="$?"
    __claude_cost_segment="$(__claude_cost_run status --format prompt 2>/dev/null)" || __claude_cost_segment=''
    __claude_cost_segment="${__claude_cost_segment//[[:cntrl:]]/}"
    __claude_cost_segment="${__claude_cost_segment:+${__claude_cost_segment} }"
    # A theme may have made PS1 anew.
    # shellcheck disable=SC2016 # PS1 takes the name of the variable, and the prompt its value
    if [[ "${PS1-}" != *'${__claude_cost_segment-}'* ]]; then
        PS1='${__claude_cost_segment-}'"${PS1-}"
    fi
    # What runs after this may want the status; but with `set -e` it would end the shell.
    if [[ "$-" == *e* ]]; then
        \builtin return 0
    fi
    \builtin return "${__claude_cost_last}"
}

__claude_cost_enable_prompt() {
    case "$-" in *i*) ;; *) \builtin return 0 ;; esac
    case "${PROMPT_COMMAND[*]-}" in *__claude_cost_update_prompt*) \builtin return 0 ;; esac
    # Later elements of an array run since bash 5.1.
    if [[ "$(\builtin declare -p PROMPT_COMMAND 2>/dev/null || \builtin true)" == 'declare -a'* ]] &&
        ((BASH_VERSINFO[0] > 5 || (BASH_VERSINFO[0] == 5 && BASH_VERSINFO[1] >= 1))); then
        PROMPT_COMMAND+=(__claude_cost_update_prompt)
    else
        # shellcheck disable=SC2128,SC2178 # of an array, an older bash runs the first element alone
        __claude_cost_other_commands="${PROMPT_COMMAND-}"
        __claude_cost_other_commands="${__claude_cost_other_commands#"${__claude_cost_other_commands%%[![:space:];]*}"}"
        # shellcheck disable=SC2178
        PROMPT_COMMAND="__claude_cost_update_prompt${__claude_cost_other_commands:+; ${__claude_cost_other_commands}}"
        \builtin unset __claude_cost_other_commands
    fi
}

# claude-cost knows its own options; they are asked for when Tab is first pressed.
__claude_cost_load_completion() {
    __claude_cost_find_completer
    if [[ "${__claude_cost_completer}" == __claude_cost_complete ]]; then
        \builtin eval "$(__claude_cost_run completions bash 2>/dev/null)"
        __claude_cost_find_completer
    fi
    [[ -n "${__claude_cost_completer}" && "${__claude_cost_completer}" != __claude_cost_complete ]]
}

# The function that completes claude-cost now.
__claude_cost_find_completer() {
    __claude_cost_completer="$(complete -p claude-cost 2>/dev/null || \builtin true)"
    __claude_cost_completer="${__claude_cost_completer#*-F }"
    __claude_cost_completer="${__claude_cost_completer%% *}"
}

# Loading sets the real completion in this one's place; 124 has bash try that.
__claude_cost_complete() {
    __claude_cost_load_completion && \builtin return 124
}

# Completes `claude-x …` as `claude-cost x …`; only claude-log also takes a kind of work where `log` takes none.
__claude_cost_complete_short() {
    local IFS=$' \t\n'
    local __claude_cost_word="${2-}" __claude_cost_subcommand="${1#claude-}"
    local __claude_cost_task
    local -a __claude_cost_tasks=()
    if [[ "${__claude_cost_subcommand}" == log ]] && ((COMP_CWORD > 1)); then
        __claude_cost_subcommand="$(__claude_cost_log_command "${COMP_WORDS[1]}")"
    fi
    if ((COMP_CWORD == 1)) && [[ "$1" == claude-log ]]; then
        while IFS='' \builtin read -r __claude_cost_task; do
            if [[ "${__claude_cost_task}" == "${__claude_cost_word}"* ]]; then
                __claude_cost_tasks+=("${__claude_cost_task}")
            fi
        done < <(__claude_cost_task_names)
    fi
    COMPREPLY=()
    if __claude_cost_load_completion; then
        local -a COMP_WORDS=(claude-cost "${__claude_cost_subcommand}" "${COMP_WORDS[@]:1}")
        local COMP_CWORD=$((COMP_CWORD + 1))
        "${__claude_cost_completer}" claude-cost "${__claude_cost_word}" "${3-}"
    fi
    COMPREPLY=(${__claude_cost_tasks[@]+"${__claude_cost_tasks[@]}"} ${COMPREPLY[@]+"${COMPREPLY[@]}"})
}

__claude_cost_task_names() {
    \builtin printf '%s\n' chat code review debug plan audit 'test' docs
    __claude_cost_run config get tasks 2>/dev/null || \builtin true
}

complete -F __claude_cost_complete -o bashdefault -o default claude-cost
complete -F __claude_cost_complete_short -o bashdefault -o default \
    claude-start claude-log claude-quick claude-note claude-status claude-end
