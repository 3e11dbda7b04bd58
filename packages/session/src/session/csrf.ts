import { randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32

export function newCsrfSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** The secret behind a one-time pad, so that compression tells nothing of it (BREACH). */
export function maskCsrf(secret: string): string {
  const pad = randomBytes(SECRET_BYTES)
  return Buffer.concat([pad, xor(Buffer.from(secret, 'base64url'), pad)]).toString('base64url')
}

export function matchesCsrf(secret: string, token: unknown): boolean {
  if (typeof token !== 'string' || token.length > 200) return false
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== 2 * SECRET_BYTES) return false
  const given = xor(bytes.subarray(SECRET_BYTES), bytes.subarray(0, SECRET_BYTES))
  const wanted = Buffer.from(secret, 'base64url')
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)))
}
