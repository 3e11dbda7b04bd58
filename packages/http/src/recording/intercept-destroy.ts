import type { ServerResponse } from 'node:http'

/** Lets `broken` hear when a handler breaks a response off; true from it keeps it from happening. */
export function interceptDestroy(res: ServerResponse, broken: (error: unknown) => boolean): void {
  const destroy = res.destroy
  res.destroy = (error) => (broken(error) ? res : destroy.call(res, error))
}
