import { describe, expect, it } from 'vitest'
import { compileList } from '../../src/http/client-list.ts'

function isOn(list: readonly string[], key: string): boolean | Promise<boolean> {
  return compileList<undefined>(list, 'allowList')(undefined, key)
}

describe('a list of clients', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.0/8', '10.9.9.9', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['::ffff:10.0.0.7', '10.0.0.7', true],
    ['::ffff:10.0.0.0/104', '10.9.9.9', true],
    ['::ffff:10.0.0.0/104', '11.0.0.1', false],
    ['2001:db8::7', '2001:db8::/64', true],
    ['2001:db8::7/128', '2001:db8::/64', true],
    ['2001:db8::/32', '2001:db8:5:6::/64', true],
    ['2001:db8::/32', '2001:db9::/64', false],
    ['::/0', '10.0.0.7', false],
    ['user:7', 'user:7', true],
    ['user:7', 'user:77', false],
  ])('%s and the client %s: %s', (entry, key, expected) => {
    expect(isOn([entry], key)).toBe(expected)
  })

  it('with ipv6Subnet 128 an address on the list is that address, not its network', () => {
    expect(isOn(['2001:db8::7'], '2001:db8::7/128')).toBe(true)
    expect(isOn(['2001:db8::7'], '2001:db8::8/128')).toBe(false)
  })

  it('a network that is none is refused', () => {
    expect(() => compileList(['10.0.0.0/99'], 'denyList')).toThrow(
      /denyList: found "10.0.0.0\/99", wanted a key/,
    )
  })
})
