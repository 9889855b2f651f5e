/** All programs of the simulation: those of machines and those that only images hold. */
import { imagePrograms } from '#engine/images/programs'
import { programTable } from '#engine/programs/table'
import type { Program } from '#engine/linux/abi/program'

export const allPrograms: ReadonlyMap<string, Program> = new Map([...imagePrograms.map((program) => [program.name, program] as const), ...programTable])
