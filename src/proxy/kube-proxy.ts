import type { Clock } from '../base/clock.ts'
import { pause } from '../base/clock.ts'
import { type Exec, runOrThrow } from '../base/exec.ts'
import type { Component } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Informers, Lister } from '../client/lister.ts'
import { Service } from '../kinds/core/v1/service.ts'
import { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'
import { ServiceCIDR } from '../kinds/networking/v1/service-cidr.ts'
import {
  type Fragment,
  type FragmentContext,
  fragmentOf,
  NOTHING,
  SERVICE_RANGES,
  serviceRangesFragment,
} from './nftables/fragment.ts'
import { Ruleset } from './nftables/ruleset.ts'
import { servicePortsOf } from './service-port.ts'

/** Applies one transaction of nft's language: all of it or nothing. */
export type Nft = (transaction: string) => Promise<void>

export function systemNft(exec: Exec): Nft {
  return async (transaction) => {
    await runOrThrow(exec, 'nft', ['-f', '-'], { input: transaction })
  }
}

export interface KubeProxyOptions extends FragmentContext {
  readonly nodeName: string
  /** `kube-proxy`, as upstream's; another in tests beside a running cluster. */
  readonly table: string
  readonly informers: Informers
  readonly nft: Nft
  readonly clock: Clock
  readonly logger: Logger
}

const RETRY_MS = 1_000
const SERVICE_NAME = 'kubernetes.io/service-name'
const BY_SERVICE = 'proxy-service'

/**
 * Makes services reachable from this node: a table of nftables that follows services, endpoint
 * slices and the ranges of services' addresses, one atomic transaction for all that has changed
 * since the last.
 */
export class KubeProxy implements Component {
  readonly name = 'kube-proxy'
  readonly #options: KubeProxyOptions
  readonly #services: Lister<Service>
  readonly #slices: Lister<EndpointSlice>
  readonly #ranges: Lister<ServiceCIDR>
  readonly #ruleset: Ruleset
  readonly #dirty = new Set<string>()
  #wake: () => void = () => {}
  #isBuilt = false

  constructor(options: KubeProxyOptions) {
    this.#options = options
    const services = options.informers.for(Service)
    const slices = options.informers.for(EndpointSlice)
    const ranges = options.informers.for(ServiceCIDR)
    this.#services = services
    this.#ranges = ranges
    this.#slices = slices
    this.#ruleset = new Ruleset(options.table, options.family)
    slices.addIndex(BY_SERVICE, serviceOf)
    services.onEvent(({ object: { metadata } }) => {
      this.#mark(`${metadata.namespace}/${metadata.name}`)
    })
    ranges.onEvent(() => this.#mark(SERVICE_RANGES))
    slices.onEvent(({ object, old }) => {
      for (const key of [...serviceOf(object), ...(old ? serviceOf(old) : [])]) this.#mark(key)
    })
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers, clock, logger } = this.#options
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    await informers.synced(signal)
    while (!signal.aborted) {
      try {
        await this.#apply()
      } catch (error) {
        // Another program may have changed the table: the next transaction makes it anew.
        this.#isBuilt = false
        logger.error('applying rules failed', { error: formatError(error) })
        await pause(clock, RETRY_MS, signal)
        continue
      }
      if (this.#dirty.size === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }

  /** Takes the table out of the kernel. */
  async cleanUp(): Promise<void> {
    await this.#options.nft(this.#ruleset.remove())
  }

  async #apply(): Promise<void> {
    const keys = [...this.#dirty]
    this.#dirty.clear()
    const changes = new Map(keys.map((key) => [key, this.#fragment(key)]))
    const transaction = this.#ruleset.update(changes)
    if (!this.#isBuilt) await this.#options.nft(this.#ruleset.rebuild())
    else if (transaction !== '') await this.#options.nft(transaction)
    this.#isBuilt = true
  }

  #fragment(key: string): Fragment {
    const { nodeName, family } = this.#options
    if (key === SERVICE_RANGES) {
      const cidrs = this.#ranges.list().flatMap(({ spec }) => spec.cidrs ?? [])
      return serviceRangesFragment(cidrs, family)
    }
    const service = this.#services.get(key)
    if (service === undefined) return NOTHING
    const slices = this.#slices.byIndex(BY_SERVICE, key)
    return fragmentOf(servicePortsOf(service, slices, nodeName, family), this.#options)
  }

  #mark(key: string): void {
    this.#dirty.add(key)
    this.#wake()
  }
}

function serviceOf({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[SERVICE_NAME]
  return name === undefined ? [] : [`${metadata.namespace}/${name}`]
}
