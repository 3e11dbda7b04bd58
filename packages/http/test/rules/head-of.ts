import type { HeadView } from '../../src/rules/head-view.ts'

/** A head with these fields, named in lower case. */
export function headOf(status: number, fields: Record<string, string>): HeadView {
  return { status, get: (name) => fields[name] }
}
