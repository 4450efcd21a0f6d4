import type { MutatingWebhook } from '../../../kinds/admissionregistration/v1/mutating-webhook-configuration.ts'
import type { ValidatingWebhook } from '../../../kinds/admissionregistration/v1/validating-webhook-configuration.ts'
import type { KindRef, KubeObject } from '../../../machinery/kind.ts'
import { type Selector, selectorOf } from '../../../machinery/label-selector.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import { type AdmissionTarget, equivalentsOf } from '../dynamic/admission-target.ts'
import { Derived } from '../dynamic/derived.ts'
import { matchesRule } from '../dynamic/rule-matching.ts'

/** Of both configurations, what they have in common. */
export type HookSpec = MutatingWebhook | ValidatingWebhook

/** One webhook of one configuration, with what is prepared from it once. */
export interface Webhook<H extends HookSpec = HookSpec> {
  /** Names it among all: `CONFIGURATION/WEBHOOK/NUMBER`, since names may repeat. */
  readonly id: string
  readonly configuration: string
  readonly spec: H
  readonly namespaceSelector: Selector
  readonly objectSelector: Selector
}

/** A webhook that may be meant by a request, with its place among all of them. */
export interface Candidate<H extends HookSpec = HookSpec> {
  readonly webhook: Webhook<H>
  readonly index: number
}

interface Configuration extends KubeObject {
  readonly webhooks?: readonly HookSpec[]
}

/** Of lookups that are kept; resources and their subresources are far fewer. */
const MOST_LOOKUPS = 4096

/** The webhooks of all configurations of one kind, in upstream's order: by configuration's name. */
export class WebhookSource<H extends HookSpec> {
  readonly #derived: Derived<readonly Webhook<H>[]>
  /** Configurations are immutable: what was made of one holds as long as it is there. */
  readonly #prepared = new WeakMap<KubeObject, readonly Webhook<H>[]>()
  #lookups = new Map<string, readonly Candidate<H>[]>()
  #lookedUpIn: readonly Webhook<H>[] = []

  constructor(resources: ResourceTable, kind: KindRef) {
    const { cache } = resources.store(kind)
    this.#derived = new Derived(cache, [], (objects) =>
      objects
        .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .flatMap((object) => this.#prepare(object as Configuration)),
    )
  }

  get isLoaded(): boolean {
    return this.#derived.isLoaded
  }

  load(): Promise<void> {
    return this.#derived.load()
  }

  get isEmpty(): boolean {
    return this.#derived.value.length === 0
  }

  /** The webhooks of which a rule names the operation and the resource, or an equivalent one. */
  candidatesFor(target: AdmissionTarget): readonly Candidate<H>[] {
    const all = this.#derived.value
    if (all !== this.#lookedUpIn || this.#lookups.size > MOST_LOOKUPS) {
      this.#lookups = new Map()
      this.#lookedUpIn = all
    }
    const key = keyOf(target, target.served)
    let candidates = this.#lookups.get(key)
    if (candidates === undefined) {
      const indexed = all.map((webhook, index) => ({ webhook, index }))
      candidates = indexed.filter(({ webhook }) => mayMean(webhook.spec, target))
      this.#lookups.set(key, candidates)
    }
    return candidates
  }

  #prepare(configuration: Configuration): readonly Webhook<H>[] {
    let webhooks = this.#prepared.get(configuration)
    if (webhooks === undefined) {
      const { name } = configuration.metadata
      const counts = new Map<string, number>()
      webhooks = (configuration.webhooks ?? []).map((spec) => {
        const count = counts.get(spec.name) ?? 0
        counts.set(spec.name, count + 1)
        return {
          id: `${name}/${spec.name}/${count}`,
          configuration: name,
          spec: spec as H,
          namespaceSelector: selectorOf(spec.namespaceSelector),
          objectSelector: selectorOf(spec.objectSelector),
        }
      })
      this.#prepared.set(configuration, webhooks)
    }
    return webhooks
  }
}

/** Versions may come and go with their definitions: so many of them are served now. */
function keyOf(
  { operation, resource, subresource, namespace }: AdmissionTarget,
  served: ServedResource | undefined,
): string {
  const { group, version, resource: plural } = resource
  const versions = served === undefined ? '' : [...served.family.keys()].join()
  const scope = namespace === '' ? 'cluster' : 'namespace'
  return `${operation} ${group}/${version}/${plural}/${subresource} ${scope} ${versions}`
}

function mayMean({ rules = [], matchPolicy }: HookSpec, target: AdmissionTarget): boolean {
  const names = [target.resource]
  if (matchPolicy !== 'Exact') names.push(...equivalentsOf(target).map(({ resource }) => resource))
  return rules.some((rule) => names.some((resource) => matchesRule(rule, target, resource)))
}
