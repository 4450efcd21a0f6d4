import type { TestServer } from '../api-server.ts'
import type { Wire, WireEvent, WireObject, WireReply } from './clients.ts'

/** A server that may be replaced by its next start. */
export interface CurrentServer {
  readonly server: TestServer
  readonly start: number
}

/** A client's way to a server of this process: what is under way when that ends is never answered. */
export class InProcessWire implements Wire {
  readonly #current: () => CurrentServer
  readonly #onEnd: (listener: () => void) => Disposable

  /** `onEnd` tells of the end of the server that is the current one. */
  constructor(current: () => CurrentServer, onEnd: (listener: () => void) => Disposable) {
    this.#current = current
    this.#onEnd = onEnd
  }

  async send(method: string, path: string, body?: object, contentType?: string) {
    const { server, start } = this.#current()
    const sent = { ...(body && { body }), ...(contentType !== undefined && { contentType }) }
    const { code, text } = await this.#untilEnd(server.send(method, path, sent))
    const reply: WireReply = { code, body: JSON.parse(text) as WireObject, connection: `${start}` }
    return reply
  }

  async watch(path: string, onEvent: (event: WireEvent) => void, signal: AbortSignal) {
    const left = new Left(signal)
    try {
      const watching = this.#read(path, onEvent, left)
      // One that is left has nobody who waits for its end.
      watching.catch(() => {})
      return await this.#untilEnd(Promise.race([watching, left.promise]))
    } catch (error) {
      return codeOf(error)
    } finally {
      left[Symbol.dispose]()
    }
  }

  async #read(path: string, onEvent: (event: WireEvent) => void, left: Left): Promise<number> {
    const watch = await this.#current().server.watch(path)
    left.promise.then(() => void watch.close())
    for (let event = await watch.next(); event !== undefined; event = await watch.next()) {
      if (left.isLeft) break
      onEvent(event as WireEvent)
    }
    return 200
  }

  async #untilEnd<T>(work: Promise<T>): Promise<T> {
    let listener: Disposable | undefined
    const ended = new Promise<never>((_, reject) => {
      listener = this.#onEnd(() => reject(new Error('the server is gone')))
    })
    try {
      return await Promise.race([work, ended])
    } finally {
      listener?.[Symbol.dispose]()
    }
  }
}

/** When a client leaves its watch, for whatever reason. */
class Left implements Disposable {
  isLeft = false
  readonly promise: Promise<number>
  readonly #leave: () => void

  constructor(signal: AbortSignal) {
    let resolve: (code: number) => void = () => {}
    this.promise = new Promise((done) => {
      resolve = done
    })
    this.#leave = () => {
      signal.removeEventListener('abort', this.#leave)
      this.isLeft = true
      resolve(200)
    }
    if (signal.aborted) this.#leave()
    else signal.addEventListener('abort', this.#leave)
  }

  [Symbol.dispose](): void {
    this.#leave()
  }
}

/** A watch that is refused is told so as a Status in the error's text. */
function codeOf(error: unknown): number {
  const code = /"code":(\d+)/.exec(String(error))?.[1]
  if (code === undefined) throw error
  return Number(code)
}
