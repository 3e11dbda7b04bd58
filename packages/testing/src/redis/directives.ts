/** What a test may set as in redis.conf. */
export type RedisConfig = Readonly<Record<string, string>>

/** The arguments that make a redis-server of `config`, with nothing kept on disk. */
export function formatDirectives(host: string, port: number, config: RedisConfig = {}): string[] {
  const directives = { bind: host, port: String(port), save: '', appendonly: 'no', ...config }
  return Object.entries(directives).flatMap(([name, value]) => [`--${name}`, value])
}
