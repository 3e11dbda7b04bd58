import { readdirSync, readFileSync } from 'node:fs'

export const ROOT: URL = new URL('../../../../', import.meta.url)

/** A block of TypeScript that a reader finds in the documentation. */
export interface Example {
  /** Page or source file, and which of its blocks. */
  readonly where: string
  readonly code: string
}

const PUBLISHED = ['core', 'http', 'session', 'rate-limit', 'express', 'fastify'] as const

/** All blocks of the READMEs, of the pages under docs and of the doc comments of what is published. */
export function readExamples(): Example[] {
  const sources = PUBLISHED.flatMap((name) => filesUnder(`packages/${name}/src`, '.ts'))
  const readmes = PUBLISHED.map((name) => `packages/${name}/README.md`)
  return ['README.md', ...readmes, ...filesUnder('docs', '.md'), ...sources].flatMap(examplesIn)
}

/** The example makes its own imports; the others continue something that was shown before. */
export function standsAlone({ code }: Example): boolean {
  return code.startsWith('import ')
}

function examplesIn(file: string): Example[] {
  const text = readFileSync(new URL(file, ROOT), 'utf8')
  const plain = file.endsWith('.md') ? text : text.replace(/^ *\* ?/gm, '')
  return [...plain.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ''], index) => ({
    where: `${file} #${index + 1}`,
    code,
  }))
}

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith(ending))
    .sort()
}
