// What is used of packages that come without types.

declare module 'apicache' {
  import type { RequestHandler } from 'express'

  const apicache: { middleware(duration: string): RequestHandler }
  export = apicache
}

declare module 'apicache-plus' {
  import type { RequestHandler } from 'express'

  const apicache: (duration: string) => RequestHandler
  export = apicache
}
