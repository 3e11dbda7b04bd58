import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type ClientKeyOptions, clientKey } from '../../src/index.ts'

function keyOf(remoteAddress: string, forwarded?: string, options?: ClientKeyOptions): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  // The cast: all that the key is made from.
  return clientKey(options)({ socket: { remoteAddress }, headers } as unknown as IncomingMessage)
}

describe('clientKey()', () => {
  it('trap 41: an IPv4 address mapped into IPv6 is an IPv4 address', () => {
    expect(keyOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
    expect(keyOf('::ffff:192.0.2.8')).toBe('192.0.2.8')
    expect(keyOf('192.0.2.7')).toBe('192.0.2.7')
  })

  it('trap 41: all addresses of a /64 are one client', () => {
    const one = keyOf('2001:db8:1:2:3:4:5:6')

    expect(keyOf('2001:db8:1:2:ffff::1')).toBe(one)
    expect(keyOf('2001:db8:1:3::1')).not.toBe(one)
  })

  it('ipv6Subnet sets how many bits count', () => {
    expect(keyOf('2001:db8:1:2ff::1', undefined, { ipv6Subnet: 56 })).toBe('2001:db8:1:200::/56')
    expect(keyOf('2001:db8::1', undefined, { ipv6Subnet: 128 })).toBe('2001:db8::1/128')
  })

  it('trap 42: X-Forwarded-For is believed as far as the proxies are trusted', () => {
    const forwarded = '6.6.6.6, 203.0.113.9, 10.0.0.2'

    expect(keyOf('10.0.0.1', forwarded)).toBe('10.0.0.1')
    expect(keyOf('10.0.0.1', forwarded, { trustProxy: '10.0.0.0/8' })).toBe('203.0.113.9')
    expect(keyOf('10.0.0.1', forwarded, { trustProxy: 1 })).toBe('10.0.0.2')
    expect(keyOf('203.0.113.1', forwarded, { trustProxy: '10.0.0.0/8' })).toBe('203.0.113.1')
  })

  it('what is no address in X-Forwarded-For is nobody', () => {
    expect(keyOf('10.0.0.1', 'nobody', { trustProxy: '10.0.0.0/8' })).toBe('10.0.0.1')
  })

  it('refuses to trust everyone unless that is said', () => {
    expect(() => clientKey({ trustProxy: true as never })).toThrow(/trustProxy: found true, wanted/)
    expect(keyOf('10.0.0.1', '6.6.6.6', { trustProxy: 'everyone' })).toBe('6.6.6.6')
  })

  it.each(['1', ['loopback', '2']])(
    'a count of proxies in text, %j, is refused: as an address it would be another',
    (trustProxy) => {
      expect(() => clientKey({ trustProxy })).toThrow(
        /trustProxy: found .*, wanted how many proxies/,
      )
    },
  )

  it.each([
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:db8::7]:4711', '2001:db8::/64'],
    ['[2001:db8::7]', '2001:db8::/64'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['fe80::1%eth0', 'fe80::/64'],
  ])('what a proxy forwards as %s is %s', (forwarded, key) => {
    expect(keyOf('10.0.0.1', forwarded, { trustProxy: 1 })).toBe(key)
  })

  it('a list of ten thousand forwarded addresses is read no farther than proxies are trusted', () => {
    const forwarded = [...new Array<string>(10_000).fill('6.6.6.6'), '203.0.113.9'].join()

    expect(keyOf('10.0.0.1', forwarded, { trustProxy: 1 })).toBe('203.0.113.9')
  })

  it('a connection without an address is one client, whatever it forwards', () => {
    expect(keyOf(undefined as never, '6.6.6.6', { trustProxy: 1 })).toBe('unknown')
  })
})
