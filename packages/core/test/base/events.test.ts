import { deferred } from '@hotpath/testing'
import { describe, expect, it } from 'vitest'
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
    const before = [events.isSilent, events.has('hit')]

    const stop = events.on('hit', () => {})
    const during = [events.isSilent, events.has('hit'), events.has('miss')]
    stop()

    expect(before).toEqual([true, false])
    expect(during).toEqual([false, true, false])
    expect([events.isSilent, events.has('hit')]).toEqual([true, false])
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
    const thrown = deferred<Error>()
    const others = process.rawListeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', thrown.resolve)

    events.emit('hit', { key: 'a' })
    const error = await thrown.promise
    for (const other of others) process.on('uncaughtException', other as () => void)

    expect(heard).toEqual(['the next one'])
    expect(error.message).toBe('a bug in a listener')
  })
})
