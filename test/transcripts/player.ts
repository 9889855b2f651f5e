/** Makes a test of each transcript. Two files share them, so that two processors do. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeClusterSnapshot } from '#engine/cluster/index'
import { parseTranscript, runTranscript } from './transcript'

const folder = 'test/transcripts'

export function playFolder(name: string, belongs: (file: string) => boolean): void {
  describe(name, () => {
    for (const file of readdirSync(folder).filter((candidate) => candidate.endsWith('.txt') && belongs(candidate))) play(file)
  })
}

function play(file: string): void {
  const source = readFileSync(join(folder, file), 'utf8')
  const { title, profile } = parseTranscript(source)
  it(title, async () => {
    const image = decodeClusterSnapshot(new Uint8Array(readFileSync(join(process.env['SEATRIAL_IMAGES'] ?? 'dist/images', `${profile}.image`))))
    const played = await runTranscript(source, image)
    if (process.env['UPDATE']) writeFileSync(join(folder, file), played)
    expect(played).toBe(process.env['UPDATE'] ? played : source)
  })
}
