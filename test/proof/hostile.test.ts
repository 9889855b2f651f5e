import { describe, expect, it } from 'vitest'
import { fuzz } from './fuzz'

describe('hostile bodies and requests', () => {
  it('get an answer that is no defect of the server', async () => {
    const report = await fuzz(1, 2000, 20_000)
    expect(report.faults).toEqual([])
    // Some must get through, or nothing behind the door is tried.
    expect((report.codes.get(201) ?? 0) + (report.codes.get(200) ?? 0)).toBeGreaterThan(100)
  })
})
