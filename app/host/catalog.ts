/** The labs on disk: the shipped ones, and those of the person's own in `labs` of the program's home. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LabFileError, loadLab, nearest, type Lab } from '#labs/runner/index'

export interface Catalog {
  readonly labs: readonly Lab[]
  /** What is wrong with labs of the person's own, a mistake a line: those labs are left out, the others work. */
  readonly problems: readonly string[]
}

/** The folder of the shipped labs, whether run from the bundle or from the sources. */
export function catalogFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'labs', 'catalog'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the folder labs/catalog is missing from this installation')
    folder = parent
  }
  return join(folder, 'labs', 'catalog')
}

/** The shipped labs; a mistake in one of them throws. */
export function loadCatalog(folder = catalogFolder()): Lab[] {
  return labFiles(folder).map(loadLabFile).sort(byId)
}

/** The shipped labs and those of the person's own. */
export function loadAllLabs(home: string): Catalog {
  const shipped = loadCatalog()
  const labs = new Map(shipped.map((lab) => [lab.id, lab]))
  const problems: string[] = []
  const own = ownLabsFolder(home)
  for (const file of existsSync(own) ? labFiles(own) : []) {
    try {
      const lab = loadLabFile(file)
      if (labs.has(lab.id)) problems.push(`${file}: the id "${lab.id}" is taken by another lab`)
      else labs.set(lab.id, lab)
    } catch (error) {
      problems.push(error instanceof LabFileError ? error.message : `${file}: ${(error as Error).message}`)
    }
  }
  return { labs: [...labs.values()].sort(byId), problems }
}

export function ownLabsFolder(home: string): string {
  return join(home, 'labs')
}

/** A lab by its id, or by the path of its file or folder. */
export function findLab(home: string, wanted: string): Lab {
  if (/[\\/]|\.ya?ml$/.test(wanted)) {
    if (!existsSync(wanted)) throw new Error(`there is no file ${wanted}`)
    return loadLabFile(statSync(wanted).isDirectory() ? join(wanted, 'lab.yaml') : wanted)
  }
  // A shipped lab's folder has its name: no other file need be read.
  const file = labFiles(catalogFolder()).find((candidate) => basename(dirname(candidate)) === wanted)
  if (file) return loadLabFile(file)
  const { labs, problems } = loadAllLabs(home)
  const lab = labs.find((candidate) => candidate.id === wanted)
  // Its file may be there, but broken: then that is the answer.
  const own = problems.filter((problem) => problem.includes(join(wanted, 'lab.yaml')))
  if (!lab && own.length > 0) throw new Error(own.join('\n'))
  const near = nearest(wanted, labs.map(({ id }) => id))
  if (!lab) throw new Error([`there is no lab "${wanted}": ${near ? `did you mean "${near}"?` : '`seatrial lab list` shows what there is'}`, ...problems].join('\n'))
  return lab
}

/** Labs by their file, as they were read last. */
const read = new Map<string, { readonly text: string; readonly lab: Lab }>()

function loadLabFile(file: string): Lab {
  const text = readFileSync(file, 'utf8')
  const known = read.get(file)
  if (known?.text === text) return known.lab
  const short = relative(process.cwd(), file)
  const lab = loadLab(text, short === '' || short.startsWith('..') ? file : short)
  read.set(file, { text, lab })
  return lab
}

function byId(a: Lab, b: Lab): number {
  return a.id < b.id ? -1 : 1
}

function labFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return labFiles(path)
    return entry.name === 'lab.yaml' ? [path] : []
  })
}
