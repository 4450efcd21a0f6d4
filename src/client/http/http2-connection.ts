import { type ClientHttp2Session, connect } from 'node:http2'
import type { Clock } from '../../base/clock.ts'

/** A connection that is silent for so long is asked whether it is alive, as client-go does. */
const PING_AFTER_MS = 30_000
const PING_TIMEOUT_MS = 15_000
/** Large lists on one connection beside many watches; node's own limit is 10. */
const MAX_SESSION_MEMORY_MB = 4096
const WINDOW_BYTES = 4 * 1024 * 1024

/** PEM texts; what is absent is not used. */
export interface Credentials {
  /** Whom to trust; the system's roots when absent. */
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  /** The name to expect in the server's certificate, where it is not the host of the address. */
  readonly serverName?: string | undefined
  readonly isInsecure?: boolean | undefined
}

/** One HTTP/2 session to a server, made when needed and made anew after it broke. */
export class Http2Connection implements Disposable {
  readonly #server: string
  readonly #credentials: () => Promise<Credentials>
  readonly #clock: Clock
  #session: Promise<ClientHttp2Session> | undefined
  readonly #open = new Set<ClientHttp2Session>()
  #isDisposed = false

  constructor(server: string, credentials: () => Promise<Credentials>, clock: Clock) {
    this.#server = server
    this.#credentials = credentials
    this.#clock = clock
  }

  /** Runs `use` on a session that is open. */
  async use<T>(use: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
    if (this.#isDisposed) throw new Error('the transport is closed')
    this.#session ??= this.#connect()
    const session = await this.#session
    return await use(session)
  }

  /** Lets the present session finish what it has and takes a new one for all that follows. */
  reconnect(): void {
    this.#session?.then(
      (session) => session.close(),
      () => {}, // It never opened: whoever waits for it is told.
    )
    this.#session = undefined
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#session = undefined
    for (const session of this.#open) session.destroy()
  }

  #connect(): Promise<ClientHttp2Session> {
    const connecting = this.#credentials().then((credentials) => this.#openSession(credentials))
    const forget = (): void => {
      if (this.#session === connecting) this.#session = undefined
    }
    connecting.then((session) => {
      session.once('close', forget)
      session.once('goaway', forget)
      if (session.closed || session.destroyed) forget()
    }, forget)
    return connecting
  }

  #openSession(credentials: Credentials): Promise<ClientHttp2Session> {
    const { ca, certificate, key, serverName, isInsecure } = credentials
    return new Promise((resolve, reject) => {
      const session = connect(this.#server, {
        maxSessionMemory: MAX_SESSION_MEMORY_MB,
        settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
        ...(ca !== undefined && { ca }),
        ...(certificate !== undefined && { cert: certificate }),
        ...(key !== undefined && { key }),
        ...(serverName !== undefined && { servername: serverName }),
        ...(isInsecure === true && { rejectUnauthorized: false }),
      })
      this.#open.add(session)
      session.once('close', () => this.#open.delete(session))
      session.on('error', reject) // After the connection is open the streams carry the error.
      session.once('close', () => reject(new Error('the connection was closed')))
      session.once('connect', () => {
        if (this.#isDisposed) session.destroy()
        session.setLocalWindowSize(4 * WINDOW_BYTES)
        this.#watchOver(session)
        resolve(session)
      })
    })
  }

  /** Ends a session whose peer has gone without a word, so that watches on it end too. */
  #watchOver(session: ClientHttp2Session): void {
    let timer = this.#clock.after(PING_AFTER_MS, () => ping())
    const ping = (): void => {
      if (session.destroyed) return
      timer = this.#clock.after(PING_TIMEOUT_MS, () => session.destroy())
      session.ping(() => {
        timer[Symbol.dispose]()
        if (!session.destroyed) timer = this.#clock.after(PING_AFTER_MS, () => ping())
      })
    }
    session.once('close', () => timer[Symbol.dispose]())
  }
}
