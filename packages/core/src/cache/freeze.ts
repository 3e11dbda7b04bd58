/**
 * Freezes plain objects and arrays, as deep as they go: one cached value is handed to many callers,
 * and none may change what the others see. Dates, Maps, Sets and binary data cannot be frozen.
 */
export function deepFreeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null) freezeTree(value, new Set())
  return value
}

function freezeTree(tree: object, seen: Set<object>): void {
  const isPlain = Array.isArray(tree) || isPlainObject(tree)
  const children = isPlain ? Object.values(tree) : membersOf(tree)
  if (isPlain) {
    // What is frozen was frozen here, children first or on the way; cycles end at it.
    if (Object.isFrozen(tree) && children.length > 0) return
    Object.freeze(tree)
  } else {
    if (children.length === 0 || seen.has(tree)) return
    seen.add(tree)
  }
  for (const child of children) {
    if (typeof child === 'object' && child !== null) freezeTree(child, seen)
  }
}

function membersOf(tree: object): unknown[] {
  if (tree instanceof Map) return [...tree.keys(), ...tree.values()]
  if (tree instanceof Set) return [...tree]
  return []
}

export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
