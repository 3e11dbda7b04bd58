import type { Redis } from 'ioredis'
import type { FaultProxy } from '../proxy/fault-proxy.ts'
import type { RedisServer } from '../redis/redis-server.ts'
import type { Chance } from './chance.ts'
import type { Crew } from './crew.ts'
import type { TimedFault } from './fault-names.ts'
import { EVERYONE, type HistoryEvent } from './history.ts'
import { monotonicMs } from './monotonic.ts'
import type { Moment } from './protocol.ts'
import { squeezeMemory } from './squeeze-memory.ts'

/** What faults are made with. */
export interface Laboratory {
  readonly server: RedisServer
  /** A connection straight to Redis. */
  readonly admin: Redis
  readonly proxies: readonly FaultProxy[]
  readonly crew: Crew
  readonly chance: Chance
  readonly record: (event: HistoryEvent) => void
}

/** Mends what a fault has broken. */
export type Mend = () => Promise<void>

/** A fault in force. */
export interface Breakage {
  readonly mend: Mend
  /** Who may have missed something meanwhile without knowing it. */
  readonly deafens: readonly string[]
}

const NOTHING_TO_MEND: Mend = async () => {}
/** Each way, and less than the news may take. */
const SLOW_BY_MS = [5, 45] as const
const BREAKS_AT_DELAY_MS = 20
const BREAK_EVERY_MS = 150
const DIES_WITHIN_MS = 2_000

/** Breaks something; resolves when it is broken. */
export async function performFault(
  laboratory: Laboratory,
  name: TimedFault,
  place: number,
): Promise<Breakage> {
  const { server, admin, proxies, chance } = laboratory
  const proxy = proxies[place] as FaultProxy
  const here = [`p${place}`]
  const heal: Mend = () => proxy.heal()
  switch (name) {
    case 'kill-redis':
      await server.kill()
      return { mend: () => server.restart(), deafens: [] }
    case 'pause-redis':
      await server.pause()
      return { mend: () => server.resume(), deafens: [EVERYONE] }
    case 'flush':
      await admin.flushall()
      return { mend: NOTHING_TO_MEND, deafens: [] }
    case 'evict':
      return { mend: squeezeMemory(admin), deafens: [] }
    case 'kill-tracking':
      // Nobody hears for longer than a moment, and everybody reaches Redis.
      return { mend: again(25, () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')), deafens: [] }
    case 'kill-one-tracking':
      await killOneTracking(admin, chance)
      return { mend: NOTHING_TO_MEND, deafens: [] }
    case 'refuse-connections':
      return { mend: await refuseConnections(admin), deafens: [] }
    case 'refuse-tracking':
      return { mend: await refuseTracking(admin, chance), deafens: [] }
    case 'refuse-subscriptions':
      return { mend: await changeRights(admin, 'resetchannels', 'allchannels'), deafens: [] }
    case 'kill-reader':
      await laboratory.crew.at(place).kill()
      return { mend: () => laboratory.crew.replace(place), deafens: [] }
    case 'kill-lease-holder':
      return await killAt(laboratory.crew, place, 'loading')
    case 'kill-invalidator':
      return await killAt(laboratory.crew, place, 'committed')
    case 'pause-process':
      return { mend: pauseProcess(laboratory, place), deafens: here }
    case 'slow':
      await proxy.delay(chance.between(...SLOW_BY_MS))
      return { mend: heal, deafens: [] }
    case 'slow-unevenly':
      await proxy.delay(chance.between(...SLOW_BY_MS), 'uneven')
      return { mend: heal, deafens: [] }
    case 'drop':
      await proxy.drop()
      return { mend: heal, deafens: [] }
    case 'stall':
      await proxy.stall()
      return { mend: () => loseHeldBack(proxy), deafens: here }
    case 'stall-to-redis':
      await proxy.stall('to-target')
      return { mend: heal, deafens: [] }
    case 'stall-from-redis':
      await proxy.stall('to-client')
      return { mend: heal, deafens: here }
    case 'reset':
      return { mend: await breakOften(proxy, () => proxy.reset()), deafens: [] }
    case 'half-close':
      return { mend: await breakOften(proxy, () => proxy.halfClose()), deafens: [] }
  }
}

/** Breaks something at once and again and again, until it is mended. */
function again(everyMs: number, breakIt: () => Promise<unknown>): Mend {
  let last: Promise<unknown> = Promise.resolve()
  const act = (): void => {
    last = last.then(breakIt).catch(() => {})
  }
  act()
  const timer = setInterval(act, everyMs)
  return async () => {
    clearInterval(timer)
    await last
  }
}

/** On a slow network, so that much is on its way each time. */
async function breakOften(proxy: FaultProxy, breakIt: () => Promise<void>): Promise<Mend> {
  await proxy.delay(BREAKS_AT_DELAY_MS)
  const stop = again(BREAK_EVERY_MS, breakIt)
  return async () => {
    await stop()
    await proxy.heal()
  }
}

/** What was sent during a stall never arrives. */
async function loseHeldBack(proxy: FaultProxy): Promise<void> {
  await proxy.reset()
  await proxy.heal()
}

/** Redis ends the connections that listen and takes no others; those that ask go on. */
async function refuseConnections(admin: Redis): Promise<Mend> {
  const [, most] = (await admin.config('GET', 'maxclients')) as [string, string]
  await admin.config('SET', 'maxclients', 1)
  const stop = again(100, () => admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'))
  return async () => {
    await stop()
    await admin.config('SET', 'maxclients', most)
  }
}

/** One process cannot track any more and may find another way, beside others that go on tracking. */
async function refuseTracking(admin: Redis, chance: Chance): Promise<Mend> {
  const mend = await changeRights(admin, '-client|tracking', '+client|tracking')
  await killOneTracking(admin, chance)
  return mend
}

/** What an administrator does to the rights of running processes, and undoes. */
async function changeRights(admin: Redis, change: string, undo: string): Promise<Mend> {
  await admin.call('ACL', 'SETUSER', 'default', change)
  return async () => {
    await admin.call('ACL', 'SETUSER', 'default', undo)
  }
}

async function killOneTracking(admin: Redis, chance: Chance): Promise<void> {
  const list = String(await admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))
  const ids = [...list.matchAll(/^id=(\d+)/gm)].map(([, id]) => Number(id))
  if (ids.length > 0) await admin.call('CLIENT', 'KILL', 'ID', chance.pick(ids))
}

/** A process is killed by itself, for only it knows where it is. */
async function killAt(crew: Crew, place: number, when: Moment): Promise<Breakage> {
  const member = crew.at(place)
  member.tell({ ask: 'die', when })
  const timer = setTimeout(() => void member.kill(), DIES_WITHIN_MS)
  await member.untilEnded()
  clearTimeout(timer)
  return { mend: () => crew.replace(place), deafens: [] }
}

function pauseProcess({ crew, record }: Laboratory, place: number): Mend {
  const member = crew.at(place)
  const begin = monotonicMs()
  member.pause()
  return async () => {
    member.resume()
    record({ kind: 'asleep', process: member.process, begin, end: monotonicMs() })
  }
}
