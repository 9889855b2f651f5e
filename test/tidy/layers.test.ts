import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const cruise = (path: string): string => {
  const done = spawnSync('npx', ['depcruise', '--config', '.dependency-cruiser.cjs', path], { encoding: 'utf8', env: { ...process.env, npm_config_loglevel: 'error' } })
  return `${done.stdout}${done.stderr}`
}

describe('the layer rules', () => {
  it('refuse an import that the table does not allow, and name the layer', () => {
    const folder = 'engine/base/forbidden-import-probe'
    mkdirSync(folder, { recursive: true })
    try {
      writeFileSync(`${folder}/probe.ts`, "import { gvkOf } from '#engine/api/object'\nexport const probe = gvkOf\n")
      expect(cruise(folder)).toContain('error engine-base: engine/base/forbidden-import-probe/probe.ts → engine/api/object.ts')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000)
})
