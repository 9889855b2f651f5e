/**
 * The large part of the program. From source it is a module like others. The build makes one script of it, `program.cjs`, and keeps beside it
 * what V8 compiled of it in a rehearsal: read back, that saves a quarter of the time of a start and a seventh of its memory.
 */
import { existsSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { boundPatterns } from '#app/host/patterns'
import type * as Commands from './commands'
import { keepCompiled, readScript, runScript } from './script'

export type Program = typeof Commands

/** Whose code: what one of them never runs would cost the other time and memory. */
export type CodeName = 'cluster' | 'lab'

const file = fileURLToPath(new URL('program.cjs', import.meta.url))
const keptOf = (name: CodeName): string => fileURLToPath(new URL(`program.${name}.cache`, import.meta.url))

const isEarlyV8 = Number.parseInt(process.versions.v8) < 12

/**
 * Starting a cluster runs much code a few times: V8 before Maglev would compile it for long runs at the first sign of use, which takes longer
 * than the start itself. The modules' own lines, which run once, need no machine code at all. The sizes of the heap are settled by now: that
 * they were given would only make V8 refuse code that was kept by a process with others.
 */
function setFlags(): void {
  for (const flag of ['--max-semi-space-size=0', '--min-semi-space-size=0']) setFlagsFromString(flag)
  if (isEarlyV8) for (const flag of ['--interrupt-budget=264000', '--no-sparkplug']) setFlagsFromString(flag)
  boundPatterns()
}

export async function loadProgram(name: CodeName): Promise<Program> {
  setFlags()
  const program = existsSync(file) ? runScript<Program>(readScript(file, keptOf(name)), file) : await import('./commands')
  if (isEarlyV8) setFlagsFromString('--sparkplug')
  return program
}

/** Runs the rehearsal of a command and keeps what was compiled for it. */
export async function keepCode(name: CodeName): Promise<void> {
  setFlags()
  rmSync(keptOf(name), { force: true })
  const script = readScript(file, keptOf(name))
  // What has not run for long is kept too. V8 asks for the very flags again that hold when it writes.
  setFlagsFromString('--no-flush-bytecode')
  await runScript<Program>(script, file).rehearsals[name]()
  setFlagsFromString('--flush-bytecode')
  setFlags()
  keepCompiled(script, keptOf(name))
}
