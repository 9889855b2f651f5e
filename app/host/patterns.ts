import { setFlagsFromString } from 'node:v8'

/** A pattern typed into grep or `[[ =~ ]]` that would backtrack for ever is matched by V8's linear engine instead. */
export function boundPatterns(): void {
  setFlagsFromString('--enable-experimental-regexp_engine-on-excessive-backtracks')
  setFlagsFromString('--regexp-backtracks-before-fallback=50000')
}
