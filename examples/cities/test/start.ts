import type { Config } from '../src/config.ts'
import { type Demo, startDemo } from '../src/start/start-demo.ts'

/** Two countries in memory, on free ports: what the tests need of the demo. */
export const SMALL: Config = {
  host: '127.0.0.1',
  port: 0,
  fastifyPort: 0,
  databaseUrl: undefined,
  redisUrl: undefined,
  sessionSecret: undefined,
  searchPolicies: [{ name: 'burst', limit: 1_000, window: '1s' }],
  dataFolder: undefined,
  countries: ['FR', 'MC'],
  measure: false,
}

export const PARIS = 2988507
export const MARSEILLE = 2995469

/** Starts the demo; what it prints goes to `printed`. */
export function startSmall(config: Partial<Config> = {}, printed: string[] = []): Promise<Demo> {
  return startDemo({ ...SMALL, ...config }, { write: (text) => printed.push(text) })
}
