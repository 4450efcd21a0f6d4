import { type Random, randomInt } from '../../../src/base/random.ts'
import type { Delivery, EventType, History, Version, Write, WriteOutcome } from './records.ts'
import { labelOf } from './timeline.ts'

/** What an object or a list looks like on the wire, as far as it matters here. */
export interface WireObject {
  readonly kind?: string
  readonly code?: number
  readonly metadata?: {
    readonly name?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly continue?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly items?: readonly WireObject[]
  readonly details?: { readonly uid?: string }
}

export interface WireEvent {
  readonly type: string
  readonly object: WireObject
}

export interface WireReply {
  readonly code: number
  readonly body: WireObject
  /** Of the connection, to one start of the server. */
  readonly connection: string
}

/** One client's way to a server, on one connection at a time. */
export interface Wire {
  /** Rejects where no answer came. */
  send(method: string, path: string, body?: object, contentType?: string): Promise<WireReply>
  /** Resolves with the code of the answer when the watch is over, however that came about. */
  watch(path: string, onEvent: (event: WireEvent) => void, signal: AbortSignal): Promise<number>
}

/** The time of what is recorded, and what a client waits by. */
export interface Moments {
  now(): number
  pause(ms: number): Promise<void>
}

export interface ClientOptions {
  readonly name: string
  readonly wire: Wire
  readonly random: Random
  readonly moments: Moments
  readonly history: History
  /** Of the objects: `/api/v1/namespaces/NAME/configmaps`. They need nothing but their metadata. */
  readonly path: string
  readonly kind: string
  readonly apiVersion: string
  readonly keys: readonly string[]
  readonly thinkMs: number
  /** A 5xx of this server says that nothing was done, unless it is a 500 or a 504. */
  readonly isExact: boolean
}

const OUTCOMES: Readonly<Record<number, WriteOutcome>> = { 404: 'NotFound', 409: 'Conflict' }
const PATCH = 'application/merge-patch+json'
const APPLY = 'application/apply-patch+yaml'

/** Reads and writes a few keys at random, and records what it is told. */
export class HistoryClient {
  readonly #options: ClientOptions
  /** What it has last seen of each key: the versions that its writes name. */
  readonly #seen = new Map<string, Version>()
  #newest = 0
  #count = 0

  constructor(options: ClientOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { moments, random, thinkMs } = this.#options
    while (!signal.aborted) {
      await this.#act()
      await moments.pause(random.next() * thinkMs)
    }
  }

  /** What it does next, by chance. */
  #act(): Promise<void> {
    const { random, keys } = this.#options
    const key = keys[randomInt(random, keys.length)] ?? ''
    const dice = randomInt(random, 100)
    if (dice < 14) return this.#write('create', key)
    if (dice < 34) return this.#write('update', key, this.#seen.get(key)?.revision)
    if (dice < 38) return this.#write('update', key)
    if (dice < 48) return this.#write('patch', key)
    if (dice < 54) return this.#write('patch', key, this.#seen.get(key)?.revision)
    if (dice < 58) return this.#write('apply', key)
    if (dice < 64) return this.#write('delete', key)
    if (dice < 68) return this.#write('delete', key, this.#seen.get(key)?.revision)
    if (dice < 80) return this.#get(key, '')
    if (dice < 84) return this.#get(key, '0')
    if (dice < 90) return this.#list({})
    if (dice < 92) return this.#list({ resourceVersion: '0' })
    if (dice < 95) return this.#list({ limit: String(1 + randomInt(random, 3)) })
    if (dice < 97) return this.#list({ labelSelector: `label=${random.next() < 0.5 ? 'a' : 'b'}` })
    return this.#listSeen()
  }

  /** The state of a version that this client has seen, or one that is not older. */
  async #listSeen(): Promise<void> {
    if (this.#newest === 0) return
    const resourceVersionMatch = this.#options.random.next() < 0.5 ? 'Exact' : 'NotOlderThan'
    return this.#list({ resourceVersion: String(this.#newest), resourceVersionMatch })
  }

