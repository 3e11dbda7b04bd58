import { CrewMember } from './crew-member.ts'
import type { HistoryEvent } from './history.ts'
import type { Answer, Request, WorkerSettings } from './protocol.ts'

/** What all members of a crew have in common. */
export type CrewSettings = Pick<
  WorkerSettings,
  'driverUrl' | 'postgresUrl' | 'namespace' | 'seed' | 'graceMs' | 'leaseTimeoutMs'
> & {
  /** One for each place. */
  readonly redisUrls: readonly string[]
  readonly clockOffsetsMs: readonly number[]
}

/** An answer, and whose it is. */
export interface Said<W extends Answer['say']> {
  readonly process: string
  readonly answer: Extract<Answer, { say: W }>
}

/** The worker processes, each at its place; who is killed there gets a successor. */
export class Crew {
  readonly #settings: CrewSettings
  readonly #record: (event: HistoryEvent) => void
  readonly #members: CrewMember[] = []
  readonly #started: number[]
  #isRunning = false

  constructor(settings: CrewSettings, record: (event: HistoryEvent) => void) {
    this.#settings = settings
    this.#record = record
    this.#started = settings.redisUrls.map(() => 0)
  }

  get places(): number {
    return this.#settings.redisUrls.length
  }

  /** Who has ended though nobody had meant it to. */
  get failed(): string[] {
    return this.#members.filter(({ hasFailed }) => hasFailed).map(({ process }) => process)
  }

  async start(): Promise<void> {
    await Promise.all(this.#settings.redisUrls.map((_, place) => this.#startAt(place)))
  }

  at(place: number): CrewMember {
    return this.#members[place] as CrewMember
  }

  /** Puts a new process where one has ended; it joins in what the others do. */
  async replace(place: number): Promise<void> {
    await this.#startAt(place)
    if (this.#isRunning) this.at(place).tell({ ask: 'run' })
  }

  run(): void {
    this.#isRunning = true
    for (const member of this.#members) member.tell({ ask: 'run' })
  }

  async hold(): Promise<void> {
    this.#isRunning = false
    await this.askAll({ ask: 'hold' }, 'held')
  }

  /** Any process that is there. */
  get anyone(): CrewMember {
    return this.#members.find(({ hasEnded }) => !hasEnded) ?? this.at(0)
  }

  /** What all say who are there: who has ended by itself is charged with that, and asked no more. */
  async askAll<W extends Answer['say']>(request: Request, word: W): Promise<Said<W>[]> {
    const said = await Promise.all(this.#members.map((member) => ask(member, request, word)))
    return said.filter((answer) => answer !== undefined)
  }

  async quit(): Promise<void> {
    for (const member of this.#members) member.tell({ ask: 'quit' })
    await Promise.all(this.#members.map((member) => member.untilEnded()))
  }

  /** For a run that has failed: nobody is asked. */
  async kill(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.hasEnded || member.kill()))
  }

  async #startAt(place: number): Promise<void> {
    const { redisUrls, clockOffsetsMs, seed, ...shared } = this.#settings
    const count = this.#started[place] as number
    this.#started[place] = count + 1
    const member = new CrewMember(
      {
        ...shared,
        process: `p${place}.${count}`,
        place,
        places: this.places,
        redisUrl: redisUrls[place] as string,
        clockOffsetMs: clockOffsetsMs[place] as number,
        seed: seed * 1_000 + place * 50 + count,
      },
      this.#record,
    )
    this.#members[place] = member
    await member.untilSays('ready')
  }
}

async function ask<W extends Answer['say']>(
  member: CrewMember,
  request: Request,
  word: W,
): Promise<Said<W> | undefined> {
  try {
    return { process: member.process, answer: await member.ask(request, word) }
  } catch (error) {
    if (member.hasEnded) return undefined
    throw error
  }
}
