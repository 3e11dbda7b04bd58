/**
 * Runs `npx pnpm demo` as a user would, on free ports, and asks it what the README says to ask: a
 * miss, then a hit, on both ports; after a PATCH of a French city, a miss again. Logs in, keeps a
 * favourite and ends another session; runs into the limit of searching and waits until it is over.
 */
import { checkAccounts } from './smoke/accounts.ts'
import { endDemo, freePort, startDemo, untilServing } from './smoke/demo-process.ts'
import { checkLimits } from './smoke/limits.ts'

const SUMMARY = '/api/countries/FR/summary'
const PARIS = '/api/cities/2988507'

async function expectStatus(url: string, wanted: 'miss' | 'hit'): Promise<void> {
  const response = await fetch(url)
  await response.arrayBuffer()
  const status = response.headers.get('cache-status') ?? ''
  console.log(`GET ${url} -> ${response.status} ${status}`)
  const found = /;\s*hit\b/.test(status) ? 'hit' : 'miss'
  if (!response.ok || found !== wanted) throw new Error(`${url}: found ${found}, wanted ${wanted}`)
}

async function patchParis(origin: string, population: number): Promise<void> {
  const response = await fetch(origin + PARIS, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ population }),
  })
  console.log(`PATCH ${origin}${PARIS} -> ${response.status}`)
  if (!response.ok) throw new Error(`PATCH: ${response.status} ${await response.text()}`)
}

const ports = [await freePort(), await freePort()] as const
const express = `http://127.0.0.1:${ports[0]}`
const fastify = `http://127.0.0.1:${ports[1]}`
const demo = startDemo(...ports)
try {
  for (const origin of [express, fastify]) await untilServing(demo, `${origin}/`)
  for (const origin of [express, fastify]) {
    await expectStatus(origin + SUMMARY, 'miss')
    await expectStatus(origin + SUMMARY, 'hit')
  }
  await patchParis(express, 2_140_000)
  for (const origin of [express, fastify]) await expectStatus(origin + SUMMARY, 'miss')
  await checkAccounts(express, fastify)
  await checkAccounts(fastify, express)
  await checkLimits(express, fastify)
  console.log('The demo does what the README says')
} finally {
  await endDemo(demo)
}
