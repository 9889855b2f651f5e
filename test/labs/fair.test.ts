import { describe, expect, it } from 'vitest'
import { loadCatalog } from '#app/host/catalog'
import { verifyLabs } from '#app/host/verify'

/** A home without labs of its own. */
const nowhere = '/nonexistent'

describe('every lab is fair', () => {
  for (const lab of loadCatalog())
    it(`${lab.id}: ${lab.title}`, async () => {
      const verdicts = await verifyLabs(nowhere, [lab.id], 2, () => undefined)
      expect(verdicts.flatMap((verdict) => verdict.complaints.map((complaint) => `${verdict.seed}: ${complaint}`))).toEqual([])
    })
})
