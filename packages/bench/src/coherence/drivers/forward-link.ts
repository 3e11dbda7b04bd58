import type { RedisLink } from '@hotpath/core'

/** A link that does all that another does, but for what is given. */
export function forwardLink(link: RedisLink, instead: Partial<RedisLink>): RedisLink {
  return new Proxy(link, {
    get: (target, name) => {
      if (Object.hasOwn(instead, name)) return instead[name as keyof RedisLink]
      const found: unknown = Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}
