import { describe, expect, it } from 'vitest'
import { readConfig } from '../src/config.ts'

describe('readConfig()', () => {
  it('needs no variable at all', () => {
    const config = readConfig({})

    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, fastifyPort: 3001 })
    expect(config.databaseUrl).toBeUndefined()
    expect(config.redisUrl).toBeUndefined()
  })

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ PORT: '', REDIS_URL: '' })).toEqual(readConfig({}))
  })

  it.each([
    [{ PORT: 'http' }, 'PORT: found "http", wanted a port number, 0 to 65535'],
    [{ PORT_FASTIFY: '70000' }, 'PORT_FASTIFY: found "70000", wanted a port number, 0 to 65535'],
    [{ PORT: '3001' }, 'PORT_FASTIFY: 3001 is what PORT says too, wanted another'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL: found "localhost:6379", wanted a URL such as'],
    [{ SESSION_SECRET: 'short' }, 'SESSION_SECRET: found "short", wanted 32 characters or more'],
    [{ DATABASE_URL: 'mysql://here' }, 'DATABASE_URL: found "mysql://here", wanted a URL such as'],
  ])('refuses %o and says what was wanted', (env, message) => {
    expect(() => readConfig(env)).toThrow(message)
  })
})
