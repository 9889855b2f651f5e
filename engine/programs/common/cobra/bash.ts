/** The script that `source <(PROGRAM completion bash)` gives to a shell: it asks `PROGRAM __complete` for candidates. */
export function bashCompletionScript(program: string): string {
  const word = program.replace(/[^A-Za-z0-9]/g, '_')
  return `# bash completion for ${program}                               -*- shell-script -*-

__start_${word}()
{
    local cur words cword line directive out reply
    COMPREPLY=()
    words=("\${COMP_WORDS[@]:0:$COMP_CWORD+1}")
    cur="\${COMP_WORDS[COMP_CWORD]}"
    words=("\${words[@]:1}")
    out=$(${program} __completeNoDesc "\${words[@]}" 2>/dev/null)
    directive=\${out##*:}
    out=\${out%:*}
    if [ "$directive" = "$out" ]; then
        directive=0
    fi
    if [ $((directive & 1)) -ne 0 ]; then
        return
    fi
    if [ $((directive & 2)) -ne 0 ]; then
        compopt -o nospace
    fi
    if [ $((directive & 4)) -ne 0 ]; then
        compopt +o default
    fi
    if [ $((directive & 8)) -ne 0 ]; then
        local ending
        compopt +o default -o filenames
        while IFS='' read -r ending; do
            if [ -n "$ending" ]; then
                COMPREPLY+=($(compgen -f -X "!*.$ending" -- "$cur"))
            fi
        done <<< "$out"
        COMPREPLY+=($(compgen -d -- "$cur"))
        return
    fi
    while IFS='' read -r line; do
        if [[ -n $line && $line == "$cur"* ]]; then
            COMPREPLY+=("$line")
        fi
    done <<< "$out"
}

if [[ $(type -t compopt) = "builtin" ]]; then
    complete -o default -F __start_${word} ${program}
else
    complete -o default -o nospace -F __start_${word} ${program}
fi

# ex: ts=4 sw=4 et filetype=sh
`
}
