import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Answer } from '../api/api.ts'
import type { Visit } from '../api/visit.ts'
import { send } from './fastify-send.ts'
import type { Parts } from './parts.ts'

/** The routes that know their visitor, without a cache. */
export function addAccountRoutes(app: FastifyInstance, { account, favourites }: Parts): void {
  const uncached = { config: { cache: false } } as const

  app.get('/me', uncached, handle(account.getMe))
  app.get('/csrf-token', uncached, handle(account.getCsrfToken))
  app.post('/login', handle(account.login))
  app.post('/logout', handle(account.logout))
  app.get('/sessions', uncached, handle(account.listSessions))
  app.delete('/sessions/:handle', handle(account.revokeSession))
  app.post('/sessions/revoke-others', handle(account.revokeOtherSessions))
  app.get('/favourites', uncached, handle(favourites.list))
  app.put('/favourites/:id', handle(favourites.add))
  app.delete('/favourites/:id', handle(favourites.remove))
}

function handle(work: (visit: Visit) => Promise<Answer>): RouteHandlerMethod {
  return async (request, reply) => send(reply, await work(visitOf(request)))
}

function visitOf(request: FastifyRequest): Visit {
  const { session, sessions, params, body, headers } = request
  const csrfToken = headers['x-csrf-token']
  return { session, sessions, params, body, csrfToken, userAgent: headers['user-agent'] }
}
