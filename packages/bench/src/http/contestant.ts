import type { Server } from 'node:http'

/** What all of them answer at one path: a JSON document of so many bytes. */
export interface Page {
  readonly path: string
  readonly body: Buffer
}

/** What a server has to answer, and where it says that it did so by running its handler. */
export interface Site {
  readonly pages: readonly Page[]
  readonly countHandled: () => void
  /** The Redis that hits come from; empty where they come from memory. */
  readonly redisUrl: string
}

/** Makes a server that answers a site's pages in one of the ways that are compared. */
export type CreateServer = (site: Site) => Server | Promise<Server>

/** What every handler says of every page. */
export const CONTENT_TYPE = 'application/json; charset=utf-8'
export const CACHE_CONTROL = 'public, max-age=3600'
