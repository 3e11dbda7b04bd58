import { types } from 'node:util'

/**
 * Freezes plain objects and arrays, as deep as they go: one cached value is handed to many callers,
 * and none may change what the others see. Dates, Maps, Sets and binary data cannot be frozen.
 */
export function deepFreeze<V>(value: V): V {
  if (isObject(value)) freezeGraph(value, new Set())
  return value
}

/** The same for what JSON.parse gave: only plain objects and arrays, none of them twice. */
export function freezeJson<V>(value: V): V {
  if (isObject(value)) freezeTree(value)
  return value
}

function freezeTree(tree: object): void {
  if (Array.isArray(tree)) {
    for (const child of tree) if (isObject(child)) freezeTree(child)
  } else {
    const members = tree as Record<string, unknown>
    for (const name in members) {
      const child = members[name]
      if (isObject(child)) freezeTree(child)
    }
  }
  Object.freeze(tree)
}

function freezeGraph(node: object, seen: Set<object>): void {
  if (seen.has(node)) return
  seen.add(node)
  for (const child of membersOf(node)) {
    if (isObject(child)) freezeGraph(child, seen)
  }
  if (isPlain(node)) Object.freeze(node)
}

function membersOf(node: object): unknown[] {
  if (isPlain(node)) return Object.values(node)
  if (types.isMap(node)) return [...node.keys(), ...node.values()]
  if (types.isSet(node)) return [...node]
  if (!(node instanceof Error)) return []
  const { cause, errors } = node as Error & { errors?: unknown }
  return [...Object.values(node), cause, errors]
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || isPlainObject(value)
}

export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
