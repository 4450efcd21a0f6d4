import type { Tracer } from '../../base/tracing/tracer.ts'
import type { Kind } from '../../machinery/kind.ts'
import type {
  KeyValue,
  ListOptions,
  ListResult,
  PutResult,
  Storage,
  Watch,
  WatchHandler,
  WriteOptions,
} from '../../storage/storage.ts'
import { WrappingStorage } from '../../storage/wrapping/wrapping-storage.ts'

const REGISTRY = '/registry'

/** Makes what a request stores and lists in the store a part of its span, by upstream's names. */
export class TracedStorage extends WrappingStorage {
  readonly #tracer: Tracer
  readonly #kind: Kind

  constructor(inner: Storage, kind: Kind, tracer: Tracer) {
    super(inner)
    this.#tracer = tracer
    this.#kind = kind
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const { limit = 0, revision } = options
    const span = this.#tracer.active?.start('List(recursive=true) etcd3', {
      ...this.#attributes(prefix),
      ...{ limit, resourceVersion: revision === undefined ? '' : String(revision) },
    })
    if (span === undefined) return this.inner.list(prefix, options)
    return this.#tracer.during(span, () => this.inner.list(prefix, options))
  }

  async put(key: string, value: Uint8Array, options?: WriteOptions): Promise<PutResult> {
    const isNew = options?.expectedModRevision === 0
    const name = isNew ? 'Create etcd3' : 'GuaranteedUpdate etcd3'
    const span = this.#tracer.active?.start(name, this.#attributes(key))
    if (span === undefined) return this.inner.put(key, value, options)
    span.addEvent('TransformToStorage succeeded', { len: value.length })
    return this.#tracer.during(span, async () => {
      const result = await this.inner.put(key, value, options)
      span.addEvent(isNew ? 'Txn call succeeded' : 'Txn call completed')
      if (!isNew && result.code === 'Done') span.addEvent('Transaction committed')
      return result
    })
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    return this.inner.watch(prefixOrKey, afterRevision, handler)
  }

  protected async readOne(keyValue: KeyValue): Promise<KeyValue> {
    return keyValue
  }

  #attributes(key: string) {
    const { group, plural, kind } = this.#kind
    const [scheme = ''] = group.split('.')
    return {
      'audit-id': this.#tracer.active?.attributeOf('audit-id') ?? '',
      key: key.startsWith(REGISTRY) ? key.slice(REGISTRY.length) : key,
      type: `*${scheme === '' ? 'core' : scheme}.${kind}`,
      ...{ group, resource: plural },
    }
  }
}
