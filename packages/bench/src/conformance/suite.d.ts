// What is used of the suite and of the client it runs with, which come without types.

declare module 'http-cache-tests/tests/index.mjs' {
  const parts: readonly import('./suite-part.ts').SuitePart[]

  export = parts
}

declare module 'http-cache-tests/tests/surrogate-control.mjs' {
  const part: import('./suite-part.ts').SuitePart

  export = part
}

declare module 'http-cache-tests/client/runner.mjs' {
  export function runTests(
    parts: readonly import('./suite-part.ts').SuitePart[],
    fetch: unknown,
    isBrowser: boolean,
    baseUrl: string,
    atOnce: number,
  ): Promise<void>
  export function getResults(): Record<string, import('./suite-part.ts').RawResult>
}

declare module 'http-cache-tests/server/handle-*.mjs' {
  function handle(
    segments: string[],
    request: import('node:http').IncomingMessage,
    response: import('node:http').ServerResponse,
  ): void

  export = handle
}

declare module 'node-fetch' {
  const fetch: unknown

  export = fetch
}
