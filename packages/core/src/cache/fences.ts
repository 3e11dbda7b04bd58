/** Guards something under way against invalidations that overtake it. */
export interface Fence {
  readonly id: string
  readonly path: string
  /** An invalidation came: what is under way is older than it and must not be kept. */
  isBreached: boolean
}

/**
 * The fences of all reads, loads and writes under way in this process, by key. What began before an
 * invalidation finds its fence breached, and leaves no trace in memory.
 */
export class Fences {
  readonly #open = new Map<string, Fence[]>()

  open(id: string, path: string): Fence {
    const fence = { id, path, isBreached: false }
    const others = this.#open.get(id)
    if (others === undefined) this.#open.set(id, [fence])
    else others.push(fence)
    return fence
  }

  close(fence: Fence): void {
    const fences = this.#open.get(fence.id)
    if (fences === undefined) return
    const index = fences.indexOf(fence)
    if (index >= 0) fences.splice(index, 1)
    if (fences.length === 0) this.#open.delete(fence.id)
  }

  /** One key was invalidated. */
  breach(id: string): void {
    for (const fence of this.#open.get(id) ?? []) fence.isBreached = true
  }

  /** A namespace was cleared, and with it those inside it. */
  breachAll(path: string): void {
    for (const fences of this.#open.values()) {
      for (const fence of fences) if (isInside(fence.path, path)) fence.isBreached = true
    }
  }
}

/** Whether the namespace `path` is `outer` or lies inside it. */
export function isInside(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}/`)
}
