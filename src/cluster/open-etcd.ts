import type { Clock } from '../base/clock.ts'
import type { FileSystem } from '../base/file-system.ts'
import type { Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import type { Tracer } from '../base/tracing/tracer.ts'
import { type Endpoint, parseEndpoints } from '../storage/etcd/endpoint.ts'
import { EtcdStorage } from '../storage/etcd/etcd-storage.ts'
import type { EtcdChoice } from './cluster-options.ts'
import type { Egress } from './egress/open-egress.ts'

export interface OpenEtcdPorts {
  readonly files: FileSystem
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly tracer?: Tracer | undefined
  /** How it is reached; directly when absent. */
  readonly egress?: Pick<Egress, 'relay'>
}

/** Opens a store in etcd. Rejects with what is in the way: a URL, a file, no answer. */
export async function openEtcd(
  { servers, authorityFile, certificateFile, keyFile }: EtcdChoice,
  { files, clock, random, logger, tracer, egress }: OpenEtcdPorts,
): Promise<EtcdStorage> {
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw new Error('a client certificate for etcd needs its key, and a key its certificate')
  }
  const read = async (path: string | undefined) =>
    path === undefined ? undefined : Buffer.from(await files.readFile(path)).toString()
  const endpoints = await Promise.all(
    parseEndpoints(servers).map((endpoint) => relayed(endpoint, egress)),
  )
  const tls = {
    authority: await read(authorityFile),
    certificate: await read(certificateFile),
    key: await read(keyFile),
  }
  return EtcdStorage.open({ endpoints, tls, clock, random, logger, tracer })
}

/** The library opens connections itself: it is given a socket that leads there. */
async function relayed(endpoint: Endpoint, egress: OpenEtcdPorts['egress']): Promise<Endpoint> {
  if (egress === undefined || endpoint.address === undefined) return endpoint
  const path = await egress.relay('etcd', endpoint.address)
  return path === undefined ? endpoint : { ...endpoint, target: `unix://${path}` }
}
