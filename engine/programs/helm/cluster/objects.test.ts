import { describe, expect, it } from 'vitest'
import { splitManifest } from './objects'
import { Several } from './write'

describe('a manifest', () => {
  it('is split into its documents, comments and empty ones left out', () => {
    expect(splitManifest('---\n# Source: a.yaml\nkind: A\n---\n# only a comment\n---\nkind: B\n')).toEqual([{ kind: 'A' }, { kind: 'B' }])
  })
})

describe('several errors', () => {
  it('are told one below the other, with an empty line after them', () => {
    expect(new Several([new Error('pod a failed')]).message).toBe('1 error occurred:\n\t* pod a failed\n\n')
    expect(new Several([new Error('a'), new Error('b')]).message).toBe('2 errors occurred:\n\t* a\n\t* b\n\n')
  })
})
