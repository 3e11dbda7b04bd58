/** One way to come by a server for tests. */
export interface Source<Name extends string, Options, Server> {
  readonly name: Name
  /** Starts a server, or throws {@link SourceUnavailable} where this way is closed. */
  start(options: Options): Promise<Server>
}

/** What closes a way to a server: the machine, or only what the test asks for. */
export type Obstacle = 'machine' | 'options'

/** A source cannot be used; the next one may do. */
export class SourceUnavailable extends Error {
  override readonly name = 'SourceUnavailable'
  readonly obstacle: Obstacle

  constructor(message: string, obstacle: Obstacle = 'machine', cause?: unknown) {
    super(message, { cause })
    this.obstacle = obstacle
  }
}
