/** Completion scripts of the shells other than bash: each asks `PROGRAM __complete` for candidates. */

export function zshCompletionScript(program: string): string {
  const word = wordOf(program)
  return `#compdef ${program}
compdef _${word} ${program}

# zsh completion for ${program}                              -*- shell-script -*-

_${word}()
{
    local -a lines candidates
    local directive
    lines=("\${(@f)$(${program} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
    directive=\${\${lines[-1]}#:}
    candidates=("\${(@)\${(@)lines[1,-2]//:/\\\\:}/$'\\t'/:}")
    if (( directive & 1 )); then
        return 1
    elif (( directive & 8 )); then
        _files -g "*.(\${(j:|:)lines[1,-2]})"
    elif (( \${#candidates} > 0 )); then
        _describe -V '${program}' candidates
    elif (( (directive & 4) == 0 )); then
        _files
    fi
}

# don't run the completion function when being source-ed or eval-ed
if [ "$funcstack[1]" = "_${word}" ]; then
    _${word}
fi
`
}

export function fishCompletionScript(program: string): string {
  const word = wordOf(program)
  return `# fish completion for ${program}                              -*- shell-script -*-

function __${word}_candidates
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    ${program} __complete $words[2..-1] "$typed" 2>/dev/null | string match -v -r '^:\\d+$'
end

complete -c ${program} -e
complete -c ${program} -a '(__${word}_candidates)'
`
}

export function powershellCompletionScript(program: string): string {
  const word = wordOf(program)
  return `# powershell completion for ${program}                              -*- shell-script -*-

[scriptblock]\${__${word}CompleterBlock} = {
    param($WordToComplete, $CommandAst, $CursorPosition)
    $words = @($CommandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($WordToComplete -eq '') { $words += '""' }
    ${program} __complete @words 2>$null | Where-Object { $_ -notmatch '^:\\d+$' } | ForEach-Object {
        $name, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $description)
    }
}

Register-ArgumentCompleter -CommandName '${program}' -ScriptBlock \${__${word}CompleterBlock}
`
}

function wordOf(program: string): string {
  return program.replace(/[^A-Za-z0-9]/g, '_')
}
