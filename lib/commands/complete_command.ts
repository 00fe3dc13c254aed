/**
 * `noobcash complete`: completion for bash, zsh and fish.
 *
 * `complete <shell>` prints a script for the shell's own start-up file. The script asks
 * `noobcash complete -- <words>` on TAB and takes the answer line by line, a candidate and its description
 * with a tab between. No script evaluates what was typed.
 *
 * @module
 */
import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { completeWords } from "./complete_words.ts";

const SCRIPTS = {
  bash: `# noobcash completion for bash: add to ~/.bashrc
#   source <(noobcash complete bash)
_noobcash() {
  local candidate
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("$candidate")
  done < <(noobcash complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _noobcash noobcash
`,
  zsh: `# noobcash completion for zsh: add to ~/.zshrc, after compinit
#   source <(noobcash complete zsh)
_noobcash() {
  local -a lines candidates
  local line
  lines=("\${(@f)$(noobcash complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#candidates )); then
    _describe noobcash candidates
  else
    _files
  fi
}
compdef _noobcash noobcash
`,
  fish: `# noobcash completion for fish: write to ~/.config/fish/completions/noobcash.fish
#   noobcash complete fish > ~/.config/fish/completions/noobcash.fish
function __noobcash_candidates
  set -l before (commandline -opc)
  set -l current (commandline -ct)
  noobcash complete -- $before[2..-1] "$current" 2>/dev/null
end
complete -c noobcash -f -a '(__noobcash_candidates)'
complete -c noobcash -n 'test (count (__noobcash_candidates)) -eq 0' -F
`,
} as const;

export function completeCommand(): Command {
  const shells = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];
  const command = new Command("complete")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(shells))
    .action((shell) => console.log(SCRIPTS[shell].trimEnd()));
  return command as unknown as Command;
}

/**
 * Answers a shell: what could stand at the end of these words, a line each.
 *
 * @param treeOf builds the program's commands, the named one whole
 */
export async function answerShell(
  words: readonly string[],
  treeOf: (name?: string) => Promise<CommandUnknownOpts>,
): Promise<string> {
  const tree = await treeOf(words.length > 1 ? words[0] : undefined);
  return completeWords(tree, words)
    .map(({ text, description }) => `${text}\t${description.replaceAll(/\s+/g, " ")}\n`).join("");
}
