import type { KindRef, KubeObject } from '../machinery/kind.ts'
import type {
  Client,
  DeleteOptions,
  DraftableKind,
  DraftObject,
  GetOptions,
  ListOptions,
  ObjectKey,
  ObjectList,
  PatchOptions,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts'
import type { Transport, TransportRequest } from './transport.ts'

/**
 * The typed API over any transport: it knows paths, queries and bodies, and nothing of the wire.
 */
export class ApiClient implements Client {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get<T extends KubeObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    options: GetOptions = {},
  ): Promise<T> {
    return this.#request('GET', objectPath(kind, key), { query: queryOf({ ...options }) })
  }

  list<T extends KubeObject>(kind: KindRef<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
    return this.#request('GET', collectionPath(kind, options.namespace), {
      query: selectionQuery(options),
      ...(options.signal !== undefined && { signal: options.signal }),
    })
  }

  watch<T extends KubeObject>(
    kind: KindRef<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>> {
    const { namespace, signal, ...parameters } = options
    return this.#transport.watch({
      method: 'GET',
      path: collectionPath(kind, namespace),
      query: queryOf({ ...parameters, watch: true }),
      signal,
    }) as AsyncIterable<WatchEvent<T>>
  }

  create<T extends KubeObject, D extends DraftObject>(
    kind: DraftableKind<T, D>,
    draft: D,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#request('POST', collectionPath(kind, draft.metadata?.namespace), {
      query: writeQuery(options),
      body: { apiVersion: kind.apiVersion, kind: kind.kind, ...draft },
    })
  }

  update<T extends KubeObject>(
    kind: KindRef<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#request('PUT', objectPath(kind, object.metadata), {
      query: writeQuery(options),
      body: object,
    })
  }

  updateStatus<T extends KubeObject>(
    kind: KindRef<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    return this.#request('PUT', objectPath(kind, object.metadata, 'status'), {
      query: writeQuery(options),
      body: object,
    })
  }

  patch<T extends KubeObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    const { subresource, force } = options
    return this.#request('PATCH', objectPath(kind, key, subresource), {
      query: { ...writeQuery(options), ...queryOf({ force }) },
      body: patch,
      contentType: type,
    })
  }

  async delete<T extends KubeObject>(
    kind: KindRef<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<void> {
    await this.#request('DELETE', objectPath(kind, key), { body: deleteBody(options) })
  }

  async deleteCollection<T extends KubeObject>(
    kind: KindRef<T>,
    selection: ListOptions,
    options: DeleteOptions = {},
  ): Promise<void> {
    await this.#request('DELETE', collectionPath(kind, selection.namespace), {
      query: selectionQuery(selection),
      body: deleteBody(options),
    })
  }

  createSubresource(
    kind: KindRef,
    key: ObjectKey,
    subresource: string,
    body: unknown,
  ): Promise<unknown> {
    return this.#request('POST', objectPath(kind, key, subresource), { body })
  }

  raw(method: string, path: string, body?: unknown): Promise<unknown> {
    const question = path.indexOf('?')
    const query = question < 0 ? {} : Object.fromEntries(new URLSearchParams(path.slice(question)))
    return this.#request(
      method as TransportRequest['method'],
      question < 0 ? path : path.slice(0, question),
      { query, ...(body !== undefined && { body }) },
    )
  }

  #request<T>(
    method: TransportRequest['method'],
    path: string,
    rest: Omit<TransportRequest, 'method' | 'path'>,
  ): Promise<T> {
    return this.#transport.request({ ...rest, method, path }) as Promise<T>
  }
}

/** The path of a kind's objects: of one namespace, or of all. */
function collectionPath(kind: KindRef, namespace?: string): string {
  const root = kind.group === '' ? '/api' : `/apis/${kind.group}`
  const within =
    kind.scope === 'Namespaced' && namespace !== undefined && namespace !== ''
      ? `/namespaces/${encodeURIComponent(namespace)}`
      : ''
  return `${root}/${kind.version}${within}/${kind.plural}`
}

/** The path of one object or of one of its subresources. */
function objectPath(kind: KindRef, key: ObjectKey, subresource?: string): string {
  const path = `${collectionPath(kind, key.namespace)}/${encodeURIComponent(key.name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

function selectionQuery({
  namespace: _n,
  signal: _s,
  ...parameters
}: ListOptions): Record<string, string> {
  return queryOf(parameters)
}

function writeQuery({ dryRun, fieldManager }: WriteOptions): Record<string, string> {
  return queryOf({ dryRun: dryRun === true ? 'All' : undefined, fieldManager })
}

function deleteBody({ dryRun, ...options }: DeleteOptions): unknown {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...options,
    ...(dryRun === true && { dryRun: ['All'] }),
  }
}

function queryOf(parameters: Readonly<Record<string, unknown>>): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query[name] = String(value)
  }
  return query
}
