import { type Listener, type Outlet, Topic } from './topic.ts'

/** Typed events: one `emit` tells the listeners here and the subscribers of diagnostics channels. */
export class Events<Map extends { [E in keyof Map]: object }> {
  readonly #topics: { [E in keyof Map]?: Topic<Map[E]> } = Object.create(null)
  readonly #outlet: Outlet | undefined

  /** Without an outlet there are listeners only. */
  constructor(outlet?: Outlet) {
    this.#outlet = outlet
  }

  /** One kind of event, for those who emit it often. */
  topic<E extends keyof Map & string>(event: E): Topic<Map[E]> {
    this.#topics[event] ??= new Topic<Map[E]>(event, this.#outlet)
    return this.#topics[event]
  }

  /** Calls `listener` for each `event` from now on; returns what stops it. */
  on<E extends keyof Map & string>(event: E, listener: Listener<Map[E]>): () => void {
    return this.topic(event).on(listener)
  }

  emit<E extends keyof Map & string>(event: E, detail: Map[E]): void {
    this.topic(event).emit(detail)
  }
}
