import { randomBytes } from 'node:crypto'

/** The port through which everything here draws randomness. Tests pass a seeded one. */
export interface Random {
  /** A number in [0, 1), for jitter; not for secrets. */
  next(): number
  /** An unguessable token of `bytes` random bytes, as hexadecimal digits. */
  token(bytes: number): string
}

/** `Math.random` for jitter, the operating system's generator for tokens. */
export const systemRandom: Random = {
  next: Math.random,
  token: (bytes) => randomBytes(bytes).toString('hex'),
}
