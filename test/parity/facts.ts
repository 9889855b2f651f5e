/** The recording of a real cluster: where it is, and its files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { KubeObject } from '#engine/api/object'

/** The folder `parity/cluster` of a recording beside the checkout, or what SEATRIAL_FACTS names. */
export function factsFolder(): string | undefined {
  const given = process.env['SEATRIAL_FACTS']
  if (given) return given
  const parent = dirname(resolve('.'))
  const beside = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return beside.map((entry) => join(parent, entry.name, 'parity', 'cluster')).find((path) => existsSync(join(path, 'discovery-apis.json')))
}

export class Facts {
  constructor(private readonly folder: string) {}

  text(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  json(name: string): unknown {
    return JSON.parse(this.text(name))
  }

  files(name: string): readonly string[] {
    return readdirSync(join(this.folder, name)).sort()
  }

  /** The items of a recorded list. */
  objects(file: string): readonly KubeObject[] {
    return (parse(this.text(`objects/${file}`)) as { items: KubeObject[] }).items
  }
}
