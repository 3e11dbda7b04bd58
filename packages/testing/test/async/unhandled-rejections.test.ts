import { expect, it } from 'vitest'
import { collectUnhandledRejections } from '../../src/index.ts'

it('collects what nobody handles and nothing that somebody does', async () => {
  const rejections = collectUnhandledRejections()
  const unwatched = new Error('unwatched')

  void Promise.reject(unwatched)
  Promise.reject(new Error('watched')).catch(() => {})

  expect(await rejections.stop()).toEqual([unwatched])
})

it('puts the listeners back that it had set aside', async () => {
  const before = process.rawListeners('unhandledRejection')

  const rejections = collectUnhandledRejections()
  expect(process.rawListeners('unhandledRejection')).not.toEqual(before)
  await rejections.stop()

  expect(process.rawListeners('unhandledRejection')).toEqual(before)
})
