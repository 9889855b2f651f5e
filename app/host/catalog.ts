/** The labs on disk: found, loaded and checked once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadLab, type Lab } from '#labs/runner/index'

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

export function loadCatalog(folder = catalogFolder()): Lab[] {
  return labFiles(folder).map((file) => loadLab(readFileSync(file, 'utf8'), relative(process.cwd(), file))).sort((a, b) => (a.id < b.id ? -1 : 1))
}

function labFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return labFiles(path)
    return entry.name === 'lab.yaml' ? [path] : []
  })
}
