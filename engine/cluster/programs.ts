/** All programs of the simulation: those of machines and those that only images hold. */
import { imagePrograms } from '#engine/images/programs'
import { programTable } from '#engine/programs/table'
import type { Program } from '#engine/linux/abi/program'
import { residentMebibytes } from './memory.table'

const mebibyte = 1024 * 1024

export const allPrograms: ReadonlyMap<string, Program> = new Map([...imagePrograms.map((program) => [program.name, program] as const), ...programTable].map(([name, program]) => [name, withMemory(name, program)]))

/** The same program, which holds at its start what the real one does. */
function withMemory(name: string, program: Program): Program {
  const size = residentMebibytes[name]
  if (size === undefined) return program
  return {
    ...program,
    run: (process) => {
      process.setMemory(size * mebibyte)
      return program.run(process)
    },
  }
}
