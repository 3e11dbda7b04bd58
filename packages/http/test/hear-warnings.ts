import { afterEach, beforeEach, vi } from 'vitest'

/**
 * The codes of the warnings that each test provokes, which then are not printed. What is not
 * Hotpath's own is passed on.
 */
export function hearWarnings(): readonly string[] {
  const codes: string[] = []
  beforeEach(() => {
    codes.length = 0
    const emit = process.emitWarning
    vi.spyOn(process, 'emitWarning').mockImplementation((...args: unknown[]) => {
      const code = ownCode(args[1])
      if (code === undefined) Reflect.apply(emit, process, args)
      else codes.push(code)
    })
  })
  afterEach(() => {
    vi.mocked(process.emitWarning).mockRestore()
  })
  return codes
}

function ownCode(options: unknown): string | undefined {
  if (typeof options !== 'object' || options === null) return undefined
  const { type, code }: { type?: unknown; code?: unknown } = options
  return type === 'HotpathWarning' ? String(code) : undefined
}
