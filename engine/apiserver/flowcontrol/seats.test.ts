import { expect, it } from 'vitest'
import { Seats } from './seats'

it('seats so many, lets the next wait in line for who leaves, and turns away who finds the line full', async () => {
  const seats = new Seats(2, 1)
  expect(seats.take()).toBeUndefined()
  expect(seats.take()).toBeUndefined()
  let seated = false
  const third = seats.take()
  expect(third).toBeInstanceOf(Promise)
  const waiting = (third as Promise<void>).then(() => (seated = true))
  expect(seats.take()).toBe(false)
  await Promise.resolve()
  expect(seated).toBe(false)
  seats.leave()
  await waiting
  expect(seats.take()).toBeInstanceOf(Promise)
})
