import { isInside } from './fences.ts'

/**
 * Many keys read in one command. It is fenced as a whole, and notes which of its keys invalidations
 * have overtaken: a fence for each would cost more than reading them.
 */
export class BulkRead {
  readonly #path: string
  #isBreached = false
  #overtaken: Set<string> | undefined

  constructor(path: string) {
    this.#path = path
  }

  breach(id: string): void {
    this.#overtaken ??= new Set()
    this.#overtaken.add(id)
  }

  breachAll(path: string): void {
    if (isInside(this.#path, path)) this.#isBreached = true
  }

  /** Whether what was read under this id may be older than an invalidation. */
  isOvertaken(id: string): boolean {
    return this.#isBreached || (this.#overtaken?.has(id) ?? false)
  }
}
