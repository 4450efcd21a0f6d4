import { Duplex } from 'node:stream'
import type { Client, ClientDuplexStream } from '@grpc/grpc-js'
import { type Clock, deadline } from '../clock.ts'
import { authorityOf } from '../https-pool.ts'
import { decode, encode } from '../protobuf/codec.ts'
import type { Decoded, Given } from '../protobuf/message.ts'
import { type Random, randomInt } from '../random.ts'
import type { Dial, DialAddress } from './dial.ts'
import { packet } from './konnectivity-messages.ts'

type Packet = Decoded<typeof packet>
type Stream = ClientDuplexStream<Given<typeof packet>, Packet>

export interface KonnectivityOptions {
  /** The socket on which the proxy listens. */
  readonly path: string
  readonly clock: Clock
  readonly random: Random
}

const METHOD = '/ProxyService/Proxy'
/** As long as upstream waits for the proxy, and for what it is to reach. */
const DIAL_MS = 30_000
/** Larger writes are sent in parts: gRPC takes 4 MB at once. */
const MOST_BYTES = 1024 * 1024
const MOST_RANDOM = 2 ** 48

/**
 * Connections by way of Kubernetes' network proxy (konnectivity) over gRPC: a stream for each, as
 * upstream. The library is loaded with the first of them.
 */
export function dialThroughKonnectivity({ path, clock, random }: KonnectivityOptions): Dial {
  return async (address, signal, onProxyReached) => {
    const {
      Client: GrpcClient,
      connectivityState,
      credentials,
    } = await import('../grpc-library.ts')
    const client = new GrpcClient(`unix://${path}`, credentials.createInsecure(), {
      // One connection that broke would make others wait.
      'grpc.use_local_subchannel_pool': 1,
    })
    const tunnel = new Tunnel(client, BigInt(randomInt(random, MOST_RANDOM) + 1))
    try {
      signal?.throwIfAborted()
      const onAbort = () => tunnel.destroy(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        await deadline(clock, DIAL_MS, 'dial timeout, backstop', tunnel.open(address))
      } finally {
        signal?.removeEventListener('abort', onAbort)
      }
      return tunnel
    } catch (error) {
      const state = client.getChannel().getConnectivityState(false)
      if (state === connectivityState.READY) onProxyReached?.()
      tunnel.destroy()
      throw error
    }
  }
}

/** One connection by a stream of its own. */
class Tunnel extends Duplex {
  readonly #client: Client
  readonly #stream: Stream
  /** By which the answer to the dial is known. */
  readonly #random: bigint
  #connectID: bigint | undefined
  /** The other side has said its last. */
  #isEnded = false
  #opening: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined

  constructor(client: Client, random: bigint) {
    super()
    this.#client = client
    this.#random = random
    this.#stream = client.makeBidiStreamRequest<Given<typeof packet>, Packet>(
      METHOD,
      (value) => encode(packet, value),
      (bytes) => decode(packet, bytes),
    )
    this.on('error', () => {}) // Whoever opens it is told, and whoever has it sees its end.
    this.#stream.on('data', (received: Packet) => this.#receive(received))
    this.#stream.on('error', (error) => this.#fail(error))
    this.#stream.on('end', () => this.#fail(new Error('tunnel is closed')))
  }

  /** Rejects with what the proxy says against it. */
  open({ host, port }: DialAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject }
      const dialRequest = {
        ...{ protocol: 'tcp', address: authorityOf(host, port) },
        random: this.#random,
      }
      this.#stream.write({ type: 'DIAL_REQ', dialRequest })
    })
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void) {
    const connectID = this.#connectID ?? 0n
    const parts: Uint8Array[] = []
    for (let at = 0; at < chunk.length; at += MOST_BYTES) {
      parts.push(chunk.subarray(at, at + MOST_BYTES))
    }
    const writeNext = () => {
      const data = parts.shift()
      if (data === undefined) done()
      else if (this.#stream.write({ type: 'DATA', data: { connectID, data } })) writeNext()
      else this.#stream.once('drain', writeNext)
    }
    writeNext()
  }

  override _read(): void {
    this.#stream.resume()
  }

  /** The protocol knows no half of a connection: its other side answers, and closes it. */
  override _final(done: () => void): void {
    this.#sendClose()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#opening?.reject(error ?? new Error('the dial was ended'))
    this.#opening = undefined
    this.#sendClose()
    this.#stream.end()
    // What was said last is sent before.
    setImmediate(() => {
      this.#stream.cancel()
      this.#client.close()
    })
    done(error)
  }

  #sendClose(): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return
    const connectID = this.#connectID
    if (connectID === undefined) {
      this.#stream.write({ type: 'DIAL_CLS', closeDial: { random: this.#random } })
    } else this.#stream.write({ type: 'CLOSE_REQ', closeRequest: { connectID } })
  }

  #receive({ type, dialResponse, data }: Packet): void {
    if (type === 'DIAL_RSP' && dialResponse !== undefined) this.#opened(dialResponse)
    else if (type === 'DATA' && data !== undefined) {
      if (data.data.length > 0 && !this.push(data.data)) this.#stream.pause()
    } else if (type === 'CLOSE_RSP') {
      this.#isEnded = true
      this.push(null)
    } else if (type === 'DIAL_CLS') this.#fail(new Error('dial closed'))
  }

  #opened({ error, connectID, random }: NonNullable<Packet['dialResponse']>): void {
    if (random !== this.#random) return
    if (error !== '') {
      this.#fail(new Error(error))
      return
    }
    this.#connectID = connectID
    this.#opening?.resolve()
    this.#opening = undefined
  }

  #fail(error: Error): void {
    if (!this.destroyed && !this.#isEnded) this.destroy(error)
  }
}
