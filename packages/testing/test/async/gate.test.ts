import { expect, it } from 'vitest'
import { gate } from '../../src/index.ts'

it('lets everybody who waits through with the value', async () => {
  const load = gate<string>()
  const first = load.enter()
  const second = load.enter()
  await load.entered

  load.open('value')

  expect(await Promise.all([first, second])).toEqual(['value', 'value'])
  expect(load.calls).toBe(2)
})

it('entered is pending until the first call', async () => {
  const load = gate<string>()
  let hasEntered = false
  void load.entered.then(() => {
    hasEntered = true
  })

  await new Promise((resolve) => setImmediate(resolve))
  expect(hasEntered).toBe(false)
  load.open('value')
  await load.enter()
  await load.entered

  expect(hasEntered).toBe(true)
})

it('gives the value at once to those who come after it was opened', async () => {
  const load = gate<number>()
  load.open(1)

  expect(await load.enter()).toBe(1)
  expect(await load.enter()).toBe(1)
})

it('turns everybody away once it has failed, without an unhandled rejection before', async () => {
  const load = gate<number>()
  load.fail(new Error('down'))
  await new Promise((resolve) => setImmediate(resolve))

  await expect(load.enter()).rejects.toThrow('down')
})
