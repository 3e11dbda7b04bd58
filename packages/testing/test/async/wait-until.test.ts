import { expect, it, vi } from 'vitest'
import { waitUntil } from '../../src/index.ts'

it('resolves once the predicate holds, taking errors for not yet', async () => {
  let asked = 0

  await waitUntil(async () => {
    asked += 1
    if (asked === 1) throw new Error('not reachable')
    return asked === 3
  })

  expect(asked).toBe(3)
})

it('gives up with an error that says for what it waited and why it did not come', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(1)
  now.mockReturnValue(1_000_000)
  const cause = new Error('still down')

  const waiting = waitUntil(() => Promise.reject(cause), 'Redis is back')

  await expect(waiting).rejects.toMatchObject({
    message: expect.stringMatching(/Redis is back/),
    cause,
  })
  now.mockRestore()
})
