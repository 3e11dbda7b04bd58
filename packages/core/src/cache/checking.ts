import type { Prepared } from './codec.ts'
import { type Checked, type Contract, checkValue, requireFit } from './contract.ts'
import type { Entry } from './entry.ts'
import type { Scope } from './scope.ts'
import type { CacheState } from './state.ts'

/** A value ready to be kept, with what its definition's schema makes of it. */
export interface Ready<V> extends Prepared<V> {
  readonly checked?: { readonly contract: Contract; readonly value: V }
}

/** Makes a value ready to be kept. Rejects with `ERR_CACHE_VALUE_INVALID` if it does not fit its definition. */
export function makeReady<V>(
  { codec, contract }: Scope,
  key: string,
  value: V,
): Ready<V> | Promise<Ready<V>> {
  const prepared = codec.prepare(value)
  return contract === undefined ? prepared : check(contract, key, prepared)
}

async function check<V>(contract: Contract, key: string, prepared: Prepared<V>): Promise<Ready<V>> {
  // The copy rather than the value: the schema sees what it will see when the entry comes from Redis.
  const output = await requireFit(contract, key, prepared.value)
  return { ...prepared, checked: { contract, value: output as V } }
}

/** What is given out of a value that is not kept. */
export function giveOut<V>({ contract }: Scope, key: string, value: V): V | Promise<V> {
  return contract === undefined ? value : (requireFit(contract, key, value) as Promise<V>)
}

/** An entry as it came from Redis, checked; `undefined`, and an event, if it does not fit its definition. */
export function checkEntry(
  state: CacheState,
  { contract }: Scope,
  key: string,
  entry: Entry | undefined,
): Entry | undefined | Promise<Entry | undefined> {
  if (contract === undefined || entry === undefined) return entry
  const settle = (checked: Checked): Entry | undefined => {
    if (checked.kind === 'kept') {
      entry.adopt(contract, checked.value)
      return entry
    }
    state.counts.rejected += 1
    state.events.emit('rejected', { key, issues: checked.issues })
    return undefined
  }
  const checked = checkValue(contract, entry.value)
  return checked instanceof Promise ? checked.then(settle) : settle(checked)
}
