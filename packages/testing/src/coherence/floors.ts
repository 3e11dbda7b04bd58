import {
  type Commit,
  eventsOf,
  type HistoryEvent,
  type Invalidation,
  type Write,
} from './history.ts'

/** From `at` on nobody concerned may be given less than `version`, for `cause` was acknowledged. */
export interface Floor {
  readonly at: number
  readonly version: number
  readonly cause: Invalidation | Write
}

/** The floors of one key as time goes by. */
export class FloorLine {
  readonly #floors: readonly Floor[]
  /** The highest floor up to each; it never falls. */
  readonly #highest: number[] = []

  constructor(floors: readonly Floor[]) {
    this.#floors = [...floors].sort((one, other) => one.at - other.at)
    let highest = Number.NEGATIVE_INFINITY
    for (const { version } of this.#floors) {
      highest = Math.max(highest, version)
      this.#highest.push(highest)
    }
  }

  /** What was owed at the end. */
  get last(): number {
    return this.#highest.at(-1) ?? 0
  }

  /** The floors before `at` that `version` is below, the earliest first. */
  *ignored(version: number, at: number): Generator<Floor> {
    for (let index = this.#firstAbove(version); index < this.#floors.length; index += 1) {
      const floor = this.#floors[index] as Floor
      if (floor.at >= at) return
      if (floor.version > version) yield floor
    }
  }

  #firstAbove(version: number): number {
    let low = 0
    let high = this.#highest.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#highest[middle] as number) > version) high = middle
      else low = middle + 1
    }
    return low
  }
}

const NO_FLOORS = new FloorLine([])

/** What is owed to whom. */
export interface Floors {
  /** To every process: what was acknowledged as applied everywhere, or queued and then replayed. */
  forAll(key: string): FloorLine
  /** To the process that invalidated or wrote, however far that has got. */
  forOwn(process: string, key: string): FloorLine
}

/**
 * What each acknowledgement makes due: an invalidation, all versions of its keys that had been
 * committed when it began, whoever committed them; a write, its own version, to its own process.
 */
export function floorsOf(history: readonly HistoryEvent[]): Floors {
  const committed = committedVersions(eventsOf(history, 'commit'))
  const all = new Map<string, Floor[]>()
  const own = new Map<string, Floor[]>()
  const replayedAt = replayTimes(history)
  for (const cause of eventsOf(history, 'invalidation')) {
    const everywhereAt = cause.applied === 'everywhere' ? cause.end : replayedAt(cause)
    for (const key of cause.keys) {
      const version = committed(key, cause.begin)
      if (version === 0) continue
      addTo(own, ownId(cause.process, key), { at: cause.end, version, cause })
      if (everywhereAt !== undefined) addTo(all, key, { at: everywhereAt, version, cause })
    }
  }
  for (const cause of eventsOf(history, 'write')) {
    const { process, key, version, end } = cause
    addTo(own, ownId(process, key), { at: end, version, cause })
  }
  const allLines = toLines(all)
  const ownLines = toLines(own)
  return {
    forAll: (key) => allLines.get(key) ?? NO_FLOORS,
    forOwn: (process, key) => ownLines.get(ownId(process, key)) ?? NO_FLOORS,
  }
}

/** The newest version of a key that was certainly committed by a moment; 0 if there is none. */
function committedVersions(commits: readonly Commit[]): (key: string, at: number) => number {
  const lines = new Map<string, { at: number; version: number }[]>()
  for (const { key, version, end } of [...commits].sort((one, other) => one.end - other.end)) {
    const line = lines.get(key) ?? []
    lines.set(key, line)
    line.push({ at: end, version: Math.max(version, line.at(-1)?.version ?? 0) })
  }
  return (key, at) => {
    const line = lines.get(key) ?? []
    let low = 0
    let high = line.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((line[middle] as { at: number }).at <= at) low = middle + 1
      else high = middle
    }
    return line[low - 1]?.version ?? 0
  }
}

/** When a queued invalidation was known to have been replayed, if it ever was. */
function replayTimes(
  history: readonly HistoryEvent[],
): (invalidation: Invalidation) => number | undefined {
  const replays = eventsOf(history, 'replayed').sort((one, other) => one.at - other.at)
  return ({ process, id, applied, end }) => {
    if (applied !== 'queued') return undefined
    const replay = replays.find((one) => one.process === process && one.upTo >= id && one.at >= end)
    return replay?.at
  }
}

function ownId(process: string, key: string): string {
  return `${process} ${key}`
}

function addTo(floors: Map<string, Floor[]>, id: string, floor: Floor): void {
  const line = floors.get(id)
  if (line === undefined) floors.set(id, [floor])
  else line.push(floor)
}

function toLines(floors: ReadonlyMap<string, Floor[]>): Map<string, FloorLine> {
  return new Map([...floors].map(([id, line]) => [id, new FloorLine(line)]))
}
