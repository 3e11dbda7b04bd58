/**
 * An array of that length, to be filled: it takes the room that it needs and no more, and where there is
 * one policy, as mostly, it is made without a call.
 */
export function arrayOf<T>(length: number): T[] {
  return length === 1 ? [undefined as T] : new Array<T>(length)
}
