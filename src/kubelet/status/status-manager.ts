import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { isReason } from '../../machinery/status-error.ts'
import { isTerminalPhase, type PodStatus } from '../pod-types.ts'
import { statusPatch } from './status-patch.ts'

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 10_000

interface Entry {
  pod: Pod
  status: PodStatus
  /** What the API had when it was last seen. */
  known: PodStatus
  text: string
  version: number
  sent: number
  /** The pod's work is over: it may be removed from the API once that says so too. */
  isFinished: boolean
  isSending: boolean
  retryMs: number
  retry: Disposable | undefined
}

/**
 * Writes pod statuses to the API: at once, one write at a time for each pod, only the newest, and
 * again until it succeeds. Removes pods from the API whose end has been written.
 */
export class StatusManager {
  readonly #client: Client
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #entries = new Map<string, Entry>()
  readonly #inFlight = new Set<Promise<void>>()
  #isStopped = false

  constructor(options: {
    readonly client: Client
    readonly clock: Clock
    readonly logger: Logger
  }) {
    this.#client = options.client
    this.#clock = options.clock
    this.#logger = options.logger
  }

  /** The status that was set last, whether it has been written or not. */
  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.status
  }

  /** Sets a pod's status. `isFinished`: it is the last one, and nothing of the pod is left. */
  set(pod: Pod, status: PodStatus, isFinished = false): void {
    const { uid } = pod.metadata
    const text = JSON.stringify(status)
    const entry = this.#entries.get(uid) ?? newEntry(pod, status)
    this.#entries.set(uid, entry)
    entry.pod = pod
    const isNew = entry.text !== text
    if (isNew) {
      entry.status = status
      entry.text = text
    }
    const endsNow = isFinished && (!entry.isFinished || mayBeRemoved(pod, status))
    if (isNew || endsNow) entry.version++
    entry.isFinished ||= isFinished
    this.#send(uid, entry)
  }

  /** Drops what is kept of a pod that is no longer in the API. */
  forget(uid: string): void {
    const entry = this.#entries.get(uid)
    entry?.retry?.[Symbol.dispose]()
    this.#entries.delete(uid)
  }

  /** Resolves when no write is under way and none will follow. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const { retry } of this.#entries.values()) retry?.[Symbol.dispose]()
    await Promise.all(this.#inFlight)
  }

  #send(uid: string, entry: Entry): void {
    if (entry.isSending || this.#isStopped || entry.sent >= entry.version) return
    entry.isSending = true
    entry.retry?.[Symbol.dispose]()
    const work = this.#write(uid, entry).finally(() => {
      this.#inFlight.delete(work)
      entry.isSending = false
      if (this.#entries.get(uid) === entry && entry.retry === undefined) this.#send(uid, entry)
    })
    this.#inFlight.add(work)
  }

  async #write(uid: string, entry: Entry): Promise<void> {
    entry.retry = undefined
    const { version, status, pod } = entry
    const { namespace, name } = pod.metadata
    try {
      const patch = statusPatch(uid, status, entry.known)
      const type = 'application/strategic-merge-patch+json'
      const options = { subresource: 'status' }
      const written = await this.#client.patch(Pod, { namespace, name }, type, patch, options)
      entry.known = written.status
      if (entry.isFinished && mayBeRemoved(written, status)) {
        await this.#client.delete(
          Pod,
          { namespace, name },
          { gracePeriodSeconds: 0, preconditions: { uid } },
        )
      }
      entry.sent = version
      entry.retryMs = FIRST_RETRY_MS
    } catch (error) {
      if (this.#isGone(error, uid)) {
        entry.sent = version
        return
      }
      this.#logger.error('writing pod status failed', {
        pod: `${namespace}/${name}`,
        error: formatError(error),
      })
      entry.retry = this.#clock.after(entry.retryMs, () => {
        entry.retry = undefined
        this.#send(uid, entry)
      })
      entry.retryMs = Math.min(entry.retryMs * 2, LONGEST_RETRY_MS)
    }
  }

  /** The pod is not there any more, or its name belongs to another one. */
  #isGone(error: unknown, uid: string): boolean {
    if (isReason(error, 'NotFound')) return true
    const isConflict = isReason(error, 'Conflict', 'Invalid')
    return isConflict && error instanceof Error && error.message.includes(uid)
  }
}

function newEntry(pod: Pod, status: PodStatus): Entry {
  return {
    pod,
    status,
    known: pod.status,
    text: '',
    version: 0,
    sent: 0,
    isFinished: false,
    isSending: false,
    retryMs: FIRST_RETRY_MS,
    retry: undefined,
  }
}

/** Its deletion was asked for, and the API knows that it has ended. */
function mayBeRemoved({ metadata }: Pod, { phase }: PodStatus): boolean {
  return metadata.deletionTimestamp !== undefined && isTerminalPhase(phase)
}
