import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const PACKAGES = new URL('../../../', import.meta.url)

interface Manifest {
  readonly private?: boolean
  readonly dependencies?: Record<string, string>
  readonly engines?: { readonly node?: string }
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${path}/package.json`, PACKAGES), 'utf8'))
}

/** The oldest Node that a range such as `>=18`, `^20.19.0 || >=22` takes: 1,000 times its major version, and its minor. */
function oldest(range: string): number {
  const versions = range.split('||').map((part) => {
    const [, major = 0, minor = 0] = /(\d+)(?:\.(\d+))?/.exec(part) ?? []
    return Number(major) * 1_000 + Number(minor)
  })
  return Math.min(...versions)
}

const published = readdirSync(PACKAGES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readManifest(entry.name).private !== true)
  .map(({ name }) => name)

it.each(published)('what %s depends on runs on the oldest Node that we do', (name) => {
  const { dependencies = {}, engines } = readManifest(name)
  const others = Object.keys(dependencies).filter((other) => !other.startsWith('@hotpath/'))

  const wanted = others.map((other): [string, number] => {
    const { node = '0' } = readManifest(`${name}/node_modules/${other}`).engines ?? {}
    return [other, oldest(node)]
  })

  expect(engines?.node).toBe('>=20.19')
  expect(wanted.filter(([, node]) => node > 20_019)).toEqual([])
})
