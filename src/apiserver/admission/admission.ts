import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { ServerRequest, UserInfo } from '../request.ts'
import { Reinvocation } from './dynamic/reinvocation.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** What an admission plugin judges: one write, after it was decoded and before it is stored. */
export interface AdmissionAttributes {
  readonly operation: Operation
  /** As it is stored. */
  readonly kind: Kind
  readonly subresource: string
  readonly namespace: string
  /** '' for a new object whose name is to be generated. */
  readonly name: string
  /** Absent for a deletion. Of a subresource with a kind of its own, its object. */
  readonly object: KubeObject | undefined
  /** Absent for a creation. */
  readonly oldObject: KubeObject | undefined
  readonly isDryRun: boolean
  readonly user: UserInfo
  readonly request: ServerRequest
  /** Of a deletion: its DeleteOptions. */
  readonly options?: object
}

/** With a promise only where something has to be waited for. */
export type Answer<T> = T | Promise<T>

/** One rule about what may be written. Both steps throw the StatusError that the client gets. */
export interface AdmissionPlugin {
  /** Upstream's name, as in `--enable-admission-plugins`. */
  readonly name: string
  /** It judges only where it is switched on by name. */
  readonly isOffByDefault?: boolean
  /** Which operations it is asked about. */
  readonly operations: readonly Operation[]
  /** Which resources, as `group/plural`, so that others are not slowed down; all when absent. */
  readonly resources?: readonly string[]
  /**
   * Says without a promise that a write does not concern it, since few webhooks and policies are
   * about any one resource. Every write concerns a plugin without it.
   */
  concerns?(attributes: AdmissionAttributes): boolean
  /**
   * The object as it shall be; undefined leaves it as it is. Plugins that ask others (webhooks and
   * policies) say in `reinvocation` that the object has changed: then all plugins come again, once.
   */
  mutate?(
    attributes: AdmissionAttributes,
    reinvocation: Reinvocation | undefined,
  ): Answer<KubeObject | undefined>
  /** Judges the object as it will be stored. */
  validate?(attributes: AdmissionAttributes): Answer<void>
  /** Lets go of connections and the like. */
  close?(): void
}

/** A plugin, or with the name '' all plugins together, that has judged a write. */
export interface AdmissionStep {
  readonly name: string
  readonly type: 'admit' | 'validate'
  readonly operation: Operation
  readonly isRejected: boolean
  /** By the observer's clock. */
  readonly started: number
}

/** Is told of every step, for the metrics. */
export interface AdmissionObserver {
  now(): number
  observe(step: AdmissionStep): void
}

function nothing(): void {}

/** Where nobody measures. */
const nobody: AdmissionObserver = { now: () => 0, observe() {} }

/** A write on its way through the plugins that change it. */
interface Mutation {
  attributes: AdmissionAttributes
  reinvocation: Reinvocation | undefined
}

/** The plugins in their order: all that mutate, and later all that validate. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[]
  readonly #observer: AdmissionObserver
  /** Who is asked about a kind, by step and operation. */
  readonly #asked = new WeakMap<Kind, Map<string, readonly AdmissionPlugin[]>>()

  #dynamic: AdmissionChain | undefined

  constructor(plugins: readonly AdmissionPlugin[], observer: AdmissionObserver = nobody) {
    this.#plugins = plugins
    this.#observer = observer
  }

  /** The object as the plugins want it. */
  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    const mutation: Mutation = { attributes, reinvocation: undefined }
    const ask = (plugin: AdmissionPlugin) => {
      if (plugin.concerns !== undefined) mutation.reinvocation ??= new Reinvocation()
      return plugin.mutate?.(mutation.attributes, mutation.reinvocation)
    }
    const take = (object: KubeObject | undefined) => {
      if (object !== undefined) mutation.attributes = { ...mutation.attributes, object }
    }
    await this.#forEach('admit', mutation, ask, take)
    const { reinvocation } = mutation as Mutation
    if (reinvocation?.isNeeded === true) {
      reinvocation.isSecondRound = true
      await this.#forEach('admit', mutation, ask, take)
    }
    return mutation.attributes.object
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const ask = (plugin: AdmissionPlugin) => plugin.validate?.(attributes)
    await this.#forEach('validate', { attributes }, ask, nothing)
  }

  /** The same with webhooks and policies alone: built-in plugins are about what is stored. */
  get dynamic(): AdmissionChain {
    this.#dynamic ??= new AdmissionChain(
      this.#plugins.filter(({ concerns }) => concerns !== undefined),
      this.#observer,
    )
    return this.#dynamic
  }

  close(): void {
    for (const plugin of this.#plugins) plugin.close?.()
  }

  async #forEach<T>(
    type: AdmissionStep['type'],
    judged: Pick<Mutation, 'attributes'>,
    ask: (plugin: AdmissionPlugin) => Answer<T>,
    take: (answer: T) => void,
  ): Promise<void> {
    const { operation, kind } = judged.attributes
    const observer = this.#observer
    const begun = observer.now()
    let started = begun
    let name = ''
    let isRejected = true
    try {
      for (const plugin of this.#pluginsFor(type, operation, kind)) {
        if (plugin.concerns?.(judged.attributes) === false) continue
        name = plugin.name
        started = observer.now()
        const answer = ask(plugin)
        take(answer instanceof Promise ? await answer : answer)
        observer.observe({ name, type, operation, isRejected: false, started })
      }
      isRejected = false
    } finally {
      if (isRejected) observer.observe({ name, type, operation, isRejected, started })
      observer.observe({ name: '', type, operation, isRejected, started: begun })
    }
  }

  #pluginsFor(
    type: AdmissionStep['type'],
    operation: Operation,
    kind: Kind,
  ): readonly AdmissionPlugin[] {
    let byStep = this.#asked.get(kind)
    if (byStep === undefined) {
      byStep = new Map()
      this.#asked.set(kind, byStep)
    }
    const step = `${type} ${operation}`
    let plugins = byStep.get(step)
    if (plugins === undefined) {
      const resource = `${kind.group}/${kind.plural}`
      plugins = this.#plugins.filter(
        ({ mutate, validate, operations, resources = [resource] }) =>
          (type === 'admit' ? mutate : validate) !== undefined &&
          operations.includes(operation) &&
          resources.includes(resource),
      )
      byStep.set(step, plugins)
    }
    return plugins
  }
}
