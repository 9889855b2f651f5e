/** A script whose compiled form is kept in a file beside it. V8 takes that only if it is of its own version and flags, and compiles anew otherwise. */
import { isAscii } from 'node:buffer'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'

/** What the script's text is: one function, which is given what a CommonJS module is given. */
type Wrapper = (exports: object, require: NodeJS.Require, module: { exports: unknown }, file: string, folder: string) => void

export function readScript(file: string, kept: string): Script {
  const bytes = readFileSync(file)
  return new Script(isAscii(bytes) ? bytes.toString('latin1') : bytes.toString(), { filename: file, ...(existsSync(kept) ? { cachedData: readFileSync(kept) } : {}) })
}

export function runScript<T>(script: Script, file: string): T {
  const module = { exports: {} }
  const wrapper = script.runInThisContext() as Wrapper
  wrapper(module.exports, createRequire(file), module, file, dirname(file))
  return module.exports as T
}

/** Keeps what has been compiled of the script until now. */
export function keepCompiled(script: Script, kept: string): void {
  writeFileSync(`${kept}.part`, script.createCachedData())
  renameSync(`${kept}.part`, kept)
}
