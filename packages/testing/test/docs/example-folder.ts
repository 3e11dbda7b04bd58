import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ROOT } from './examples.ts'

/** A folder inside the bench package, which sees all packages and all frameworks. */
export interface ExampleFolder {
  readonly path: string
  write(name: string, text: string): string
  remove(): void
}

export function createExampleFolder(): ExampleFolder {
  const cache = fileURLToPath(new URL('packages/bench/node_modules/.cache', ROOT))
  mkdirSync(cache, { recursive: true })
  const path = mkdtempSync(`${cache}/examples-`)
  return {
    path,
    write(name, text) {
      const file = `${path}/${name}`
      writeFileSync(file, text)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
