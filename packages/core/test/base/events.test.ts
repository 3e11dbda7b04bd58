import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { deferred } from '@hotpath/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { Events } from '../../src/base/events.ts'

interface Happenings {
  hit: { key: string }
  miss: { key: string }
}

describe('Events', () => {
  it('calls each listener of the event and no other', () => {
    const events = new Events<Happenings>()
    const heard: string[] = []
    events.on('hit', ({ key }) => heard.push(`first ${key}`))
    events.on('hit', ({ key }) => heard.push(`second ${key}`))
    events.on('miss', ({ key }) => heard.push(`miss ${key}`))

    events.emit('hit', { key: 'a' })

    expect(heard).toEqual(['first a', 'second a'])
  })

  it('stops calling a listener that was taken off', () => {
    const events = new Events<Happenings>()
    const heard: string[] = []
    const stop = events.on('hit', ({ key }) => heard.push(key))

    stop()
    stop()
    events.emit('hit', { key: 'a' })

    expect(heard).toEqual([])
  })

  it('knows whether anybody listens', () => {
    const events = new Events<Happenings>()
    const hits = events.topic('hit')
    const before = hits.isHeard

    const stop = events.on('hit', () => {})
    const during = [hits.isHeard, events.topic('miss').isHeard]
    stop()

    expect(before).toBe(false)
    expect(during).toEqual([true, false])
    expect(hits.isHeard).toBe(false)
  })

  it('takes any name for an event that nobody emits', () => {
    const events = new Events<{ [name: string]: object }>()

    const stop = events.on('constructor', () => {})

    expect(events.topic('constructor').isHeard).toBe(true)
    stop()
  })

  it('lets a listener take itself off while it is called', () => {
    const events = new Events<Happenings>()
    const heard: string[] = []
    const stop = events.on('hit', () => {
      heard.push('once')
      stop()
    })
    events.on('hit', () => heard.push('other'))

    events.emit('hit', { key: 'a' })
    events.emit('hit', { key: 'a' })

    expect(heard).toEqual(['once', 'other', 'other'])
  })

  it('is not broken by a listener that throws: the error comes by itself, later', async () => {
    const events = new Events<Happenings>()
    const heard: string[] = []
    events.on('hit', () => {
      throw new Error('a bug in a listener')
    })
    events.on('hit', () => heard.push('the next one'))

    const error = await uncaughtErrorOf(() => events.emit('hit', { key: 'a' }))

    expect(heard).toEqual(['the next one'])
    expect(error.message).toBe('a bug in a listener')
  })
})

describe('Events with an outlet', () => {
  let stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops) stop()
    stops = []
  })

  const open = (): Events<Happenings> =>
    new Events<Happenings>({ prefix: 'hotpath:test', about: { namespace: 'shop' } })

  const hear = (name: string, onMessage: (message: unknown) => void): void => {
    subscribe(name, onMessage)
    stops.push(() => unsubscribe(name, onMessage))
  }

  it('publishes each event on the channel of its name, with whose event it is', () => {
    const events = open()
    const messages: unknown[] = []
    hear('hotpath:test:hit', (message) => messages.push(message))

    events.emit('hit', { key: 'a' })
    events.emit('miss', { key: 'b' })

    expect(messages).toEqual([{ namespace: 'shop', key: 'a' }])
  })

  it('tells listeners and subscribers by one emit, and listeners get the detail alone', () => {
    const events = open()
    const heard: unknown[] = []
    events.on('hit', (detail) => heard.push(detail))
    hear('hotpath:test:hit', (message) => heard.push(message))

    events.emit('hit', { key: 'a' })

    expect(heard).toEqual([{ key: 'a' }, { namespace: 'shop', key: 'a' }])
  })

  it('knows whether anybody has subscribed, before or after it was made', () => {
    hear('hotpath:test:miss', () => {})
    const events = open()
    const before = [events.topic('hit').isHeard, events.topic('miss').isHeard]

    hear('hotpath:test:hit', () => {})

    expect(before).toEqual([false, true])
    expect(events.topic('hit').isHeard).toBe(true)
  })

  it('is not broken by a subscriber that throws: the error comes by itself, later', async () => {
    const events = open()
    const heard: string[] = []
    hear('hotpath:test:hit', () => {
      throw new Error('a bug in a subscriber')
    })
    hear('hotpath:test:hit', () => heard.push('the next one'))

    const error = await uncaughtErrorOf(() => events.emit('hit', { key: 'a' }))

    expect(heard).toEqual(['the next one'])
    expect(error.message).toBe('a bug in a subscriber')
  })
})

/** What a call leaves behind as an uncaught exception. */
async function uncaughtErrorOf(act: () => void): Promise<Error> {
  const thrown = deferred<Error>()
  const others = process.rawListeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.once('uncaughtException', thrown.resolve)
  try {
    act()
    return await thrown.promise
  } finally {
    for (const other of others) process.on('uncaughtException', other as () => void)
  }
}
