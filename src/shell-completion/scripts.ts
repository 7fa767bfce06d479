/** The shells that are known. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * What a shell runs when Tab is pressed after `oai`. All of it is asked of `oai __complete`, which knows its own
 * commands and flags: a script need not be made anew for another version. (`src/tab.ts` says what the answers are.)
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for oai: eval "$(oai completion bash)"
_oai() {
  local line kind=
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -z "$kind" ]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <(command oai __complete bash "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $kind in
    files)
      # bash quotes what are names of files, and knows what variables and ~NAME stand for.
      compopt -o filenames 2>/dev/null
      case \${COMP_WORDS[COMP_CWORD]} in *'$'* | '~'*) compopt -o default 2>/dev/null ;; esac ;;
  esac
  if [ "\${#COMPREPLY[@]}" -eq 1 ] && [ "\${COMPREPLY[0]: -1}" = / ]; then compopt -o nospace 2>/dev/null; fi
  return 0
}
complete -o nosort -F _oai oai 2>/dev/null || complete -F _oai oai
`,
  zsh: `#compdef oai
# zsh completion for oai: eval "$(oai completion zsh)", after compinit
_oai() {
  local -a words_before lines values shown endings
  local line kind prefix value
  words_before=("\${(@Q)words[2,CURRENT-1]}")
  (( CURRENT > 2 )) || words_before=()
  lines=("\${(@f)$(command oai __complete zsh "\${words_before[@]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  kind=$lines[1] prefix=$lines[2]
  [[ -n $kind ]] || return 1
  compset -p \${#prefix}
  case $kind in
    files) _files ;;
    files\\ *)
      endings=(\${=kind#files })
      _files -g "(#i)*.(\${(j:|:)endings})(-.)" ;;
    folders) _files -/ ;;
    *)
      for line in "\${(@)lines[3,-1]}"; do
        value=\${line%%$'\\t'*}
        [[ -n $value ]] || continue
        values+=("$value")
        if [[ -n \${line#*$'\\t'} ]]; then shown+=("$value  -- \${line#*$'\\t'}"); else shown+=("$value"); fi
      done
      (( \${#values} )) || return 1
      if [[ \${#values} -eq 1 && $values[1] == */ ]]; then
        compadd -S '' -a values
      elif [[ $shown[1] == *'  -- '* ]]; then
        compadd -V oai -l -d shown -a values
      else
        compadd -V oai -a values
      fi ;;
  esac
}
if [[ $funcstack[1] == _oai ]]; then
  _oai "$@"
elif (( $+functions[compdef] )); then
  compdef _oai oai
else
  print -u2 'oai: completion needs compinit before it: autoload -Uz compinit && compinit'
fi
`,
  fish: `# fish completion for oai: oai completion fish | source
function __oai_complete
    set -l words (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command oai __complete fish $words[2..-1] "$current" 2>/dev/null)
    test (count $lines) -ge 2; or return
    set -l prefix $lines[2]
    set -l rest (string sub -s (math (string length -- "$prefix") + 1) -- "$current")
    switch $lines[1]
        case words
            for line in $lines[3..-1]
                printf '%s%s\\n' "$prefix" "$line"
            end
        case folders
            for path in (complete -C "__oai_files $rest" | string match -r '^[^\\t]*/(?=\\t|$)')
                printf '%s%s\\n' "$prefix" "$path"
            end
        case 'files*'
            set -l endings (string split ' ' -- $lines[1])[2..-1]
            for line in (complete -C "__oai_files $rest")
                set -l path (string split \\t -- $line)[1]
                set -l ending (string lower -- (string replace -r '.*\\.' '' -- $path))
                if test (count $endings) -eq 0; or string match -q '*/' -- $path; or contains -- $ending $endings
                    printf '%s%s\\n' "$prefix" "$path"
                end
            end
    end
end
complete -c oai -e
complete -c oai -f -k -a '(__oai_complete)'
`,
};
