import { fileURLToPath } from 'node:url'

/** Where downloads are kept between runs: `node_modules/.cache/hotpath` of the workspace. */
export const cacheFolder: string = fileURLToPath(
  new URL('../../../../node_modules/.cache/hotpath', import.meta.url),
)
