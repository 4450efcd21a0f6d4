import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** A byte stream in the binary messages of a WebSocket; where they are cut means nothing. */
export class WebSocketTunnel extends Duplex {
  readonly #webSocket: WebSocket

  constructor(webSocket: WebSocket) {
    super({ allowHalfOpen: false })
    this.#webSocket = webSocket
    webSocket.on('message', (data: Buffer) => {
      if (!this.push(data)) webSocket.pause()
    })
    webSocket.once('close', () => {
      this.push(null)
      this.destroySoon()
    })
    webSocket.resume()
  }

  override _read(): void {
    if (this.#webSocket.isPaused) this.#webSocket.resume()
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) {
      done()
      return
    }
    this.#webSocket.send(chunk, { binary: true }, () => done())
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#webSocket.close(1000)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#webSocket.close(1000)
    // A client that does not answer the close must not keep the connection.
    this.#webSocket.resume()
    done(error)
  }

  destroySoon(): void {
    if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }
}
