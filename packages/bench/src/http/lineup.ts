import type { CreateServer } from './contestant.ts'

/** A server that is compared, and what it is compared with. */
export interface HttpContestant {
  readonly name: string
  /** The package that it is named for, for its version. */
  readonly package?: string
  /** The least that the same can cost in the same framework. */
  readonly floor?: string
  /** Answers hits without running the handler: the harness sees to it that this is so. */
  readonly isCached: boolean
  /**
   * What its clients want: the same page again and again (`page`), to hear that their copy of it is
   * still good (`not-modified`), pages that nobody has asked for before (`unseen`), or more than one
   * page, which is their limit (`refused`). `page` unless said.
   */
  readonly asks?: 'page' | 'not-modified' | 'unseen' | 'refused'
  /** Loads only what this contestant needs. */
  readonly load: () => Promise<CreateServer>
}

/** Servers that are compared in one table. */
export interface Lineup {
  readonly title: string
  /** The first is what all others are compared with. */
  readonly contestants: readonly HttpContestant[]
  readonly needsRedis: boolean
  /** Where what is compared has nothing to do with how large a page is, the smallest is enough. */
  readonly isOneSize?: boolean
}
