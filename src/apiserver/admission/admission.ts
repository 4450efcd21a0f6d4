import type { Eventual } from '../../base/eventual.ts'
import type { FieldError } from '../../machinery/field-error.ts'
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
  ): Eventual<KubeObject | undefined>
  /** Judges the object as it will be stored. */
  validate?(attributes: AdmissionAttributes): Eventual<void>
  /**
   * What is wrong with fields that upstream's strategy of the kind looks at before it validates:
   * asked where fields are found invalid, so that both are told; `validate` throws it elsewhere.
   */
  fieldErrors?(attributes: AdmissionAttributes): Promise<readonly FieldError[]>
  /** Lets go of connections and the like. */
  close?(): void
}

/** What is timed: a plugin, or with the name '' all plugins of a step together. */
export interface AdmissionStep {
  readonly name: string
  readonly type: 'admit' | 'validate'
  readonly operation: Operation
}

/** Takes down what a step came to, and how long it took. */
export type RecordStep = (isRejected: boolean, ms: number) => void

/** Times every step, for the metrics. */
export interface AdmissionObserver {
  now(): number
  /** Asked for once; what it returns is called with each write. */
  recorderOf(step: AdmissionStep): RecordStep
}

/** Where nobody measures. */
const nobody: AdmissionObserver = { now: () => 0, recorderOf: () => () => {} }

/** A plugin that is asked about writes of one kind, and who times it. */
interface Stage {
  readonly plugin: AdmissionPlugin
  readonly record: RecordStep
}

/** Who is asked about one operation on one kind, in which order. */
interface Plan {
  readonly stages: readonly Stage[]
  readonly record: RecordStep
}

type Plans = Readonly<Record<AdmissionStep['type'], Partial<Record<Operation, Plan>>>>

/** A write on its way through the plugins. */
interface Write {
  attributes: AdmissionAttributes
  reinvocation: Reinvocation | undefined
}

/** The plugins in their order: all that mutate, and later all that validate. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[]
  readonly #observer: AdmissionObserver
  readonly #plans = new WeakMap<Kind, Plans>()
  #dynamic: AdmissionChain | undefined

  constructor(plugins: readonly AdmissionPlugin[], observer: AdmissionObserver = nobody) {
    this.#plugins = plugins
    this.#observer = observer
  }

  /** The object as the plugins want it. */
  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    const write: Write = { attributes, reinvocation: undefined }
    await this.#run('admit', write)
    const { reinvocation } = write as Write
    if (reinvocation?.isNeeded === true) {
      reinvocation.isSecondRound = true
      await this.#run('admit', write)
    }
    return write.attributes.object
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    await this.#run('validate', { attributes, reinvocation: undefined })
  }

  /** What plugins find in fields of a write that is refused for others; see `AdmissionPlugin`. */
  async fieldErrors(attributes: AdmissionAttributes): Promise<readonly FieldError[]> {
    const { operation, kind } = attributes
    const errors: FieldError[] = []
    for (const plugin of this.#plugins) {
      if (plugin.fieldErrors === undefined || !isAsked(plugin, operation, kind)) continue
      errors.push(...(await plugin.fieldErrors(attributes)))
    }
    return errors
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

  /** Waits only for a plugin that has to wait itself, as few have. */
  async #run(type: AdmissionStep['type'], write: Write): Promise<void> {
    const { operation, kind } = write.attributes
    const { stages, record } = this.#planOf(type, operation, kind)
    const observer = this.#observer
    const begun = observer.now()
    let started = begun
    let asked: Stage | undefined
    try {
      for (const stage of stages) {
        const { plugin } = stage
        if (plugin.concerns?.(write.attributes) === false) continue
        asked = stage
        const answer = type === 'admit' ? mutateBy(plugin, write) : validateBy(plugin, write)
        const object = answer instanceof Promise ? await answer : answer
        if (object !== undefined) write.attributes = { ...write.attributes, object }
        const ended = observer.now()
        stage.record(false, ended - started)
        started = ended
      }
    } catch (error) {
      const ended = observer.now()
      asked?.record(true, ended - started)
      record(true, ended - begun)
      throw error
    }
    record(false, started - begun)
  }

  #planOf(type: AdmissionStep['type'], operation: Operation, kind: Kind): Plan {
    let plans = this.#plans.get(kind)
    if (plans === undefined) {
      plans = { admit: {}, validate: {} }
      this.#plans.set(kind, plans)
    }
    const known = plans[type][operation]
    if (known !== undefined) return known
    const plan = this.#plan(type, operation, kind)
    plans[type][operation] = plan
    return plan
  }

  #plan(type: AdmissionStep['type'], operation: Operation, kind: Kind): Plan {
    const recorderOf = (name: string) => this.#observer.recorderOf({ name, type, operation })
    const stages = this.#plugins
      .filter(
        (plugin) =>
          (type === 'admit' ? plugin.mutate : plugin.validate) !== undefined &&
          isAsked(plugin, operation, kind),
      )
      .map((plugin) => ({ plugin, record: recorderOf(plugin.name) }))
    return { stages, record: recorderOf('') }
  }
}

function isAsked(
  { operations, resources }: AdmissionPlugin,
  operation: Operation,
  { group, plural }: Kind,
): boolean {
  if (!operations.includes(operation)) return false
  return resources === undefined || resources.includes(`${group}/${plural}`)
}

function mutateBy(plugin: AdmissionPlugin, write: Write): Eventual<KubeObject | undefined> {
  if (plugin.concerns !== undefined) write.reinvocation ??= new Reinvocation()
  return plugin.mutate?.(write.attributes, write.reinvocation)
}

function validateBy(plugin: AdmissionPlugin, { attributes }: Write): Eventual<undefined> {
  return plugin.validate?.(attributes) as Eventual<undefined>
}
