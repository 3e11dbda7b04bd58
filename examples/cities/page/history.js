const KEPT = 200

/** The requests of this visit, newest last. */
export const history = []

export function remember(request) {
  history.push(request)
  if (history.length > KEPT) history.shift()
}

/** Whether its query is one that a cache is for; one row by its key is quick anyway. */
export function isSlow(request) {
  return request.method === 'GET' && !/^\/api\/cities\/\d+$/.test(request.path)
}

export function isHit(request) {
  return request.kind === 'memory' || request.kind === 'redis'
}

/** Median milliseconds in the server with and without the cache, for one path. */
export function compare(path) {
  const asked = history.filter((request) => request.path === path && request.status === 200)
  return {
    missMs: median(asked.filter((request) => request.kind === 'miss')),
    hitMs: median(asked.filter(isHit)),
  }
}

function median(requests) {
  const sorted = requests.map((request) => request.serverMs).sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}
