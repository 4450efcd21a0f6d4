import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createTlsIdentities } from '../support/tls-identities.ts'
import type { LoadTarget } from './api-load.ts'

/** Starts the bare server of `floor-server.ts`, which answers every request with the same bytes. */
export async function startFloor(
  pod: string,
  pods: number,
): Promise<AsyncDisposable & { readonly target: LoadTarget }> {
  const identities = await createTlsIdentities()
  const client = await identities.client('bench')
  const child = fork(join(process.cwd(), 'build', 'floor-server.mjs'))
  child.send({ ...identities.server, pod, pods })
  const [port] = (await once(child, 'message')) as [number]
  return {
    target: { url: `https://localhost:${port}`, authority: identities.authority, ...client },
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
