import { type Apt, isInstalled, readDependencies } from './apt.ts'

/** Big, and only for compiling queries, which tests do not need. */
const DISPENSABLE = /^lib(llvm|z3-|perl)/

/**
 * The packages to download so that `packages` run: they and, through any number of steps, the
 * libraries that they need and that this system does not have.
 */
export async function planDownload(apt: Apt, packages: readonly string[]): Promise<string[]> {
  const planned = new Set(packages)
  const known = new Set(packages)
  let fresh = [...packages]
  while (fresh.length > 0) {
    const named = await readDependencies(apt, fresh)
    fresh = []
    for (const name of named) {
      if (known.has(name) || !name.startsWith('lib') || DISPENSABLE.test(name)) continue
      known.add(name)
      if (await isInstalled(name)) continue
      planned.add(name)
      fresh.push(name)
    }
  }
  return [...planned]
}
