import type { ServerResponse } from 'node:http'

/** Makes the next head of a response fail, as what somebody has put around it may. */
export function failOnce(res: ServerResponse): void {
  const { writeHead } = res
  res.writeHead = () => {
    res.writeHead = writeHead
    throw new Error('no head')
  }
}
