import { ServerResponse } from 'node:http'

/** The methods that begin a response. */
export type Name = 'writeHead' | 'write' | 'end' | 'flushHeaders'
export type Method = (...args: unknown[]) => unknown
export type Methods = Readonly<Record<Name, Method>>

/** Who is told of a call of one of them. */
export interface Interceptor {
  call(name: Name, args: unknown[]): unknown
}

const NAMES: readonly Name[] = ['writeHead', 'write', 'end', 'flushHeaders']
const INTERCEPTOR = Symbol('hotpath.session.interceptor')

interface Intercepted extends ServerResponse {
  [INTERCEPTOR]?: Interceptor
}

/**
 * Tells `interceptor` of every call that begins the response, instead of making it. Gives the methods
 * as they were before.
 *
 * Responses share the functions for it: of its own they would cost each more than the rest. On Express
 * they are put on the app's own prototype of responses: there each response has a shape of its own as
 * soon as a property is added to it, which makes all that Node does with it slower.
 */
export function intercept(res: ServerResponse, interceptor: Interceptor): Methods {
  const app = hasOwnMethods(res) ? undefined : appResponseOf(res)
  return app === undefined ? interceptOne(res, interceptor) : interceptBy(app, res, interceptor)
}

function interceptOne(res: Intercepted, interceptor: Interceptor): Methods {
  const { writeHead, write, end, flushHeaders } = res as object as Methods
  const isFirst = res[INTERCEPTOR] === undefined
  if (isFirst) res[INTERCEPTOR] = interceptor
  // One by one: this is a hot path, and `Object.assign` takes its time.
  const methods = isFirst ? OF_ONE : methodsOf(() => interceptor)
  const target = res as object as Record<Name, Method>
  target.writeHead = methods.writeHead
  target.write = methods.write
  target.end = methods.end
  target.flushHeaders = methods.flushHeaders
  return { writeHead, write, end, flushHeaders }
}

const OF_ONE = methodsOf((res) => res[INTERCEPTOR])

/** Of responses whose prototype was given the methods. */
const interceptors = new WeakMap<object, Interceptor>()
/** The prototypes that were, and their methods before. */
const prototypes = new WeakMap<object, Methods>()

function interceptBy(app: object, res: ServerResponse, interceptor: Interceptor): Methods {
  const known = prototypes.get(app)
  const methods = known ?? equip(app as Record<Name, Method>)
  const before = interceptors.get(res)
  interceptors.set(res, interceptor)
  return before === undefined ? methods : methodsOf(() => before)
}

function equip(app: Record<Name, Method>): Methods {
  const { writeHead, write, end, flushHeaders } = app
  const before = { writeHead, write, end, flushHeaders }
  prototypes.set(app, before)
  Object.assign(
    app,
    methodsOf((res) => interceptors.get(res), before),
  )
  return before
}

/**
 * What Express has made for the responses of the outermost app, or `undefined` where it has not: that
 * of an app within would be taken from a response that leaves it.
 */
function appResponseOf(res: ServerResponse): object | undefined {
  let outer = prototypeOf(res)
  let common = prototypeOf(outer)
  let node = prototypeOf(common)
  while (node !== undefined && node !== ServerResponse.prototype) {
    outer = common
    common = node
    node = prototypeOf(node)
  }
  return node !== undefined && outer !== undefined && Object.hasOwn(outer, 'app')
    ? outer
    : undefined
}

function prototypeOf(thing: object | undefined): object | undefined {
  return thing && ((Object.getPrototypeOf(thing) as object | null) ?? undefined)
}

/** Those of somebody who was here before come first, whatever a prototype has. */
function hasOwnMethods(res: ServerResponse): boolean {
  return NAMES.some((name) => Object.hasOwn(res, name))
}

function methodsOf(
  interceptorOf: (res: Intercepted) => Interceptor | undefined,
  before?: Methods,
): Methods {
  const take = (name: Name): Method =>
    function (this: Intercepted, ...args) {
      const interceptor = interceptorOf(this)
      return interceptor === undefined
        ? before?.[name].apply(this, args)
        : interceptor.call(name, args)
    } as Method
  return {
    writeHead: take('writeHead'),
    write: take('write'),
    end: take('end'),
    flushHeaders: take('flushHeaders'),
  }
}
