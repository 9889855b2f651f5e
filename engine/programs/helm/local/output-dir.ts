/** `--output-dir`: each template's documents in a file of their own. */
import type { Process } from '#engine/linux/abi/process'
import { cleanPath, directoryOf, fileError } from '#engine/programs/helm/chart/paths'

export class ManifestWriter {
  private readonly begun = new Set<string>()

  constructor(private readonly process: Process, private readonly directory: string) {}

  /** Further documents of a file are added to it. */
  async write(name: string, content: string): Promise<void> {
    const { files, stdout } = this.process
    const path = `${this.directory}/${name}`
    const text = `---\n# Source: ${name}\n${content}\n`
    try {
      files.mkdirAll(directoryOf(path), 0o755)
      if (this.begun.has(path)) files.appendFile(path, text)
      else files.writeFile(path, text, 0o644)
    } catch (error) {
      throw fileError('open', cleanPath(path), error)
    }
    this.begun.add(path)
    await stdout.write(`wrote ${path}\n`)
  }
}
