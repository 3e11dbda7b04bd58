import type { IncomingMessage, ServerResponse } from 'node:http'

/** What tells a handler that its client has gone. */
const EVENTS: ReadonlySet<unknown> = new Set(['close', 'aborted', 'error'])

/**
 * Keeps from a handler that its client has gone, for others are sent what it makes: one client
 * could otherwise break it off for all. Gives what ends that: what has happened meanwhile is told then.
 */
export function hideDeparture(
  req: IncomingMessage,
  res: ServerResponse,
  onGone: () => void,
): () => void {
  const reveals = [hide(req, () => {}), hide(res, onGone)]
  const reveal = (): void => {
    for (const each of reveals.splice(0)) each()
  }
  // By the handler itself, which means it.
  const { destroy } = res
  res.destroy = (error) => {
    reveal()
    return destroy.call(res, error)
  }
  return reveal
}

function hide(message: IncomingMessage | ServerResponse, onGone: () => void): () => void {
  const { emit } = message
  const missed: [event: string, ...args: unknown[]][] = []
  message.emit = ((event: string, ...args: unknown[]) => {
    if (!EVENTS.has(event)) return Reflect.apply(emit, message, [event, ...args])
    missed.push([event, ...args])
    if (event === 'close') onGone()
    return true
  }) as typeof emit
  const restore = hideDestroyed(message)
  return () => {
    message.emit = emit
    restore()
    for (const [event, ...args] of missed) {
      const isHeard = event !== 'error' || message.listenerCount('error') > 0
      if (isHeard) Reflect.apply(emit, message, [event, ...args])
    }
  }
}

/** Of a response it is a property of its own, of a request one that all of them share. */
function hideDestroyed(message: IncomingMessage | ServerResponse): () => void {
  const own = Object.getOwnPropertyDescriptor(message, 'destroyed')
  let value: unknown = own?.value
  Object.defineProperty(message, 'destroyed', {
    configurable: true,
    get: () => false,
    set: (given) => {
      value = given
    },
  })
  return () => {
    if (own === undefined) Reflect.deleteProperty(message, 'destroyed')
    else Object.defineProperty(message, 'destroyed', { ...own, value })
  }
}
