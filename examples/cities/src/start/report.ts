import type { Measured } from './measure.ts'

const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

/** The table of the start: how long one answer takes, and how many times faster than the query that is. */
export function formatMeasured(measured: Measured, redisUrl: string | undefined): string {
  const redis = redisUrl === undefined ? 'no REDIS_URL' : 'Redis does not answer'
  return [
    row('Summary of France', 'median', 'times faster'),
    row('-'.repeat(28), '-'.repeat(12), '-'.repeat(12)),
    timeRow('PostgreSQL, uncached', measured.uncachedMs, measured.uncachedMs),
    measured.redisMs === undefined
      ? row('Redis hit', redis, '')
      : timeRow('Redis hit', measured.redisMs, measured.uncachedMs),
    timeRow('memory hit', measured.memoryMs, measured.uncachedMs),
  ].join('\n')
}

/** Where to look and what to type. */
export function formatInvitation(urls: { express: string; fastify: string }): string {
  return [
    `Express  ${urls.express}`,
    `Fastify  ${urls.fastify}`,
    '',
    'Open either in a browser, or ask twice and watch Cache-Status go from a miss to a hit:',
    `  curl -i ${urls.express}/api/countries/FR/summary`,
    'Change Paris, and the next answer about France is a miss again:',
    `  curl -i -X PATCH ${urls.express}/api/cities/2988507 -d '{"population": 2200000}'`,
    '',
    'The page also has logins, favourites and a search that is limited: log in on one, and you are on both.',
    '',
    'Ctrl-C ends it.',
  ].join('\n')
}

function timeRow(name: string, ms: number, uncachedMs: number): string {
  return row(name, `${NUMBER.format(ms)} ms`, NUMBER.format(uncachedMs / ms))
}

function row(name: string, time: string, ratio: string): string {
  return `  ${name.padEnd(28)}  ${time.padStart(21)}  ${ratio.padStart(12)}`
}
