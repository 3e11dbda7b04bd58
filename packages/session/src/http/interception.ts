import { ServerResponse } from 'node:http'

/** The methods that begin a response. */
export type Name = 'writeHead' | 'write' | 'end' | 'flushHeaders'
/** Calls one of them, as it was before. */
export type Next = (name: Name, args: unknown[]) => unknown

/** Who is told of a call of one of them, instead of it. */
export interface Interceptor {
  /** `isBeneath`: what calls may be what it was passed on to itself, and does so when it likes. */
  call(name: Name, args: unknown[], next: Next, isBeneath: boolean): unknown
}

type Method = (...args: unknown[]) => unknown
type Methods = Record<Name, Method>

/** A property, and not an entry of a WeakMap: what lies in one is kept until a major collection. */
const LINK = Symbol('hotpath.session.link')

interface Linked {
  [LINK]?: Link
}

interface Link {
  readonly interceptor: Interceptor
  readonly inner: Link | undefined
  /** Others stand between it and the methods as they were when the response was prepared. */
  readonly isBeneath: boolean
}

const NAMES: readonly Name[] = ['writeHead', 'write', 'end', 'flushHeaders']
/** Our own functions, by which a response is known to be prepared. */
const ours = new WeakSet<Method>()
const preparedApps = new WeakSet<object>()

/**
 * Puts functions in the place of those methods that do what they did, until `intercept`. It is done
 * before a handler runs: in `res.end(await session.get('n'))` it is the first word that is looked up first.
 *
 * Responses share the functions, for of its own they would cost each more than the rest. On Express
 * they are on the app's own prototype of responses: there each response has a shape of its own as soon
 * as a property is added to it, which makes all that Node does with it slower.
 */
export function prepare(res: ServerResponse): void {
  const target = res as object as Methods
  if (isPrepared(target)) return
  if (NAMES.some((name) => Object.hasOwn(res, name))) {
    const { writeHead, write, end, flushHeaders } = target
    equip(target, methodsOver({ writeHead, write, end, flushHeaders }))
    return
  }
  const app = appResponseOf(res)
  if (app === undefined) equip(target, OF_PROTOTYPE)
  else if (!preparedApps.has(app)) {
    preparedApps.add(app)
    const { writeHead, write, end, flushHeaders } = app as Methods
    equip(app as Methods, methodsOver({ writeHead, write, end, flushHeaders }))
  }
}

/** Tells `interceptor` of all calls from now on; before all that others have put there meanwhile. */
export function intercept(res: ServerResponse, interceptor: Interceptor): void {
  const target = res as object as Methods
  const isBeneath = !isPrepared(target)
  const linked: Linked = res as object
  linked[LINK] = { interceptor, inner: linked[LINK], isBeneath }
  if (!isBeneath) return
  const { writeHead, write, end, flushHeaders } = target
  const before: Methods = { writeHead, write, end, flushHeaders }
  const next: Next = (name, args) => before[name].apply(res, args)
  equip(
    target,
    methodsBy((_res, name, args) => interceptor.call(name, args, next, false)),
  )
}

function isPrepared(target: Methods): boolean {
  return (
    ours.has(target.end) &&
    ours.has(target.write) &&
    ours.has(target.writeHead) &&
    ours.has(target.flushHeaders)
  )
}

/** One by one: this is a hot path, and `Object.assign` takes its time. */
function equip(target: Methods, methods: Methods): void {
  target.writeHead = methods.writeHead
  target.write = methods.write
  target.end = methods.end
  target.flushHeaders = methods.flushHeaders
}

function methodsOver(before: Methods): Methods {
  const methods = methodsBy((res, name, args) =>
    run((res as Linked)[LINK], (which, given) => before[which].apply(res, given), name, args),
  )
  for (const name of NAMES) ours.add(methods[name])
  return methods
}

const OF_PROTOTYPE: Methods = methodsBy((res, name, args) => {
  const prototype = Object.getPrototypeOf(res) as Methods
  const link = (res as Linked)[LINK]
  if (link === undefined) return prototype[name].apply(res, args)
  return run(link, (which, given) => prototype[which].apply(res, given), name, args)
})
for (const name of NAMES) ours.add(OF_PROTOTYPE[name])

function run(link: Link | undefined, last: Next, name: Name, args: unknown[]): unknown {
  if (link === undefined) return last(name, args)
  const { interceptor, inner, isBeneath } = link
  const next: Next = (which, given) => run(inner, last, which, given)
  return interceptor.call(name, args, next, isBeneath)
}

function methodsBy(call: (res: object, name: Name, args: unknown[]) => unknown): Methods {
  const take = (name: Name): Method =>
    function (this: object, ...args) {
      return call(this, name, args)
    }
  return {
    writeHead: take('writeHead'),
    write: take('write'),
    end: take('end'),
    flushHeaders: take('flushHeaders'),
  }
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
