/** An invalidation that Redis has not heard of yet, or a lease that nobody needs any more. */
export type Pending =
  | { kind: 'release'; path: string; key: string; token: string }
  | { kind: 'delete' | 'expire'; path: string; key: string }
  | { kind: 'deleteTag' | 'expireTag'; tag: string }
  | { kind: 'clear'; path: string }

/** More than this, and everything is invalidated instead. */
const MOST_PENDING = 10_000

/**
 * The invalidations made while Redis was away, to be replayed before it is read again: nothing that
 * was deleted in an outage comes back after it. Bounded: what does not fit becomes one `clear`.
 */
export class Journal {
  #pending = new Map<string, Pending>()
  #releases = 0

  get size(): number {
    return this.#pending.size
  }

  /** Whether there is more in it than leases: these keep others waiting, but make no value wrong. */
  get hasInvalidations(): boolean {
    return this.#pending.size > this.#releases
  }

  add(pending: Pending): void {
    if (this.#pending.size >= MOST_PENDING) {
      this.#pending.clear()
      this.#releases = 0
      this.#pending.set('', { kind: 'clear', path: '' })
      return
    }
    // A delete says more than an expiry of the same thing, so it takes its place and not the reverse.
    const id = identify(pending)
    const known = this.#pending.get(id)
    if (known?.kind === 'delete' || known?.kind === 'deleteTag') return
    this.#pending.set(id, pending)
    if (known === undefined && pending.kind === 'release') this.#releases += 1
  }

  /** Runs `apply` on each; what was applied is forgotten. Stops at the first that fails. */
  async replay(apply: (pending: Pending) => Promise<void>): Promise<void> {
    for (const [id, pending] of this.#pending) {
      await apply(pending)
      // It may have been replaced by a stronger one meanwhile, which is then still to come.
      if (this.#pending.get(id) !== pending) continue
      this.#pending.delete(id)
      if (pending.kind === 'release') this.#releases -= 1
    }
  }
}

function identify(pending: Pending): string {
  if ('token' in pending) return `l${pending.token}`
  if ('tag' in pending) return `t${pending.tag}`
  return 'key' in pending ? `k${pending.path}\0${pending.key}` : `c${pending.path}`
}
