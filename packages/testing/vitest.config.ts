import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// No more than these: they reach `require()` too, which must not take a package's `import` branch.
const conditions = ['@hotpath/source', 'node']

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  // Tests run from `src`, with no build in between.
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    pool: 'forks',
    // Generous, for busy machines: longer than `waitUntil` waits, so that it can say for what.
    testTimeout: 30_000,
    // The first start of a server on a bare machine downloads it.
    hookTimeout: 300_000,
  },
})