  async #write(type: Write['type'], key: string, expected?: number): Promise<void> {
    const { name, history, random, moments, wire } = this.#options
    const tag = `${name}-${++this.#count}-${random.next() < 0.5 ? 'a' : 'b'}`
    const start = moments.now()
    const about = { type, client: name, key, tag, expected, start }
    const note = (outcome: WriteOutcome, revision = 0, uid = '') =>
      void history.writes.push({ ...about, end: moments.now(), outcome, revision, uid })
    try {
      const request = this.#requestOf(type, key, tag, expected)
      const { code, body } = await wire.send(...request)
      if (code >= 300) return note(this.#outcomeOf(type, code))
      if (type === 'delete') return note('Done', 0, body.details?.uid ?? body.metadata?.uid)
      const version = versionOf(body)
      this.#see(version)
      note('Done', version.revision, version.uid)
    } catch {
      note('Unknown')
    }
  }

  #requestOf(
    type: Write['type'],
    key: string,
    tag: string,
    expected: number | undefined,
  ): [method: string, path: string, body: object, contentType?: string] {
    const { path, apiVersion, kind } = this.#options
    const resourceVersion = expected === undefined ? undefined : String(expected)
    const labels = { label: labelOf(tag) }
    const metadata = { name: key, labels, annotations: { [TAG]: tag }, resourceVersion }
    const object = { apiVersion, kind, metadata }
    const of = `${path}/${key}`
    if (type === 'create') return ['POST', path, object]
    if (type === 'update') return ['PUT', of, object]
    if (type === 'patch') return ['PATCH', of, { metadata }, PATCH]
    if (type === 'apply') return ['PATCH', `${of}?fieldManager=history&force=true`, object, APPLY]
    return [
      'DELETE',
      of,
      resourceVersion === undefined ? {} : { preconditions: { resourceVersion } },
    ]
  }

  #outcomeOf(type: Write['type'], code: number): WriteOutcome {
    if (type === 'create' && code === 409) return 'Exists'
    const outcome = OUTCOMES[code]
    if (outcome !== undefined) return outcome
    const isKnown = code < 500 || (this.#options.isExact && code === 503)
    return isKnown ? 'Refused' : 'Unknown'
  }

  async #get(key: string, resourceVersion: string): Promise<void> {
    const { name, history, moments, wire, path } = this.#options
    const start = moments.now()
    const query = resourceVersion === '' ? '' : `?resourceVersion=${resourceVersion}`
    const reply = await this.#ask(() => wire.send('GET', `${path}/${key}${query}`))
    if (reply === undefined || ![200, 404].includes(reply.code)) return
    const found = reply.code === 200 ? versionOf(reply.body) : undefined
    if (found !== undefined) this.#see(found)
    const { connection } = reply
    const isConsistent = resourceVersion === ''
    const about = { client: name, connection, isConsistent, key, found }
    history.gets.push({ ...about, start, end: moments.now() })
  }

  async #list(query: Readonly<Record<string, string>>): Promise<void> {
    const { name, history, moments, wire, path } = this.#options
    const start = moments.now()
    const items: Version[] = []
    let revision: number | undefined
    let next = ''
    for (;;) {
      const search = new URLSearchParams(next === '' ? query : { ...query, continue: next })
      const reply = await this.#ask(() => wire.send('GET', `${path}?${search}`))
      if (reply?.code !== 200) return
      const { items: found = [], metadata = {} } = reply.body
      const { resourceVersion = '', continue: more = '' } = metadata
      const at = Number(resourceVersion)
      // Pages of two states are what one of the two cannot have been.
      if (revision !== undefined && at !== revision) items.push(MIXED_PAGES)
      revision = at
      for (const one of found) items.push(versionOf(one))
      next = more
      if (next !== '') continue
      this.#newest = Math.max(this.#newest, revision)
      const asked = Number(query['resourceVersion'] ?? 0)
      const match = query['resourceVersionMatch']
      history.lists.push({
        ...{ client: name, connection: reply.connection, start, end: moments.now() },
        ...{ items, revision, label: query['labelSelector']?.slice(-1) },
        isConsistent: asked === 0 && query['resourceVersion'] === undefined,
        exact: match === 'Exact' ? asked : undefined,
        least: match === 'NotOlderThan' ? asked : undefined,
      })
      return
    }
  }

  async #ask(send: () => Promise<WireReply>): Promise<WireReply | undefined> {
    try {
      return await send()
    } catch {
      return undefined
    }
  }

  #see(version: Version): void {
    this.#seen.set(version.key, version)
    this.#newest = Math.max(this.#newest, version.revision)
  }
}

