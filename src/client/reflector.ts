import { type Clock, pause } from '../base/clock.ts'
import { formatError, type Logger } from '../base/logger.ts'
import { jitter, type Random } from '../base/random.ts'
import type { KindRef, KubeObject } from '../machinery/kind.ts'
import { isReason } from '../machinery/status-error.ts'
import type { Client, ListOptions, WatchEvent } from './client.ts'
import { compareResourceVersions } from './informer-store.ts'
import { exponentialDelay } from './rate-limit.ts'

const PAGE_SIZE = 500
const MIN_WATCH_SECONDS = 300
const BASE_DELAY_MS = 800
const MAX_DELAY_MS = 30_000
/** Success for so long ends the back-off. */
const RESET_AFTER_MS = 120_000
/** A watch that ends sooner without a single event is taken as a failure. */
const SHORT_WATCH_MS = 1_000

/** Which objects of a kind to mirror. */
export interface Selection {
  readonly namespace?: string
  readonly fieldSelector?: string
}

interface Page<T> {
  readonly objects: readonly T[]
  readonly resourceVersion: string
  /** Where the next page begins; empty on the last one. */
  readonly continue: string
}

/** Takes what a reflector reads, in order. */
export interface ReflectorTarget<T extends KubeObject> {
  /** The whole state: what is not in it is gone. */
  replace(objects: readonly T[]): void
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void
  /** All that was written up to this version has been told. */
  reached(resourceVersion: string): void
}

export interface ReflectorContext {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/**
 * Mirrors the objects of one kind into a target for as long as it runs: it lists, then watches
 * from the list's version, resumes a lost watch from the last version it saw, and lists anew when
 * the server no longer has that version. No change is ever lost; one that is told twice or late is
 * told to the target once.
 */
export class Reflector<T extends KubeObject> {
  readonly #kind: KindRef<T>
  readonly #selection: Selection
  readonly #target: ReflectorTarget<T>
  readonly #context: ReflectorContext
  readonly #logger: Logger
  /** The version up to which the target is current; undefined before the first list. */
  #resourceVersion: string | undefined
  /** The server has said that it no longer knows our version: only the newest state will do. */
  #isExpired = false
  #failures = 0
  #failedAt = 0

  constructor(
    kind: KindRef<T>,
    selection: Selection,
    target: ReflectorTarget<T>,
    context: ReflectorContext,
  ) {
    this.#kind = kind
    this.#selection = selection
    this.#target = target
    this.#context = context
    this.#logger = context.logger.with({ reflector: `${kind.apiVersion}/${kind.plural}` })
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#resourceVersion === undefined || this.#isExpired) await this.#list(signal)
        await this.#watch(signal)
      } catch (error) {
        if (signal.aborted) return
        if (isReason(error, 'Expired', 'Gone')) this.#isExpired = true
        this.#logger.info('list or watch failed', { error: formatError(error) })
        await this.#backOff(signal)
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    // The first list may come from the server's cache; after 410 only the newest state will do.
    const fromCache = !this.#isExpired
    const { objects, resourceVersion } = fromCache
      ? await this.#listPage(signal, { resourceVersion: '0' })
      : await this.#listPages(signal)
    if (signal.aborted) return
    this.#target.replace(objects)
    this.#resourceVersion = resourceVersion
    this.#isExpired = false
    this.#target.reached(resourceVersion)
  }

  async #listPages(signal: AbortSignal): Promise<Page<T>> {
    const objects: T[] = []
    let page = await this.#listPage(signal, { limit: PAGE_SIZE })
    objects.push(...page.objects)
    while (page.continue !== '') {
      try {
        page = await this.#listPage(signal, { limit: PAGE_SIZE, continue: page.continue })
      } catch (error) {
        // The token has expired between two pages: one list of everything cannot expire.
        if (!isReason(error, 'Expired', 'Gone')) throw error
        return await this.#listPage(signal, {})
      }
      objects.push(...page.objects)
    }
    return { ...page, objects }
  }

  async #listPage(signal: AbortSignal, options: ListOptions): Promise<Page<T>> {
    const { client } = this.#context
    const list = await client.list(this.#kind, { ...this.#selection, ...options, signal })
    return {
      objects: list.items.map((item) => this.#withType(item)),
      resourceVersion: list.metadata.resourceVersion ?? '',
      continue: list.metadata.continue ?? '',
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, clock, random } = this.#context
    const startedAt = clock.monotonic()
    let events = 0
    const watch = client.watch(this.#kind, {
      ...this.#selection,
      resourceVersion: this.#resourceVersion ?? '0',
      allowWatchBookmarks: true,
      timeoutSeconds: Math.floor(jitter(random, MIN_WATCH_SECONDS, 1)),
      signal,
    })
    for await (const event of watch) {
      if (signal.aborted) return
      events++
      this.#take(event)
    }
    if (signal.aborted) return
    if (events === 0 && clock.monotonic() - startedAt < SHORT_WATCH_MS) await this.#backOff(signal)
  }

  #take({ type, object }: WatchEvent<T>): void {
    const { resourceVersion } = object.metadata
    // An event from before what the target already holds: a doubled or a late one.
    if (compareResourceVersions(resourceVersion, this.#resourceVersion ?? '') < 0) return
    if (type !== 'BOOKMARK') this.#target.apply(type, this.#withType(object))
    this.#resourceVersion = resourceVersion
    this.#target.reached(resourceVersion)
  }

  /** Items of lists of typed clients may lack kind and apiVersion; caches always have them. */
  #withType(object: T): T {
    if (object.kind !== undefined && object.apiVersion !== undefined) return object
    return { ...object, apiVersion: this.#kind.apiVersion, kind: this.#kind.kind }
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context
    const now = clock.monotonic()
    if (now - this.#failedAt > RESET_AFTER_MS) this.#failures = 0
    this.#failedAt = now
    const delayMs = exponentialDelay(this.#failures++, BASE_DELAY_MS, MAX_DELAY_MS)
    await pause(clock, jitter(random, delayMs, 1), signal)
  }
}
