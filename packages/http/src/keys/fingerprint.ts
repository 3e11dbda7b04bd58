import { createHash } from 'node:crypto'

/**
 * The text itself, or the hash of one longer than `longest`: what clients send is remembered in no
 * more than so many bytes, and no two texts are taken for one.
 */
export function fingerprint(text: string, longest: number): string {
  if (text.length <= longest && !text.startsWith('#')) return text
  return `#${createHash('sha256').update(text, 'utf16le').digest('base64url')}`
}
