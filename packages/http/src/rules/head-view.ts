/** A response's status and fields, as the rules read them. */
export interface HeadView {
  readonly status: number
  /** A field by its name in lower case, its lines joined. */
  get(name: string): string | undefined
}
