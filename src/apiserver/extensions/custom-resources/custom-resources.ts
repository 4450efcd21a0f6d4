import type { Registry } from 'prom-client'
import type { Clock } from '../../../base/clock.ts'
import { inBackground } from '../../../base/lifetime.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Random } from '../../../base/random.ts'
import type { Client } from '../../../client/client.ts'
import type { QueueMeters } from '../../../client/work-queue.ts'
import {
  CustomResourceDefinition,
  type CustomResourceDefinitionSpec,
} from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import { apiVersionOf, type KubeObject } from '../../../machinery/kind.ts'
import { followObjects } from '../../authorization/follow-objects.ts'
import type { ObjectStore, StorageWrapper } from '../../registry/object-store.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import type { WebhookClient } from '../../webhooks/webhook-client.ts'
import { type Converter, renamingConverter } from './converter.ts'
import { ConvertingStorage } from './converting-storage.ts'
import { CustomKind, type DefinitionState } from './custom-kind.ts'
import { CustomResourceMetrics } from './custom-resource-metrics.ts'
import { isServed, isTrue } from './definitions/conditions.ts'
import { DefinitionController } from './definitions/definition-controller.ts'
import { DefinitionFinalizer } from './definitions/definition-finalizer.ts'
import { Definitions } from './definitions/definitions.ts'
import { WebhookConverter } from './webhook-converter.ts'

/** Requests that have found a resource may use its store for so long after it was replaced. */
const DRAIN_MS = 1000

type Definition = CustomResourceDefinition

export interface CustomResourcesOptions {
  readonly resources: ResourceTable
  readonly clock: Clock
  readonly logger: Logger
  readonly random: Random
  /** By which conversion webhooks are asked. */
  readonly webhooks: Pick<WebhookClient, 'post'>
  /** For metrics; nothing is measured when absent. */
  readonly registry?: Registry
  readonly queues?: QueueMeters
}

/** What is served of one definition. */
interface Serving {
  readonly definition: Definition
  readonly kinds: readonly CustomKind[]
  readonly state: DefinitionState
  readonly isEstablished: boolean
}

/**
 * The resources of all CustomResourceDefinitions: they come when their names are accepted, are
 * replaced (which ends their watches) when their definition changes, and go with it.
 */
export class CustomResources {
  readonly #options: CustomResourcesOptions
  readonly #metrics: CustomResourceMetrics | undefined
  readonly #definitions = new Definitions()
  readonly #serving = new Map<string, Serving>()
  readonly #listeners: (() => void)[] = []
  readonly #draining = new Set<Disposable>()
  /** Of definitions that were known before all are told anew, and have not come back yet. */
  readonly #missing = new Set<string>()
  #isLoading = false
  #controller: DefinitionController | undefined
  #finalizer: DefinitionFinalizer | undefined

  constructor(options: CustomResourcesOptions) {
    this.#options = options
    const { registry, clock } = options
    this.#metrics = registry && new CustomResourceMetrics(registry, clock)
  }

  /** The kinds that discovery and OpenAPI show: those of established definitions. */
  get kinds(): readonly CustomKind[] {
    return [...this.#serving.values()].flatMap(({ kinds, isEstablished }) =>
      isEstablished ? kinds : [],
    )
  }

  /** Calls back whenever `kinds` is, or says, something else. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Serves what is defined until the signal aborts. Resolves when all definitions are known. */
  async follow(client: Client, signal: AbortSignal): Promise<void> {
    const { resources, clock, logger } = this.#options
    const store = resources.store(CustomResourceDefinition)
    const shared = {
      ...{ client, clock, logger, definitions: this.#definitions, queues: this.#options.queues },
      isShared: store.storage.isShared === true,
    }
    const controller = new DefinitionController(shared)
    const finalizer = new DefinitionFinalizer({
      ...shared,
      openInstances: (definition) => this.#openInstances(definition),
      isBuiltIn: (definition) => this.#isBuiltIn(definition),
    })
    this.#controller = controller
    this.#finalizer = finalizer
    this.#isLoading = true
    await followObjects(
      store,
      { signal, clock, logger },
      {
        clear: () => this.#clear(),
        complete: () => this.#forgetMissing(),
        set: (object) => this.#set(object as Definition),
        delete: ({ metadata }) => this.#delete(metadata.name),
      },
    )
    this.#isLoading = false
    if (this.#serving.size > 0) this.#tell()
    signal.addEventListener('abort', () => this.#stopDraining(), { once: true })
    inBackground(logger, 'keeping definitions', controller.run(signal))
    inBackground(logger, 'finalizing definitions', finalizer.run(signal))
  }

  /** What is served stays so while all definitions are told anew. */
  #clear(): void {
    for (const { metadata } of [...this.#definitions.all()]) {
      this.#missing.add(metadata.name)
      this.#definitions.delete(metadata.name)
    }
  }

  /** They were deleted while nobody told of it. */
  #forgetMissing(): void {
    for (const name of this.#missing) this.#delete(name)
    this.#missing.clear()
  }

  #set(definition: Definition): void {
    const { name } = definition.metadata
    this.#missing.delete(name)
    if (!this.#definitions.set(definition)) return
    this.#serve(name, definition)
    this.#controller?.enqueue(name)
    this.#finalizer?.enqueue(definition)
  }

  #delete(name: string): void {
    this.#definitions.delete(name)
    this.#withdraw(name)
    this.#controller?.enqueue(name)
  }

  #serve(name: string, definition: Definition): void {
    const serving = this.#serving.get(name)
    const wanted = isServed(definition) && !this.#isBuiltIn(definition)
    const isEstablished = isTrue(definition, 'Established')
    if (serving !== undefined && wanted && isSame(serving.definition, definition)) {
      const { state } = serving
      const isTerminating = isTrue(definition, 'Terminating')
      const isShownAlike =
        state.isTerminating === isTerminating && serving.isEstablished === isEstablished
      state.isTerminating = isTerminating
      this.#serving.set(name, { ...serving, isEstablished })
      if (!isShownAlike) this.#tell()
      return
    }
    if (serving !== undefined) this.#withdraw(name)
    if (!wanted) return
    const state = this.#stateOf(definition)
    const kinds = [...state.versions.values()].filter(
      (kind) => kind.definitionVersion.served && !this.#isOfBuiltIns(kind),
    )
    const family = new Map<string, ServedResource>()
    for (const kind of kinds) this.#options.resources.add(kind, wrapperOf(kind), family)
    this.#serving.set(name, { definition, kinds, state, isEstablished })
    this.#tell()
  }

  #withdraw(name: string): void {
    const serving = this.#serving.get(name)
    if (serving === undefined) return
    this.#serving.delete(name)
    const { resources } = this.#options
    for (const kind of serving.kinds) {
      const store = resources.remove(kind)
      if (store !== undefined) this.#closeLater(store)
    }
    this.#tell()
  }

