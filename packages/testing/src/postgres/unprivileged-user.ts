import { run } from '../process/run.ts'
import { SourceUnavailable } from '../sources/source.ts'

/** Whom to run a program as. */
export interface User {
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

/** Ourselves, or somebody without privileges where we are root: PostgreSQL refuses to be root. */
export async function findUnprivilegedUser(): Promise<User> {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const user = await readUser(name)
    if (user !== undefined) return user
  }
  throw new SourceUnavailable('postgres: cannot run as root, and there is no other user to run as')
}

async function readUser(name: string): Promise<User | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid), gid: Number(gid) }
  } catch {
    return undefined
  }
}
