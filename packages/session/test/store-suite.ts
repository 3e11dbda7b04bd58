import { systemRandom } from '@hotpath/core'
import { afterEach, describe, expect, it } from 'vitest'
import { createKeyring, type SessionId, type UserRef } from '../src/ids/keyring.ts'
import type { SessionStore, StoreLimits } from '../src/store/session-store.ts'

export const LIMITS: StoreLimits = {
  idleMs: 60_000,
  absoluteMs: 600_000,
  touchMs: 10_000,
  graceMs: 5_000,
  tombstoneMs: 300_000,
  maxPerUser: 100,
}

/** One kind of store; `elapse` lets its time pass. */
export interface StoreDriver {
  readonly name: string
  open(limits: StoreLimits): SessionStore
  elapse(ms: number): Promise<void>
}

const keyring = createKeyring(['a secret of thirty-two characters!'], systemRandom)

function newUser(): UserRef {
  const [user] = keyring.userRefs(`user-${systemRandom.token(8)}`)
  if (user === undefined) throw new Error('No user')
  return user
}

/** What every store must do. */
export function storeSuite(driver: StoreDriver): void {
  describe(`the session store in ${driver.name}`, () => {
    let closers: SessionStore[] = []
    afterEach(async () => {
      for (const store of closers.splice(0)) await store.close()
      closers = []
    })
    const open = (limits: Partial<StoreLimits> = {}): SessionStore => {
      const store = driver.open({ ...LIMITS, ...limits })
      closers.push(store)
      return store
    }
    const begin = async (
      store: SessionStore,
      fields: Record<string, string> = {},
      user?: UserRef,
    ): Promise<SessionId> => {
      const id = keyring.newId(user)
      await store.create(id, {
        user,
        owner: user === undefined ? '' : 'somebody',
        device: 'a phone',
        schemaVersion: 1,
        fields: new Map(Object.entries(fields)),
      })
      return id
    }
    const textsOf = async (store: SessionStore, id: SessionId): Promise<object> => {
      const found = await store.load(id)
      if (found.kind !== 'live') return found
      return Object.fromEntries([...found.session.fields].map(([key, { text }]) => [key, text]))
    }
    const set = (key: string, text: string, expected?: number) => ({ key, text, expected })

    it('load() of an id that was never made finds nothing', async () => {
      expect(await open().load(keyring.newId())).toEqual({ kind: 'gone', because: 'missing' })
    })

    it('create() keeps what load() gives', async () => {
      const store = open()
      const id = await begin(store, { cart: 'a:b:c', name: '' })

      expect(await textsOf(store, id)).toEqual({ cart: 'a:b:c', name: '' })
    })

    it('commits of different keys from the same start both stay', async () => {
      const store = open()
      const id = await begin(store, {})

      await Promise.all([
        store.commit(id, [set('left', '1', 0)], 1),
        store.commit(id, [set('right', '2', 0)], 1),
      ])

      expect(await textsOf(store, id)).toEqual({ left: '1', right: '2' })
    })

    it('a commit from an older revision of the same key writes nothing and gives what is there', async () => {
      const store = open()
      const id = await begin(store, { n: '1' })
      await store.commit(id, [set('n', '2', 1)], 1)

      const outcome = await store.commit(id, [set('n', '9', 1), set('other', '9', 0)], 1)

      expect(outcome).toEqual({
        kind: 'conflict',
        current: new Map([['n', { revision: 2, text: '2' }]]),
      })
      expect(await textsOf(store, id)).toEqual({ n: '2' })
    })

    it('a key that was removed and came back is not taken for the one before', async () => {
      const store = open()
      const id = await begin(store, { n: '1' })
      await store.commit(id, [{ key: 'n', text: undefined, expected: 1 }], 1)
      await store.commit(id, [set('n', '1', 0)], 1)

      const outcome = await store.commit(id, [set('n', '2', 1)], 1)

      expect(outcome.kind).toBe('conflict')
    })

    it('a commit after end() changes nothing and revives nothing', async () => {
      const store = open()
      const id = await begin(store, { n: '1' })
      expect(await store.end(id)).toBe(id.hash)

      const outcome = await store.commit(id, [set('n', '2')], 1)

      expect(outcome).toEqual({ kind: 'gone', because: 'ended' })
      expect(await store.load(id)).toEqual({ kind: 'gone', because: 'ended' })
    })

    it('end() of what is gone, or is another user’s, ends nothing', async () => {
      const store = open()
      const [user, other] = [newUser(), newUser()]
      const id = await begin(store, {}, user)

      expect(await store.end(id, { owners: [other] })).toBeUndefined()
      expect((await store.load(id)).kind).toBe('live')
      expect(await store.end(id, { owners: [other, user] })).toBe(id.hash)
      expect(await store.end(id, { owners: [user] })).toBeUndefined()
    })

    it('move() without a seal keeps what it is told and ends the old id at once', async () => {
      const store = open()
      const id = await begin(store, { a: '1', b: '2' })
      const to = keyring.renewId(id)

      expect(await store.move(id, { to, sealed: undefined, keep: ['b'] })).toBe('done')

      expect(await textsOf(store, to)).toEqual({ b: '2' })
      expect((await store.load(id)).kind).toBe('gone')
      expect((await store.commit(id, [set('b', '3')], 1)).kind).toBe('gone')
    })

    it('move() with a seal leads from the old id to the new one, commits in flight as well', async () => {
      const store = open()
      const id = await begin(store, { a: '1' })
      const to = keyring.renewId(id)
      await store.move(id, { to, sealed: 'a seal', keep: undefined })

      expect(await store.load(id)).toEqual({ kind: 'renewed', sealed: 'a seal' })
      expect((await store.commit(id, [set('b', '2', 0)], 1)).kind).toBe('done')
      expect(await textsOf(store, to)).toEqual({ a: '1', b: '2' })
      const again = { to: keyring.renewId(id), sealed: 'another', keep: undefined }
      expect(await store.move(id, again)).toBe('already')
    })

    it('an old id after its grace is theft, and ends the session it led to', async () => {
      const store = open({ graceMs: 20 })
      const user = newUser()
      const id = await begin(store, { a: '1' }, user)
      const to = keyring.renewId(id)
      await store.move(id, { to, sealed: 'a seal', keep: undefined })
      await driver.elapse(40)

      expect(await store.load(id)).toEqual({ kind: 'stolen', hash: to.hash })
      expect(await store.load(to)).toEqual({ kind: 'gone', because: 'ended' })
      expect(await store.list(user)).toEqual([])
    })

    it('end() by an id that was renewed ends the session', async () => {
      const store = open({ graceMs: 0 })
      const id = await begin(store, {})
      const to = keyring.renewId(id)
      await store.move(id, { to, sealed: 'a seal', keep: undefined })

      expect(await store.end(id)).toBe(to.hash)
      expect((await store.load(to)).kind).toBe('gone')
    })

    it('a session that nobody uses ends after its idle time, by the millisecond', async () => {
      const store = open({ idleMs: 60 })
      const id = await begin(store, { a: '1' })
      await driver.elapse(90)

      expect(await store.load(id)).toEqual({ kind: 'gone', because: 'missing' })
    })

    it('a session ends after its absolute time however much it is used', async () => {
      const store = open({ absoluteMs: 60 })
      const id = await begin(store, { a: '1' })
      await store.commit(id, [set('a', '2')], 1)
      await driver.elapse(90)

      expect((await store.load(id)).kind).toBe('gone')
    })

    it('a touch that is due lengthens the life of a session', async () => {
      const store = open({ idleMs: 400, touchMs: 0 })
      const id = await begin(store, { a: '1' })
      await driver.elapse(250)
      await store.load(id)
      await driver.elapse(250)

      expect((await store.load(id)).kind).toBe('live')
    })

    it('list() gives the sessions of a user and nobody else’s', async () => {
      const store = open()
      const user = newUser()
      const mine = [await begin(store, {}, user), await begin(store, {}, user)]
      await begin(store, {}, newUser())

      const listed = await store.list(user)

      expect(listed.map(({ hash }) => hash).sort()).toEqual(mine.map(({ hash }) => hash).sort())
      expect(listed[0]).toMatchObject({ device: 'a phone' })
    })

    it('list() has forgotten what has expired, and follows a move', async () => {
      const store = open({ idleMs: 60 })
      const user = newUser()
      const gone = await begin(store, {}, user)
      await driver.elapse(90)
      const id = await begin(store, {}, user)
      const to = keyring.renewId(id)
      await store.move(id, { to, sealed: undefined, keep: undefined })

      const hashes = (await store.list(user)).map(({ hash }) => hash)

      expect(hashes).toEqual([to.hash])
      expect(hashes).not.toContain(gone.hash)
    })

    it('endAll() ends a user’s sessions but one, those begun later stay', async () => {
      const store = open()
      const user = newUser()
      const [first, kept] = [await begin(store, {}, user), await begin(store, {}, user)]

      expect(await store.endAll(user, kept.hash)).toBe(1)
      const later = await begin(store, {}, user)

      expect((await store.load(first)).kind).toBe('gone')
      expect((await store.load(kept)).kind).toBe('live')
      expect((await store.load(later)).kind).toBe('live')
      expect((await store.commit(first, [set('a', '1')], 1)).kind).toBe('gone')
    })

    it('endAll() without an exception leaves nothing of the user', async () => {
      const store = open()
      const user = newUser()
      await begin(store, {}, user)

      expect(await store.endAll(user, undefined)).toBe(1)
      expect(await store.list(user)).toEqual([])
    })

    it('endEveryone() ends all sessions, those begun later live', async () => {
      const store = open()
      const before = [await begin(store), await begin(store, {}, newUser())]

      await store.endEveryone()
      const later = await begin(store)

      for (const id of before) {
        expect((await store.commit(id, [set('a', '1')], 1)).kind).toBe('gone')
        expect((await store.load(id)).kind).toBe('gone')
      }
      expect((await store.load(later)).kind).toBe('live')
    })

    it('create() ends the oldest session of a user who has too many', async () => {
      const store = open({ maxPerUser: 2 })
      const user = newUser()
      const first = await begin(store, {}, user)
      await driver.elapse(5)
      await begin(store, {}, user)
      await driver.elapse(5)
      await begin(store, {}, user)

      expect((await store.load(first)).kind).toBe('gone')
      expect(await store.list(user)).toHaveLength(2)
    })
  })
}
