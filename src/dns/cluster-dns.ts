import { type Clock, pause } from '../base/clock.ts'
import type { FileSystem } from '../base/file-system.ts'
import { aborted, type Component } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Client } from '../client/client.ts'
import type { Informers } from '../client/lister.ts'
import { Service } from '../kinds/core/v1/service.ts'
import { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'
import { isReason } from '../machinery/status-error.ts'
import {
  BY_ADDRESS,
  BY_SERVICE,
  ClusterNames,
  serviceAddresses,
  serviceOfSlice,
  sliceAddresses,
} from './cluster-names.ts'
import { DnsServer } from './dns-server.ts'
import { forwardTo, parseNameServers } from './forwarder.ts'
import { listenDns } from './listener.ts'

export interface ClusterDnsOptions {
  /** Such as `cluster.local`. */
  readonly zone: string
  /** Where this server listens: an address of the node that pods can reach. */
  readonly address: string
  readonly port: number
  /** The service's address, which pods have in their resolv.conf. */
  readonly clusterIP: string
  /** The machine's own resolver configuration, read anew for each forwarded query's servers. */
  readonly resolvConf: string
  readonly client: Client
  readonly informers: Informers
  readonly files: FileSystem
  readonly clock: Clock
  readonly logger: Logger
}

const RETRY_MS = 500
const NAMESPACE = 'kube-system'
/** Upstream's name for the DNS service, whichever server stands behind it. */
const SERVICE = 'kube-dns'
const LABELS = {
  'k8s-app': 'kube-dns',
  'kubernetes.io/cluster-service': 'true',
  'kubernetes.io/name': 'CoreDNS',
}
const PORTS = [
  { name: 'dns', protocol: 'UDP', port: 53 },
  { name: 'dns-tcp', protocol: 'TCP', port: 53 },
] as const

/** The cluster's DNS: a server, and the Service with its endpoint by which pods reach it. */
export class ClusterDns implements Component {
  readonly name = 'dns'
  readonly #options: ClusterDnsOptions
  readonly #server: DnsServer

  constructor(options: ClusterDnsOptions) {
    const { informers, zone, files, clock, logger } = options
    this.#options = options
    const services = informers.for(Service)
    const slices = informers.for(EndpointSlice)
    services.addIndex(BY_ADDRESS, serviceAddresses)
    slices.addIndex(BY_ADDRESS, sliceAddresses)
    slices.addIndex(BY_SERVICE, serviceOfSlice)
    const ownAddresses = new Set([options.address, options.clusterIP])
    const forward = forwardTo(
      async () => {
        const text = Buffer.from(await files.readFile(options.resolvConf)).toString()
        return parseNameServers(text)
      },
      (address) => ownAddresses.has(address),
      clock,
    )
    this.#server = new DnsServer(new ClusterNames(zone, services, slices), forward, logger)
  }

  async run(signal: AbortSignal): Promise<void> {
    const { address, port, logger, informers, clock } = this.#options
    // An answer from a cache that is still empty would say that nothing exists.
    await informers.synced(signal)
    await using _listener = await listenDns(this.#server, address, port, logger)
    while (!signal.aborted) {
      try {
        await this.#publish()
        break
      } catch (error) {
        logger.error('publishing the DNS service failed', { error: formatError(error) })
        await pause(clock, RETRY_MS, signal)
      }
    }
    await aborted(signal)
  }

  async #publish(): Promise<void> {
    const { client, clusterIP, address, port } = this.#options
    const ports = PORTS.map((one) => ({ ...one, targetPort: port }))
    const key = { name: SERVICE, namespace: NAMESPACE }
    try {
      // To create it again would be refused for its address, before its name is looked at.
      await client.get(Service, key)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      await client.create(Service, {
        metadata: { ...key, labels: LABELS },
        spec: { clusterIP, clusterIPs: [clusterIP], ports, type: 'ClusterIP' },
      })
    }
    const slice = {
      metadata: {
        name: SERVICE,
        namespace: NAMESPACE,
        labels: {
          ...LABELS,
          'kubernetes.io/service-name': SERVICE,
          'endpointslice.kubernetes.io/managed-by': 'wherry',
        },
      },
      addressType: 'IPv4' as const,
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: PORTS.map(({ name, protocol }) => ({ name, protocol, port })),
    }
    const { endpoints, ports: slicePorts } = slice
    try {
      await client.create(EndpointSlice, slice)
      return
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
    await client.patch(EndpointSlice, key, 'application/merge-patch+json', {
      endpoints,
      ports: slicePorts,
    })
  }
}
