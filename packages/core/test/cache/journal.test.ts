import { gate } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
import { Journal, type Pending } from '../../src/cache/journal.ts'

const deletion = (key: string): Pending => ({ kind: 'delete', path: '', key })
const expiry = (key: string): Pending => ({ kind: 'expire', path: '', key })

async function replayed(journal: Journal): Promise<Pending[]> {
  const applied: Pending[] = []
  await journal.replay(async (pending) => {
    applied.push(pending)
  })
  return applied
}

describe('Journal', () => {
  it('replays what was added, once', async () => {
    const journal = new Journal()
    const all: Pending[] = [
      deletion('a'),
      { kind: 'delete', path: '/inner', key: 'a' },
      { kind: 'deleteTag', tag: 'a' },
      { kind: 'expireTag', tag: 'b' },
      { kind: 'clear', path: '' },
      { kind: 'clear', path: '/inner' },
    ]
    for (const pending of all) journal.add(pending)

    const first = await replayed(journal)
    const second = await replayed(journal)

    expect(first).toEqual(all)
    expect(second).toEqual([])
    expect(journal.size).toBe(0)
  })

  it('keeps one entry for what is invalidated twice', () => {
    const journal = new Journal()

    for (let round = 0; round < 100; round += 1) journal.add(deletion('a'))

    expect(journal.size).toBe(1)
  })

  it.each<[string, Pending, Pending]>([
    ['a key', deletion('a'), expiry('a')],
    ['a tag', { kind: 'deleteTag', tag: 'a' }, { kind: 'expireTag', tag: 'a' }],
  ])(
    'keeps the deletion of %s that is expired as well, in either order',
    async (_, strong, weak) => {
      const weakLast = new Journal()
      weakLast.add(strong)
      weakLast.add(weak)
      const strongLast = new Journal()
      strongLast.add(weak)
      strongLast.add(strong)

      expect(await replayed(weakLast)).toEqual([strong])
      expect(await replayed(strongLast)).toEqual([strong])
    },
  )

  it('turns more than it may hold into one clear of everything, and stays bounded', async () => {
    const journal = new Journal()
    let largest = 0

    for (let index = 0; index < 10_001; index += 1) {
      journal.add(deletion(`key-${index}`))
      largest = Math.max(largest, journal.size)
    }

    expect(largest).toBeLessThanOrEqual(10_000)
    expect(await replayed(journal)).toEqual([{ kind: 'clear', path: '' }])
  })

  it('stops at the first that fails and keeps that one and the rest', async () => {
    const journal = new Journal()
    for (const key of ['a', 'b', 'c']) journal.add(deletion(key))

    const replay = journal.replay(async (pending) => {
      if ('key' in pending && pending.key === 'b') throw new Error('Redis is away again')
    })

    await expect(replay).rejects.toThrow('Redis is away again')
    expect(await replayed(journal)).toEqual([deletion('b'), deletion('c')])
  })

  it('does not lose what is added while it replays, nor a stronger one of the same', async () => {
    const journal = new Journal()
    journal.add(expiry('a'))
    const apply = gate()

    const replay = journal.replay(apply.enter)
    await apply.entered
    journal.add(deletion('a'))
    apply.open()
    await replay

    expect(await replayed(journal)).toEqual([deletion('a')])
  })

  it('does not lose the clear that an overflow during a replay has left', async () => {
    const journal = new Journal()
    journal.add(deletion('a'))
    const apply = gate()
    const applied: Pending[] = []
    const replay = journal.replay(async (pending) => {
      applied.push(pending)
      await apply.enter()
    })
    await apply.entered

    for (let index = 0; index < 10_000; index += 1) journal.add(deletion(`key-${index}`))
    apply.open()
    await replay

    expect([...applied, ...(await replayed(journal))]).toEqual([
      deletion('a'),
      { kind: 'clear', path: '' },
    ])
  })
})
