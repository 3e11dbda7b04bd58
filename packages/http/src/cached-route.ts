import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { CacheEntry } from '@hotpath/core'
import { type BackgroundRun, runOf } from './background/background-runs.ts'
import { joinLines } from './fields/list.ts'
import { Forwarding } from './forwarding.ts'
import type { FrameworkPort } from './framework-port.ts'
import { isKeyOf, makeKey, makeVariantKey } from './keys/cache-key.ts'
import { dropParsed, normaliseQuery, rewriteQuery } from './keys/query.ts'
import { type RoutedMessage, requestTarget } from './keys/request-target.ts'
import { MissPath, MOST_STEPS } from './miss-path.ts'
import { pass } from './pass.ts'
import { exclude, type RoutePolicy, scopeOf } from './route-policy.ts'
import type { RouteTools } from './route-tools.ts'
import { decideEligibility } from './rules/eligibility.ts'
import { readRequestControl } from './rules/request-control.ts'
import { selectVariant } from './rules/selection.ts'
import { listUnsafeTargets } from './rules/unsafe-targets.ts'
import type { StoredResponse } from './storing/stored-response.ts'
import { Visit } from './visit.ts'

/**
 * The way of a request through the cache of its route: passed on where the cache has no business,
 * answered from memory at once where it can be, and else sent down the {@link MissPath}.
 */
export class CachedRoute<Req> {
  readonly #tools: RouteTools
  readonly #policy: RoutePolicy<Req>
  readonly #forwarding: Forwarding
  readonly #misses: MissPath

  constructor(tools: RouteTools, policy: RoutePolicy<Req>) {
    this.#tools = tools
    this.#policy = policy
    this.#forwarding = new Forwarding(tools)
    this.#misses = new MissPath(tools, this.#forwarding)
  }

  /** Answers a request, or lets it proceed to the handler. */
  handle<C>(
    port: FrameworkPort<C>,
    context: C,
    request: Req,
    req: RoutedMessage,
    res: ServerResponse,
  ): void {
    const visit = new Visit(this.#policy, port, context, request, req, res)
    try {
      this.#handle(visit)
    } catch (error) {
      visit.fail(error)
    }
  }

  #handle<C>(visit: Visit<Req, C>): void {
    const { req } = visit
    // The cache nearest to the handler knows best what its responses are.
    visit.outer?.giveUp()
    const run = runOf(req)
    if (run !== undefined) {
      this.#handleRun(visit, run)
      return
    }
    const eligibility = decideEligibility(req.method, visit.headers)
    if (eligibility === 'unsafe') this.#passUnsafe(visit)
    else if (eligibility === 'method') pass(visit, { reason: 'method' })
    else if (eligibility === 'eligible' || eligibility === 'range') {
      visit.isForPart = eligibility === 'range'
      this.#handleEligible(visit)
    } else pass(visit, { reason: 'bypass', detail: eligibility })
  }

  /** A request that no client has sent is taken up by the route's cache that has made it, if it is for the same. */
  #handleRun<C>(visit: Visit<Req, C>, run: BackgroundRun): void {
    const isOurs = run.route === this.#forwarding && !run.isTakenUp
    const key = isOurs ? this.#identify(visit) : undefined
    if (key !== undefined && isKeyOf(key, run.key)) this.#forwarding.takeUp(visit, key, run)
    else visit.proceed(() => {})
  }

  #handleEligible<C>(visit: Visit<Req, C>): void {
    const { policy, request, headers } = visit
    const excluded = policy.canExclude ? exclude(policy, request, headers) : undefined
    if (excluded !== undefined) {
      pass(visit, { reason: 'bypass', detail: excluded })
      return
    }
    const key = this.#identify(visit)
    if (visit.directives?.noStore) {
      pass(visit, { reason: 'request' })
      return
    }
    const entry = this.#peek(key, headers)
    if (entry === undefined) this.#misses.search(visit, key)
    else {
      this.#misses.use(visit, key, entry, 'memory')
      if (this.#tools.earlyBeta > 0) void this.#misses.refreshEarly(visit, key, entry)
    }
  }

  #passUnsafe<C>(visit: Visit<Req, C>): void {
    const { policy, req, headers } = visit
    pass(visit, { reason: 'method' }, (head) => {
      if (!policy.options.invalidateOnUnsafe) return
      const host = headers.host ?? joinLines(headers[':authority'])
      const asked = requestTarget(req)
      const target = policy.query ? normaliseQuery(asked, policy.query).target : asked
      const targets = listUnsafeTargets(head, target, host)
      if (targets.length > 0) this.#tools.purgeUrls(targets)
    })
  }

  /** Finds out whose request it is, and gives its key. */
  #identify<C>(visit: Visit<Req, C>): string {
    const { policy, port, context, request, req, headers, depth } = visit
    if (policy.query !== undefined) {
      dropParsed(port.parsedQuery(context), rewriteQuery(req, policy.query))
    }
    visit.scope = scopeOf(policy, request)
    if (policy.options.honorRequestCacheControl) {
      visit.directives = readRequestControl(headers)
    }
    const custom = policy.options.key?.(request)
    const key = makeKey(req, headers, policy.key, { depth, custom, scope: visit.scope })
    visit.key = key
    return key
  }

  /** The fresh stored response in memory that fits the request's Vary. */
  #peek(primaryKey: string, headers: IncomingHttpHeaders): CacheEntry<StoredResponse> | undefined {
    let key = primaryKey
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const entry = this.#tools.store.peekEntry<StoredResponse>(key)
      if (entry === undefined) return undefined
      const { vary, selection } = entry.value.parts
      const wanted = selectVariant(vary, headers)
      if (wanted === selection) return entry
      key = makeVariantKey(key, wanted)
    }
    return undefined
  }
}
