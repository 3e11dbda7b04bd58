import { setTimeout as delay } from 'node:timers/promises'
import { Chance } from './chance.ts'
import { Doom } from './doom.ts'
import type { CoherentCache, Driver } from './driver.ts'
import type { InvalidationSort } from './history.ts'
import { Invalidator } from './invalidator.ts'
import { MEMORY_ENTRIES } from './keys.ts'
import { monotonicMs } from './monotonic.ts'
import type { Convergence, Request, Straggler, Versions, WorkerSettings } from './protocol.ts'
import { Recorder, say } from './recorder.ts'
import { skewClock } from './skew-clock.ts'
import { SlowLoader } from './slow-loader.ts'
import { SourceOfTruth } from './source-of-truth.ts'
import { Traffic } from './traffic.ts'
import { watchSleep } from './watch-sleep.ts'
import { Wellbeing } from './wellbeing.ts'

const POSTGRES_CONNECTIONS = 6
const POLL_CONVERGENCE_MS = 25

/** One process of a run: a cache, what is done with it, and what is told of it. */
export class Worker {
  readonly #recorder: Recorder
  readonly #wellbeing: Wellbeing
  readonly #doom: Doom
  readonly #source: SourceOfTruth
  readonly #cache: CoherentCache
  readonly #invalidator: Invalidator
  readonly #traffic: Traffic
  readonly #stopWatching: () => void

  private constructor(
    { process, place, places, seed, postgresUrl }: WorkerSettings,
    cache: CoherentCache,
    wellbeing: Wellbeing,
    recorder: Recorder,
  ) {
    this.#recorder = recorder
    this.#wellbeing = wellbeing
    this.#cache = cache
    this.#source = new SourceOfTruth(postgresUrl, POSTGRES_CONNECTIONS)
    this.#doom = new Doom(recorder)
    const [chance, doom, source] = [new Chance(seed), this.#doom, this.#source]
    const loader = new SlowLoader(process, source, recorder, chance, doom)
    const parts = { process, place, places, cache, source, recorder, chance, doom }
    this.#invalidator = new Invalidator(parts)
    this.#traffic = new Traffic(process, cache, this.#invalidator, loader, recorder, chance)
    this.#stopWatching = watchSleep(process, recorder.record)
  }

  static async start(settings: WorkerSettings): Promise<Worker> {
    // Before anything is imported, for some take the function along.
    skewClock(settings.clockOffsetMs)
    const { driver } = (await import(settings.driverUrl)) as { driver: Driver }
    const recorder = new Recorder()
    const { process } = settings
    const wellbeing = new Wellbeing(process, driver.declares, recorder)
    const { declare } = wellbeing
    const at = monotonicMs()
    const cache = await driver.open({ ...settings, maxEntries: MEMORY_ENTRIES, declare })
    const { declares } = driver
    recorder.record({ kind: 'started', process, at, declares, lacks: lacksOf(cache) })
    return new Worker(settings, cache, wellbeing, recorder)
  }

  async answer(request: Request): Promise<void> {
    switch (request.ask) {
      case 'run':
        this.#traffic.run()
        return
      case 'hold':
        await this.#traffic.hold()
        await this.#recorder.flush()
        await say({ say: 'held' })
        return
      case 'die':
        this.#doom.set(request.when)
        return
      case 'delete':
        for (const key of request.keys) await this.#invalidator.invalidate(key, 'delete')
        await this.#recorder.flush()
        await say({ say: 'deleted' })
        return
      case 'converge': {
        const convergence = await this.#converge(request.versions, request.withinMs)
        const at = monotonicMs()
        await this.#recorder.flush()
        await say({ say: 'converged', at, convergence })
        return
      }
      case 'quit':
        await this.#close()
    }
  }

  async #converge(versions: Versions, withinMs: number): Promise<Convergence> {
    const endMs = monotonicMs() + withinMs
    let wrong = Object.keys(versions)
    let stragglers: Straggler[] = []
    for (;;) {
      const found = await Promise.all(wrong.map((key) => this.#traffic.read(key)))
      stragglers = wrong.flatMap((key, index) => {
        const wanted = versions[key] as number
        return found[index] === wanted ? [] : [{ key, found: found[index], wanted }]
      })
      wrong = stragglers.map(({ key }) => key)
      const isWell = this.#wellbeing.isWell && (this.#cache.queued?.() ?? 0) === 0
      if (wrong.length === 0 && isWell) return { stragglers, isWell }
      if (monotonicMs() >= endMs) return { stragglers, isWell }
      await delay(POLL_CONVERGENCE_MS)
    }
  }

  async #close(): Promise<void> {
    await this.#traffic.hold()
    this.#stopWatching()
    this.#invalidator.stop()
    await this.#cache.close()
    await this.#source.close()
    await this.#recorder.stop()
    process.disconnect()
  }
}

function lacksOf(cache: CoherentCache): InvalidationSort[] {
  const optional = ['deleteByTag', 'expire'] as const
  return optional.filter((sort) => cache[sort] === undefined)
}