  #closeLater(store: ObjectStore): void {
    const timer = this.#options.clock.after(DRAIN_MS, () => {
      this.#draining.delete(closing)
      store.close()
    })
    const closing = {
      [Symbol.dispose]: () => {
        timer[Symbol.dispose]()
        store.close()
      },
    }
    this.#draining.add(closing)
  }

  #stopDraining(): void {
    for (const closing of this.#draining) closing[Symbol.dispose]()
    this.#draining.clear()
  }

  /** While the first definitions come, those who listen are told once. */
  #tell(): void {
    if (this.#isLoading) return
    for (const listener of this.#listeners) listener()
  }

  /** What is built in stays what it is. */
  #isBuiltIn({ spec }: Definition): boolean {
    const { resources } = this.#options
    return spec.versions.some(({ name }) => {
      const resource = resources.find(spec.group, name, spec.names.plural)
      return resource !== undefined && resource.kind.custom === undefined
    })
  }

  /** A version that has built-in kinds has no others, as of upstream's servers in a row. */
  #isOfBuiltIns({ group, version }: CustomKind): boolean {
    const all = this.#options.resources.all()
    return all.some(
      ({ kind }) => kind.custom === undefined && kind.group === group && kind.version === version,
    )
  }

  #openInstances(definition: Definition): ObjectStore {
    const { versions } = this.#stateOf(definition)
    const kind = [...versions.values()].find((one) => one.definitionVersion.storage)
    if (kind === undefined) throw new Error('no storage version')
    return this.#options.resources.openStore(kind, wrapperOf(kind))
  }

  #stateOf(definition: Definition): DefinitionState {
    const isTerminating = isTrue(definition, 'Terminating')
    const versions = new Map<string, CustomKind>()
    const metrics = this.#metrics
    const state = { isTerminating, converter: this.#converterOf(definition), versions, metrics }
    for (const version of definition.spec.versions) {
      const kind = new CustomKind(definition, version, state)
      versions.set(kind.apiVersion, kind)
    }
    return state
  }

  #converterOf(definition: Definition): Converter {
    const { webhooks, random, clock } = this.#options
    if (definition.spec.conversion.strategy !== 'Webhook') return renamingConverter
    const metrics = this.#metrics
    return new WebhookConverter({ definition, client: webhooks, random, clock, metrics })
  }
}

function wrapperOf({ kind, apiVersion, storedVersion, state }: CustomKind): StorageWrapper {
  const { converter, versions } = state
  const schemas = {
    complete: (object: KubeObject) => versions.get(object.apiVersion)?.complete(object) ?? object,
    fit: (object: KubeObject) => versions.get(object.apiVersion)?.fit(object) ?? object,
  }
  return (storage) =>
    new ConvertingStorage({
      ...{ storage, converter, kind, schemas },
      servedVersion: apiVersion,
      storedVersion: apiVersionOf(storedVersion.group, storedVersion.version),
    })
}

/** Whether the resources of a definition can go on as they are. */
function isSame(before: Definition, after: Definition): boolean {
  if (before.metadata.uid !== after.metadata.uid) return false
  return (
    isSameSpec(before.spec, after.spec) &&
    deepEqual(before.status.acceptedNames, after.status.acceptedNames)
  )
}

/** A write of the status shares the spec with what was there before. */
function isSameSpec(a: CustomResourceDefinitionSpec, b: CustomResourceDefinitionSpec): boolean {
  return a === b || deepEqual(a, b)
}
