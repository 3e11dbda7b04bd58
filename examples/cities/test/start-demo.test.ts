import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startSmall } from './start.ts'

describe('startDemo()', { timeout: 120_000 }, () => {
  it('says which port is taken, before it loads anything', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as AddressInfo
    const printed: string[] = []

    const started = startSmall({ port }, printed)

    await expect(started).rejects.toThrow(`PORT: port ${port} is taken`)
    expect(printed).toEqual([])
    holder.close()
  })

  it('starts and serves while the Redis that it was given is away', async () => {
    const printed: string[] = []
    const redisUrl = 'redis://127.0.0.1:1'

    const demo = await startSmall({ redisUrl, measure: true }, printed)
    const response = await fetch(`${demo.urls.express}/api/countries/MC/summary`)

    expect(response.status).toBe(200)
    expect(printed.join('')).toContain('Redis does not answer')
    await demo.close()
  })

  it('keeps the data between runs, a changed population included', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'cities-'))
    const first = await startSmall({ dataFolder, countries: ['MC'] })
    await fetch(`${first.urls.fastify}/api/cities/2993458`, {
      method: 'PATCH',
      body: '{"population":40000}',
    })
    await first.close()
    const printed: string[] = []

    const second = await startSmall({ dataFolder, countries: ['MC'] }, printed)
    const monaco = await (await fetch(`${second.urls.express}/api/cities/2993458`)).json()

    expect(monaco).toMatchObject({ name: 'Monaco', population: 40_000 })
    expect(printed.join('')).not.toContain('Loading')
    await second.close()
    await rm(dataFolder, { recursive: true })
  })

  it('loads its own data while another demo has the folder open', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'cities-'))
    const first = await startSmall({ dataFolder, countries: ['MC'] })

    const second = await startSmall({ dataFolder, countries: ['MC'] })
    const monaco = await fetch(`${second.urls.fastify}/api/cities/2993458`)

    expect(monaco.status).toBe(200)
    await second.close()
    await first.close()
    await rm(dataFolder, { recursive: true })
  })
})
