import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { controlFrame, FrameType } from './frames.ts'
import { SpdySession } from './spdy-session.ts'
import type { SpdyStream } from './spdy-stream.ts'

/** Two ends of a connection that delivers in chunks of `chunkBytes`, a turn later. */
function connection(chunkBytes = 16 * 1024): [Duplex, Duplex] {
  const ends: Duplex[] = []
  const create = (other: () => Duplex): Duplex => {
    let resume: (() => void) | undefined
    return new Duplex({
      read() {
        resume?.()
        resume = undefined
      },
      write(chunk: Buffer, _encoding, done) {
        void (async () => {
          for (let at = 0; at < chunk.length; at += chunkBytes) {
            await setImmediate()
            const wantsMore = other().push(chunk.subarray(at, at + chunkBytes))
            if (!wantsMore) await new Promise<void>((resolve) => waits.set(other(), resolve))
          }
          done()
        })()
      },
      final(done) {
        other().push(null)
        done()
      },
    })
  }
  const waits = new Map<Duplex, () => void>()
  for (const index of [0, 1]) {
    const end = create(() => ends[1 - index] as Duplex)
    const read = end._read.bind(end)
    end._read = (size) => {
      read(size)
      const wait = waits.get(end)
      waits.delete(end)
      wait?.()
    }
    ends.push(end)
  }
  return ends as [Duplex, Duplex]
}

function pair(onStream: (stream: SpdyStream) => void, chunkBytes?: number) {
  const [left, right] = connection(chunkBytes)
  const server = new SpdySession(right, { role: 'server', onStream })
  const client = new SpdySession(left, { role: 'client' })
  return { client, server, left, right }
}

/** Iterating over a Duplex would destroy it at its end, also the half that is still open. */
async function text(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks).toString()
}

const echo = (stream: SpdyStream): void => {
  stream.accept()
  stream.pipe(stream)
}

describe('SPDY session', { timeout: 20_000 }, () => {
  for (const chunkBytes of [1, 7, 16 * 1024]) {
    test(`streams carry headers and data, ${chunkBytes} bytes at a time`, async () => {
      const seen: string[] = []
      const { client, server } = pair((stream) => {
        seen.push(stream.header('streamtype'))
        echo(stream)
      }, chunkBytes)
      const streams = await Promise.all(
        ['error', 'stdin', 'stdout'].map((type) => client.openStream({ streamType: [type] })),
      )
      const answers = await Promise.all(
        streams.map((stream, index) => {
          stream.end(`hello ${index}`)
          return text(stream)
        }),
      )
      assert.deepEqual(seen, ['error', 'stdin', 'stdout'])
      assert.deepEqual(answers, ['hello 0', 'hello 1', 'hello 2'])
      client.close()
      await Promise.all([client.closed, server.closed])
      assert.equal(client.streamCount + server.streamCount, 0)
    })
  }

  test('megabytes go both ways at once and arrive whole', async () => {
    const { client } = pair(echo)
    const stream = await client.openStream({ streamtype: ['data'] })
    const sent = Buffer.alloc(5 * 1024 * 1024)
    for (let index = 0; index < sent.length; index++) sent[index] = (index * 31) % 251
    stream.end(sent)
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk)
    assert.ok(Buffer.concat(chunks).equals(sent))
    client.close()
    await client.closed
  })

  test('many streams share one connection, and its listeners do not pile up', async () => {
    const warnings: string[] = []
    const onWarning = ({ message }: Error) => warnings.push(message)
    process.on('warning', onWarning)
    const { client } = pair(echo)
    const sent = Buffer.alloc(256 * 1024, 'm')
    const sizes = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const stream = await client.openStream({ streamtype: ['data'] })
        stream.end(sent)
        return (await text(stream)).length
      }),
    )
    assert.ok(sizes.every((size) => size === sent.length))
    client.close()
    await client.closed
    process.off('warning', onWarning)
    assert.deepEqual(warnings, [])
  })

  test('a reader that is slow stops its own stream, and no other', async () => {
    const slow: SpdyStream[] = []
    const { client } = pair((stream) => {
      if (stream.header('streamtype') !== 'slow') return echo(stream)
      stream.accept()
      slow.push(stream)
    })
    const stuck = await client.openStream({ streamtype: ['slow'] })
    let taken = 0
    const writing = (async () => {
      for (; taken < 100; taken++) {
        if (!stuck.write(Buffer.alloc(64 * 1024))) await once(stuck, 'drain')
      }
      stuck.end()
    })()
    const quick = await client.openStream({ streamtype: ['quick'] })
    quick.end('passes')
    assert.equal(await text(quick), 'passes')
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    assert.ok(taken < 20, `${taken * 64} KB were taken though nobody reads`)
    const [reader] = slow
    assert.ok(reader !== undefined)
    assert.equal((await text(reader)).length, 100 * 64 * 1024)
    await writing
    client.destroy()
    await client.closed
  })

  test('a peer without flow control, as all of Go, is never waited for', async () => {
    const [left, right] = connection()
    const received: Buffer[] = []
    right.on('data', (chunk: Buffer) => received.push(chunk))
    const client = new SpdySession(left, { role: 'client' })
    const opening = client.openStream({})
    await setImmediate()
    // SYN_REPLY by hand; nothing else is ever said.
    const { HeaderCompressor } = await import('./header-block.ts')
    right.write(controlFrame(FrameType.SYN_REPLY, 0, [1], new HeaderCompressor().compress({})))
    const stream = await opening
    stream.end(Buffer.alloc(1024 * 1024))
    await once(stream, 'finish')
    const total = () => received.reduce((sum, chunk) => sum + chunk.length, 0)
    while (total() < 1024 * 1024) await setImmediate()
    client.destroy()
    await client.closed
  })

  test('a stream can be refused, reset, and half-closed', async () => {
    const accepted: SpdyStream[] = []
    const { client } = pair((stream) => {
      if (stream.header('streamtype') === 'bad') return stream.refuse()
      stream.accept()
      accepted.push(stream)
    })
    await assert.rejects(client.openStream({ streamtype: ['bad'] }), /refused \(3\)/)
    const stream = await client.openStream({ streamtype: ['good'] })
    const [theirs] = accepted
    assert.ok(theirs !== undefined)
    stream.end('only this way')
    assert.equal(await text(theirs), 'only this way')
    theirs.write('and still back')
    assert.equal(String((await once(stream, 'data'))[0]), 'and still back')
    theirs.destroy()
    await once(stream, 'end')
    client.close()
    await client.closed
  })

  test('pings are answered; a lost connection ends streams and openings', async () => {
    const { client, right } = pair(() => {})
    await client.ping()
    const opening = client.openStream({})
    const rejected = assert.rejects(opening, /has ended/)
    await setImmediate()
    right.destroy()
    right.push(null)
    client.destroy()
    await rejected
    await client.closed
    await assert.rejects(client.openStream({}), /takes no more streams/)
  })

  test('bytes that are no SPDY end the connection', async () => {
    const [left, right] = connection()
    const server = new SpdySession(right, { role: 'server', onStream: echo })
    left.resume()
    left.write(Buffer.from('\x80\x02\x00\x01\x00\x00\x00\x00not version three', 'latin1'))
    await server.closed
  })
})
