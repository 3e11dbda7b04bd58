import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vitest/config'

// No more than these: they reach `require()` too, which must not take a package's `import` branch.
const conditions = ['@hotpath/source', 'node']

/** Vitest's own transformer leaves standard decorators as they are, and Node does not know them yet. */
const decorators: Plugin = {
  name: 'decorators',
  enforce: 'pre',
  transform: {
    filter: { id: /\.ts$/, code: /^\s*@\w+\(/m },
    handler: (code, sourcefile) =>
      transform(code, { loader: 'ts', target: 'node20', sourcemap: true, sourcefile }),
  },
}

export default defineConfig({
  plugins: [decorators],
  root: fileURLToPath(new URL('../..', import.meta.url)),
  // Tests run from `src`, with no build in between.
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    pool: 'forks',
    // Most tests wait for servers: no core need be kept free.
    maxWorkers: '100%',
    // Generous, for busy machines: longer than `waitUntil` waits, so that it can say for what.
    testTimeout: 30_000,
    // The first start of a server on a bare machine downloads it.
    hookTimeout: 300_000,
  },
})
