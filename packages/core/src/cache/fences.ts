/** Guards something under way against invalidations that overtake it. */
export interface Fence {
  readonly id: string
  readonly path: string
  /** An invalidation came: what is under way is older than it and must not be kept. */
  isBreached: boolean
}

interface OpenFence extends Fence {
  next: OpenFence | undefined
}

/**
 * The fences of all reads, loads and writes under way in this process, by key. What began before an
 * invalidation finds its fence breached, and leaves no trace in memory.
 */
export class Fences {
  /** The latest of each key; mostly it is the only one. */
  readonly #open = new Map<string, OpenFence>()

  open(id: string, path: string): Fence {
    const fence = { id, path, isBreached: false, next: this.#open.get(id) }
    this.#open.set(id, fence)
    return fence
  }

  close(fence: Fence): void {
    const latest = this.#open.get(fence.id)
    if (latest === fence) {
      if (latest.next === undefined) this.#open.delete(fence.id)
      else this.#open.set(fence.id, latest.next)
      return
    }
    for (let later = latest; later !== undefined; later = later.next) {
      if (later.next === fence) later.next = later.next.next
    }
  }

  /** One key was invalidated. */
  breach(id: string): void {
    breachFrom(this.#open.get(id))
  }

  /** A namespace was cleared, and with it those inside it. */
  breachAll(path: string): void {
    for (const latest of this.#open.values()) if (isInside(latest.path, path)) breachFrom(latest)
  }
}

/** Fences of one key, so all of one namespace. */
function breachFrom(latest: OpenFence | undefined): void {
  for (let fence = latest; fence !== undefined; fence = fence.next) fence.isBreached = true
}

/** Whether the namespace `path` is `outer` or lies inside it. */
export function isInside(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}/`)
}
