import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_NAME_BYTES = 4

/** Text that only those who know a key can read (AES-256-GCM), bound to what it stands for. */
export interface Sealer {
  seal(text: string, about: string): string
  /** `undefined` for what was not sealed by any of the keys, or about something else. */
  open(sealed: string, about: string): string | undefined
}

/** Seals by the first of `secrets` and opens by any of them. */
export function createSealer(secrets: readonly string[], purpose: string): Sealer {
  const keys = secrets.map((secret) => deriveKey(secret, purpose))
  const [current] = keys
  if (current === undefined) throw new TypeError('A sealer without a key')
  return {
    seal: (text, about) => seal(current, text, about),
    open(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64url')
      const name = bytes.subarray(0, KEY_NAME_BYTES)
      const key = keys.find((one) => one.name.equals(name))
      return key && open(key, bytes.subarray(KEY_NAME_BYTES), about)
    },
  }
}

/** Seals what is only for who has the cookie of this id. */
export function idSealer({ secret }: { readonly secret: string }): Sealer {
  return createSealer([secret], 'renewal')
}

interface Key {
  readonly bytes: Buffer
  readonly name: Buffer
}

function deriveKey(secret: string, purpose: string): Key {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', `hotpath-session:${purpose}`, 32))
  return { bytes, name: createHash('sha256').update(bytes).digest().subarray(0, KEY_NAME_BYTES) }
}

function seal(key: Key, text: string, about: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(about))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([key.name, nonce, cipher.getAuthTag(), body]).toString('base64url')
}

function open(key: Key, bytes: Buffer, about: string): string | undefined {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(about))
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES)
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
