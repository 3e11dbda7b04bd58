import { Visitor } from './visitor.ts'

interface Account {
  user: string | null
}

interface Places {
  cities: { name: string }[]
}

interface Sessions {
  sessions: { handle: string; isThis: boolean }[]
}

/** A user logs in at one server from two browsers, and ends one of them at the other server. */
export async function checkAccounts(here: string, there: string): Promise<void> {
  const [desk, phone] = [new Visitor(), new Visitor()]
  await desk.ask('PUT', `${here}/api/favourites/2988507`)
  for (const visitor of [desk, phone])
    await visitor.ask('POST', `${here}/api/login`, { user: 'Ada' })

  const { cities } = (await desk.ask('GET', `${there}/api/favourites`)) as Places
  expectSame('the favourite', cities.map(({ name }) => name).join(), 'Paris')
  const { sessions } = (await desk.ask('GET', `${there}/api/sessions`)) as Sessions
  expectSame('sessions', sessions.length, 2)
  const other = sessions.find(({ isThis }) => !isThis)
  await desk.ask('DELETE', `${there}/api/sessions/${other?.handle}`)

  expectSame('who was ended', ((await phone.ask('GET', `${here}/api/me`)) as Account).user, null)
  expectSame('who was not', ((await desk.ask('GET', `${here}/api/me`)) as Account).user, 'Ada')
  await desk.ask('POST', `${there}/api/logout`)
  expectSame('who logged out', ((await desk.ask('GET', `${here}/api/me`)) as Account).user, null)
}

function expectSame(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what}: found ${found}, wanted ${wanted}`)
}
