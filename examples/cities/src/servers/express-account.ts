import express, { type Request, type RequestHandler, type Router } from 'express'
import type { Answer } from '../api/api.ts'
import type { Visit } from '../api/visit.ts'
import { send } from './express-send.ts'
import type { Parts } from './parts.ts'

/** The routes that know their visitor. No cache is before them. */
export function accountRouter({ account, favourites }: Parts): Router {
  const router = express.Router()
  const json = express.json({ type: () => true })

  router.get('/me', handle(account.getMe))
  router.get('/csrf-token', handle(account.getCsrfToken))
  router.post('/login', json, handle(account.login))
  router.post('/logout', handle(account.logout))
  router.get('/sessions', handle(account.listSessions))
  router.delete('/sessions/:handle', handle(account.revokeSession))
  router.post('/sessions/revoke-others', handle(account.revokeOtherSessions))
  router.get('/favourites', handle(favourites.list))
  router.put('/favourites/:id', handle(favourites.add))
  router.delete('/favourites/:id', handle(favourites.remove))
  return router
}

function handle(work: (visit: Visit) => Promise<Answer>): RequestHandler {
  return async (req, res) => send(res, await work(visitOf(req)))
}

function visitOf(req: Request): Visit {
  const { session, sessions, params, body } = req
  const [csrfToken, userAgent] = [req.get('X-CSRF-Token'), req.get('User-Agent')]
  return { session, sessions, params, body, csrfToken, userAgent }
}
