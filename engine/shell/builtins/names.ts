/** Kinds of builtins. */
export const declarationBuiltins = new Set(['declare', 'typeset', 'local', 'export', 'readonly'])
/** POSIX special builtins. */
export const specialBuiltins = new Set(['break', ':', '.', 'continue', 'eval', 'exec', 'exit', 'export', 'readonly', 'return', 'set', 'shift', 'times', 'trap', 'unset'])