const MIXED_PAGES: Version = {
  ...{ revision: 0, key: 'pages of different revisions' },
  ...{ tag: undefined, uid: '', label: undefined },
}

/** The annotation that says which write has made a version. */
export const TAG = 'history/tag'

/** What a client reads of an object. */
export function versionOf({ metadata = {} }: WireObject, isDeleted = false): Version {
  return {
    revision: Number(metadata.resourceVersion),
    key: metadata.name ?? '',
    tag: isDeleted ? undefined : (metadata.annotations?.[TAG] ?? ''),
    uid: metadata.uid ?? '',
    label: isDeleted ? undefined : metadata.labels?.['label'],
  }
}

const GONE = 410
const INITIAL_END = 'k8s.io/initial-events-end'

/** Watches as clients do: goes on where it was, and begins anew where that is gone. */
export class HistoryWatcher {
  readonly #options: ClientOptions
  readonly #label: string | undefined
  #after: number | undefined
  readonly #past: number[] = []
  /** How far it is. */
  position = 0

  constructor(options: ClientOptions, label: string | undefined) {
    this.#options = options
    this.#label = label
  }

  async run(signal: AbortSignal): Promise<void> {
    const { moments, random } = this.#options
    while (!signal.aborted) {
      await this.#session(signal)
      if (!signal.aborted) await moments.pause(random.next() * 50)
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const { name: client, history, moments, wire, path, random } = this.#options
    const deliveries: Delivery[] = []
    const after = this.#chooseStart()
    const isAny = after === undefined && random.next() < 0.3
    const start = moments.now()
    let isExpired = false
    const onEvent = (event: WireEvent) => {
      if (event.type === 'ERROR') isExpired ||= event.object.code === GONE
      else this.#note(deliveries, event, moments.now())
    }
    const query = new URLSearchParams({
      ...{ watch: 'true', allowWatchBookmarks: 'true' },
      timeoutSeconds: String(1 + randomInt(random, 8)),
      ...(this.#label !== undefined && { labelSelector: `label=${this.#label}` }),
      ...(after !== undefined && { resourceVersion: String(after) }),
      ...(after === undefined && INITIAL_EVENTS),
      ...(isAny && { resourceVersion: '0' }),
    })
    let code = 0
    try {
      code = await wire.watch(`${path}?${query}`, onEvent, signal)
    } catch {
      // It broke off: what came before counts.
    }
    if (code === GONE) isExpired = true
    if (isExpired) this.#after = undefined
    history.watches.push({
      ...{ client, start, end: moments.now(), label: this.#label, after, deliveries, isExpired },
      isConsistent: !isAny,
    })
  }

  /** Mostly where it was; sometimes anywhere in what it has seen, or anew. */
  #chooseStart(): number | undefined {
    const { random } = this.#options
    const dice = random.next()
    if (dice < 0.1) return undefined
    if (dice < 0.3 && this.#past.length > 0) return this.#past[randomInt(random, this.#past.length)]
    return this.#after
  }

  #note(deliveries: Delivery[], { type, object }: WireEvent, at: number): void {
    const revision = Number(object.metadata?.resourceVersion)
    const endsInitial = object.metadata?.annotations?.[INITIAL_END] === 'true'
    if (type === 'BOOKMARK') deliveries.push({ type, revision, endsInitial, at })
    else {
      const version = versionOf(object, type === 'DELETED')
      deliveries.push({ type: type as EventType, version, at })
    }
    this.position = Math.max(this.position, revision)
    const isInitial = this.#after === undefined && !endsInitial
    if (isInitial && !deliveries.some((one) => one.type === 'BOOKMARK' && one.endsInitial)) return
    this.#after = Math.max(this.#after ?? 0, revision)
    this.#past.push(revision)
    if (this.#past.length > 200) this.#past.shift()
  }
}

const INITIAL_EVENTS = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
