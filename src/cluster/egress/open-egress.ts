import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Registry } from 'prom-client'
import type { Dial, DialAddress } from '../../base/egress/dial.ts'
import { dialThroughHttpProxy } from '../../base/egress/http-connect.ts'
import { dialThroughKonnectivity } from '../../base/egress/konnectivity.ts'
import { openRelay, type Relay } from '../../base/egress/relay.ts'
import { type SendRequest, sendRequest, sendRequestBy } from '../../base/http-backend.ts'
import {
  authorityOf,
  type OpenPool,
  openHttpsPool,
  openHttpsPoolBy,
} from '../../base/https-pool.ts'
import { randomSuffix } from '../../base/random.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import type { ServerOptions } from '../cluster-options.ts'
import {
  type EgressConnection,
  type Network,
  readEgressConfiguration,
} from './egress-configuration.ts'
import { EgressMetrics, type ProxyLabels } from './egress-metrics.ts'

/** How this server reaches others, by whom that is to. */
export class Egress {
  /** What there is to know of connections by proxies; undefined where there are none. */
  readonly registry: Registry | undefined
  readonly #dials: ReadonlyMap<Network, Dial | undefined>
  readonly #options: ServerOptions
  /** Where relays listen; made with the first of them. */
  #folder: string | undefined
  readonly #relays: Relay[] = []

  /** Networks that are not named are reached directly. */
  constructor(
    dials: ReadonlyMap<Network, Dial | undefined>,
    options: ServerOptions,
    metrics?: EgressMetrics,
  ) {
    this.registry = metrics?.registry
    this.#dials = dials
    this.#options = options
  }

  /** Whether the configuration says how, if only that it is directly. */
  has(network: Network): boolean {
    return this.#dials.has(network)
  }

  /** Undefined where connections are made directly. */
  dial(network: Network): Dial | undefined {
    return this.#dials.get(network)
  }

  send(network: Network): SendRequest {
    const dial = this.dial(network)
    return dial === undefined ? sendRequest : sendRequestBy(dial)
  }

  openPool(network: Network): OpenPool {
    const dial = this.dial(network)
    return dial === undefined ? openHttpsPool : openHttpsPoolBy(dial)
  }

  /**
   * A socket file that leads to an address: for libraries that open connections themselves.
   * Undefined where they may do so.
   */
  async relay(network: Network, address: DialAddress): Promise<string | undefined> {
    const dial = this.dial(network)
    if (dial === undefined) return undefined
    const { files, random, logger } = this.#options
    if (this.#folder === undefined) {
      // Paths of sockets are short; that of a data directory may be long.
      this.#folder = join(tmpdir(), `wherry-${randomSuffix(random, 12)}`)
      await files.mkdir(this.#folder, 0o700)
    }
    const path = join(this.#folder, `${this.#relays.length}.sock`)
    this.#relays.push(await openRelay(path, { dial, address, logger }))
    return path
  }

  async close(): Promise<void> {
    await Promise.all(this.#relays.map((relay) => relay.close()))
    if (this.#folder !== undefined) await this.#options.files.remove(this.#folder)
  }
}

/** As `--egress-selector-config-file` says: everything directly without it. */
export async function openEgress(
  options: ServerOptions,
  tracer: () => Tracer | undefined,
): Promise<Egress> {
  const { serving: { egressSelectorConfigFile: path } = {}, files } = options
  if (path === undefined) return new Egress(new Map(), options)
  try {
    const content = Buffer.from(await files.readFile(path)).toString()
    const connections = await readEgressConfiguration(content)
    const dials = new Map<Network, Dial | undefined>()
    const metrics = new EgressMetrics(options.clock)
    for (const [network, connection] of connections) {
      const dial = await dialOf(connection, options)
      if (dial === undefined) dials.set(network, undefined)
      else
        dials.set(network, traced(metrics.measured(dial, labelsOf(connection)), connection, tracer))
    }
    return new Egress(dials, options, metrics)
  } catch (cause) {
    const { message } = cause as Error
    throw new Error(`--egress-selector-config-file ${path}: ${message}`, { cause })
  }
}

async function dialOf(
  connection: EgressConnection,
  { files, clock, random }: ServerOptions,
): Promise<Dial | undefined> {
  if (connection.type === 'Direct') return undefined
  if ('socketPath' in connection) {
    const { type, socketPath: path } = connection
    return type === 'GRPC'
      ? dialThroughKonnectivity({ path, clock, random })
      : dialThroughHttpProxy({ path })
  }
  const { host, port, tls } = connection
  if (tls === undefined) return dialThroughHttpProxy({ host, port })
  const read = async (file: string) => Buffer.from(await files.readFile(file)).toString()
  return dialThroughHttpProxy({
    ...{ host, port },
    tls: {
      authority: tls.authorityFile === '' ? undefined : await read(tls.authorityFile),
      certificate: await read(tls.certificateFile),
      key: await read(tls.keyFile),
      serverName: tls.serverName,
    },
  })
}

/** Upstream's names. */
const PROTOCOLS = { Direct: 'direct', HTTPConnect: 'http_connect', GRPC: 'grpc' }

function labelsOf(connection: EgressConnection): ProxyLabels {
  return {
    protocol: connection.type === 'GRPC' ? 'grpc' : 'http_connect',
    transport: 'socketPath' in connection ? 'uds' : 'tcp',
  }
}

function traced(
  dial: Dial,
  connection: EgressConnection,
  tracerOf: () => Tracer | undefined,
): Dial {
  const transport = 'socketPath' in connection ? 'uds' : 'tcp'
  const name = `Proxy via ${PROTOCOLS[connection.type]} protocol over ${transport}`
  return (address, signal, onProxyReached) => {
    const tracer = tracerOf()
    if (tracer === undefined) return dial(address, signal, onProxyReached)
    const attributes = { address: authorityOf(address.host, address.port) }
    return tracer.during(tracer.start(name, { attributes }), () =>
      dial(address, signal, onProxyReached),
    )
  }
}

/** As upstream: webhooks behind services are in the cluster, the others with the control plane. */
export function webhookPools(egress: Egress): {
  readonly url: OpenPool
  readonly service: OpenPool
} {
  return { url: egress.openPool('controlplane'), service: egress.openPool('cluster') }
}
