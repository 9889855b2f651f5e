/** An archive unpacked for as long as something looks into it. */
import type { Process } from '#engine/linux/abi/process'
import { directoryOf } from '#engine/programs/helm/chart/paths'
import { unpack } from '#engine/programs/helm/chart/archive'

export async function withUnpacked<T>(process: Process, path: string, use: (directory: string) => Promise<T>): Promise<T> {
  if (!/\.(?:tgz|tar\.gz)$/.test(path)) return await use(path)
  const { files } = process
  const directory = `/tmp/helm-lint${process.random.integer(1_000_000_000)}`
  try {
    for (const { name, data } of archiveFiles(process, path)) {
      files.mkdirAll(directoryOf(`${directory}/${name}`))
      files.writeFile(`${directory}/${name}`, data)
    }
    return await use(directory)
  } finally {
    files.removeAll(directory)
  }
}

function archiveFiles({ files }: Process, path: string): ReturnType<typeof unpack> {
  if (!files.exists(path)) throw new Error(`unable to open tarball: open ${path}: no such file or directory`)
  try {
    return unpack(files.readFile(path))
  } catch (error) {
    throw new Error(`unable to extract tarball: ${(error as Error).message}`)
  }
}
