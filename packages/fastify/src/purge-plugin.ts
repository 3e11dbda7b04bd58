import { createPurgeEndpoint, type PurgeEndpointOptions, type ResponseCache } from '@hotpath/http'
import type { FastifyPluginAsync, FastifyRequest, RegisterOptions } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** Options of {@link purgePlugin}. */
export interface PurgePluginOptions
  extends Omit<PurgeEndpointOptions<FastifyRequest>, 'responseCache'> {
  /** @defaultValue that of `cachePlugin` */
  responseCache?: Pick<ResponseCache<FastifyRequest>, 'purge'> | undefined
}

const register: FastifyPluginAsync<PurgePluginOptions & RegisterOptions> = async (app, options) => {
  // Fastify hands on what was meant for `register`.
  const { prefix, logLevel, logSerializers, responseCache = app.responseCache, ...own } = options
  const endpoint = createPurgeEndpoint({ responseCache, ...own }, 'purgePlugin')
  app.addHook('onRequest', (request, reply, done) => {
    if (!endpoint.isFor(request.raw)) return done()
    endpoint.answer(request, request.raw, reply.raw).then(() => reply.hijack(), done)
  })
}

/**
 * Purges responses over HTTP: `POST /purge` with `{ "url" | "tag" | "prefix": ..., "soft"?: true }`
 * as JSON, and `PURGE <url>`; every other request goes on. Nothing is purged that `authorize` does
 * not allow; there is no default for it. More than 16 different purges at one time are
 * answered 429.
 *
 * Wrong options fail the registration with `ERR_OPTION_INVALID`; what `authorize` throws is answered
 * as what a hook throws.
 *
 * @example
 * ```ts
 * await app.register(cachePlugin, { ttl: '30s' })
 * const key = `Bearer ${process.env.PURGE_KEY}`
 * await app.register(purgePlugin, { authorize: (request) => request.headers.authorization === key })
 * ```
 */
export const purgePlugin: FastifyPluginAsync<PurgePluginOptions> = fastifyPlugin(register, {
  fastify: '5.x',
  name: '@hotpath/fastify-purge',
})
