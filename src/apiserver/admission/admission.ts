import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { ServerRequest, UserInfo } from '../request.ts'

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
}

/** One rule about what may be written. Both steps throw the StatusError that the client gets. */
export interface AdmissionPlugin {
  /** Upstream's name, as in `--enable-admission-plugins`. */
  readonly name: string
  /** Which operations it is asked about. */
  readonly operations: readonly Operation[]
  /** The object as it shall be; undefined leaves it as it is. */
  mutate?(attributes: AdmissionAttributes): Promise<KubeObject | undefined>
  /** Judges the object as it will be stored. */
  validate?(attributes: AdmissionAttributes): Promise<void>
}

/** The plugins in their order: all that mutate, and later all that validate. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[]

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins
  }

  /** The object as the plugins want it. */
  async mutate(attributes: AdmissionAttributes): Promise<KubeObject | undefined> {
    let current = attributes
    for (const plugin of this.#plugins) {
      if (plugin.mutate === undefined || !plugin.operations.includes(attributes.operation)) continue
      const object = await plugin.mutate(current)
      if (object !== undefined) current = { ...current, object }
    }
    return current.object
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.#plugins) {
      if (plugin.operations.includes(attributes.operation)) await plugin.validate?.(attributes)
    }
  }
}
