import { expect, it } from 'vitest'
import { describeDevice } from '../src/api/device.ts'

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)'

it.each([
  [`${MAC} Chrome/130.0.0.0 Safari/537.36`, 'Chrome on macOS'],
  [`${MAC} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0`, 'Edge on macOS'],
  [`${MAC} Version/18.0 Safari/605.1.15`, 'Safari on macOS'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0',
    'Firefox on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1',
    'Safari on iPhone',
  ],
  ['curl/8.5.0', 'curl'],
  ['what is this', 'Another program'],
  [undefined, 'Another program'],
])('describeDevice() calls %o %o', (userAgent, name) => {
  expect(describeDevice(userAgent)).toBe(name)
})
