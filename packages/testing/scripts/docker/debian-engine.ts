import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { withLibrariesOf } from '../../src/debian/library-folders.ts'
import { unpackPackages } from '../../src/debian/unpack-packages.ts'
import { answersDockerPing } from '../../src/docker/find-engine.ts'
import { run } from '../../src/process/run.ts'

/** A Docker engine that is ours. */
export interface Engine {
  /** As in `DOCKER_HOST`. */
  readonly url: string
  /** Ends it and removes all that it stored. */
  stop(): Promise<void>
}

const PACKAGES = ['docker.io', 'containerd', 'runc']
const READY_WITHIN_MS = 60_000

/** What an engine inside a container or a sandbox can do without: a bridge, overlays, iptables. */
const OPTIONS = ['--iptables=false', '--ip-masq=false', '--bridge=none', '--storage-driver=vfs']

/** Starts the engine of Debian's docker.io, unpacked and not installed; needs root. */
export async function startDebianEngine(): Promise<Engine> {
  const root = await unpackPackages('docker', async () => PACKAGES)
  const folder = await mkdtemp(join(tmpdir(), 'hotpath-docker-'))
  const url = `unix://${folder}/docker.sock`
  const dockerd = await spawnEngine(root, folder, url)
  const stop = async (): Promise<void> => {
    if (dockerd.exitCode === null && dockerd.kill('SIGTERM')) await once(dockerd, 'exit')
    // It leaves the network name space of host networking mounted, once there was one.
    await run('umount', [join(folder, 'exec/netns/default')]).catch(() => {})
    await rm(folder, { recursive: true, force: true })
  }
  const startMs = performance.now()
  while (!(await answersDockerPing(url))) {
    if (dockerd.exitCode !== null || performance.now() - startMs > READY_WITHIN_MS) {
      const log = await readFile(join(folder, 'log'), 'utf8')
      await stop()
      throw new Error(`dockerd did not start: ${log.trim().split('\n').at(-1)}`)
    }
    await delay(100)
  }
  return { url, stop }
}

async function spawnEngine(root: string, folder: string, url: string) {
  const folders = [`--data-root=${folder}/data`, `--exec-root=${folder}/exec`]
  const pidFile = `--pidfile=${folder}/pid`
  const env = await withLibrariesOf(root)
  // It finds containerd, and containerd finds runc, on PATH.
  const PATH = [join(root, 'usr/sbin'), join(root, 'usr/bin'), process.env.PATH].join(':')
  const log = await open(join(folder, 'log'), 'w')
  const dockerd = spawn(
    join(root, 'usr/sbin/dockerd'),
    ['--host', url, pidFile, ...folders, ...OPTIONS],
    {
      env: { ...env, PATH },
      stdio: ['ignore', log.fd, log.fd],
    },
  )
  await once(dockerd, 'spawn')
  await log.close()
  return dockerd
}
