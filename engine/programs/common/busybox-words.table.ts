/** Messages of GNU programs (quotes made plain) and what busybox 1.35 says in their place; compared side by side with the real one. */
export type Wording = readonly [pattern: RegExp, words: string]

const opensNot: Wording = [/^(?:cannot open )?'?(.+?)'?(?: for reading)?: ([A-Z].*)$/, "can't open '$1': $2"]
const nameAlone: Wording = [/^(?:cannot access|cannot open|cannot read:|failed to open|cannot create fifo|changing (?:permissions|ownership|group) of|can't read|failed to access) '?(.+?)'?(?: for reading| for writing)?: ([A-Z].*)$/, '$1: $2']
const canNotExecute: Wording = [/^(?:failed to run command )?'(.+)': (.+)$/, "can't execute '$1': $2"]

export const wordings: Readonly<Record<string, readonly Wording[]>> = {
  '*': [nameAlone, [/^cannot (stat|remove) /, "can't $1 "]],
  cat: [[/^.+: Is a directory$/, 'read error: Is a directory'], opensNot],
  touch: [[/^cannot touch '(.+)': (.+)$/, '$1: $2']],
  mkdir: [[/^cannot create directory /, "can't create directory "]],
  rmdir: [[/^failed to remove /, '']],
  rm: [[/^cannot remove '(.+)': Is a directory$/, "'$1' is a directory"], [/^cannot remove /, "can't remove "]],
  cp: [[/^-r not specified; omitting directory /, 'omitting directory '], [/^cannot create (?:regular file|directory|symbolic link) /, "can't create "], [/^cannot open '(.+)' for reading: (.+)$/, "can't open '$1': $2"]],
  mv: [[/^cannot stat '(.+)': (.+)$/, "can't rename '$1': $2"], [/^cannot move '(.+)' to '.+': (.+)$/, "can't rename '$1': $2"]],
  ln: [[/^failed to create (?:symbolic|hard) link '(.+?)'(?: => '.+')?: (.+)$/, '$1: $2']],
  chmod: [[/^invalid mode: /, 'invalid mode ']],
  chown: [[/^invalid user: '(.+)'$/, 'unknown user $1'], [/^invalid group: '(.+)'$/, 'unknown group $1']],
  chgrp: [[/^invalid group: '(.+)'$/, 'unknown group $1']],
  ls: [[/^cannot open directory '(.+)': (.+)$/, "can't open '$1': $2"]],
  tail: [opensNot],
  grep: [[/^.+: Is a directory$/, '']],
  awk: [[/^cannot open (?:file )?"?(.+?)"? (?:for reading )?\((.+)\)$/, '$1: $2']],
  uniq: [opensNot], md5sum: [opensNot], sha1sum: [opensNot], sha256sum: [opensNot], sha512sum: [opensNot], more: [opensNot], less: [opensNot],
  find: [[/^'(.+)': (.+)$/, '$1: $2']],
  stat: [[/^cannot statx /, "can't stat "]],
  df: [[/^(.+): No such file or directory$/, "$1: can't find mount point"]],
  dd: [[/^failed to open '(.+)': (.+)$/, "can't open '$1': $2"]],
  kill: [[/^\((\d+)\)(?: -)?:? (.+)$/, "can't kill pid $1: $2"]],
  sleep: [[/^invalid time interval /, 'invalid number ']],
  id: [[/^'(.+)': no such user$/, 'unknown user $1']],
  env: [canNotExecute], timeout: [canNotExecute], nohup: [canNotExecute], setsid: [canNotExecute],
  chroot: [[/^cannot change root /, "can't change root "], canNotExecute],
  expr: [[/^syntax error.*$/, 'syntax error']],
  rev: [[/^cannot open (.+): (.+)$/, '$1: $2']],
  diff: [[/^(.+): No such file or directory$/, "can't stat '$1': No such file or directory"]],
  printf: [[/^'(.+)': expected a numeric value$/, "invalid number '$1'"]],
  truncate: [[/^cannot open '(.+)' for writing: (.+)$/, '$1: open: $2']],
  unlink: [[/^cannot unlink /, "can't remove file "]],
  tar: [[/^(.+): Cannot open: (.+)$/, "can't open '$1': $2"], [/^Error is not recoverable: exiting now$/, '']],
  xargs: [[/^'?(.+?)'?: (.+)$/, '$1: $2']],
}
