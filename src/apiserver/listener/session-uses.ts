import type { ServerHttp2Session } from 'node:http2'
import type { Clock } from '../../base/clock.ts'
import { type Deadline, DeadlineQueue } from './deadline-queue.ts'

/**
 * The open connections over HTTP/2. One without requests is closed after a while, as Go's server
 * does it: pings are no use, and a watch is one though it may have nothing to tell for hours.
 * Node's own timer of a session would outlast the session, and keep all that belongs to it.
 */
export class SessionUses implements Disposable {
  readonly #uses = new Map<ServerHttp2Session, SessionUse>()
  readonly #waits: DeadlineQueue

  constructor(clock: Clock, idleTimeoutMs: number) {
    this.#waits = new DeadlineQueue(clock, idleTimeoutMs)
  }

  keep(session: ServerHttp2Session): void {
    const use = new SessionUse(session, this.#waits)
    this.#uses.set(session, use)
    session.once('close', () => {
      this.#uses.delete(session)
      use.close()
    })
  }

  of(session: ServerHttp2Session): SessionUse | undefined {
    return this.#uses.get(session)
  }

  sessions(): Iterable<ServerHttp2Session> {
    return this.#uses.keys()
  }

  [Symbol.dispose](): void {
    this.#waits[Symbol.dispose]()
  }
}

/** How many requests of a connection are being answered. */
export class SessionUse {
  readonly #waits: DeadlineQueue
  readonly #onIdle: () => void
  #wait: Deadline | undefined
  #calls = 0
  #isClosed = false

  constructor(session: ServerHttp2Session, waits: DeadlineQueue) {
    this.#waits = waits
    this.#onIdle = () => session.close()
    this.#wait = waits.add(this.#onIdle)
  }

  begin(): void {
    this.#calls++
    this.#endWait()
  }

  end(): void {
    this.#calls--
    if (this.#calls === 0 && !this.#isClosed) this.#wait = this.#waits.add(this.#onIdle)
  }

  close(): void {
    this.#isClosed = true
    this.#endWait()
  }

  #endWait(): void {
    if (this.#wait !== undefined) this.#waits.cancel(this.#wait)
    this.#wait = undefined
  }
}
