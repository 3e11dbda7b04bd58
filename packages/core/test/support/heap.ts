import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of the heap that are in use when all garbage is gone. */
export async function heapInUse(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    await new Promise(setImmediate)
    collectGarbage()
  }
  return process.memoryUsage().heapUsed
}
