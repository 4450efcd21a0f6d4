import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createDeflate, createInflate, constants as zlib } from 'node:zlib'
import { DICTIONARY_TAIL, DICTIONARY_WORDS } from './dictionary.data.ts'
import { HeaderCompressor, HeaderDecompressor, type SpdyHeaders } from './header-block.ts'

const dictionary = Buffer.concat([
  ...DICTIONARY_WORDS.map((word) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(word.length)
    return Buffer.concat([length, Buffer.from(word)])
  }),
  Buffer.from(DICTIONARY_TAIL),
])

const blocks: SpdyHeaders[] = [
  { streamtype: ['error'] },
  { streamtype: ['stdout'], accept: ['a', 'b'] },
  ...Array.from({ length: 500 }, (_, index) => ({
    streamtype: ['data'],
    port: ['6379'],
    requestid: [`${index}`],
    filler: [`${index}`.repeat(60)],
  })),
  { '': [''], unicode: ['grüße'] },
]

describe('SPDY header blocks', () => {
  test('every block comes back, also past the 32 KB window', () => {
    const compressor = new HeaderCompressor()
    const decompressor = new HeaderDecompressor()
    for (const headers of blocks) {
      const back = decompressor.decompress(compressor.compress(headers))
      assert.deepEqual({ ...back }, headers)
    }
  })

  test('the blocks are one zlib stream with the dictionary, as any zlib reads it', async () => {
    const compressor = new HeaderCompressor()
    const inflate = createInflate({ dictionary, finishFlush: zlib.Z_SYNC_FLUSH })
    for (const headers of blocks) inflate.write(compressor.compress(headers))
    inflate.end()
    const text = Buffer.concat(await inflate.toArray()).toString()
    assert.ok(text.includes('requestid') && text.includes('499'.repeat(60)))
    assert.ok(text.endsWith('grüße'))
  })

  test('it reads what zlib writes with a flush after each block', async () => {
    const deflate = createDeflate({ dictionary })
    const reader = new HeaderDecompressor()
    for (const value of ['one', 'two', 'two again']) {
      const written: Buffer[] = []
      deflate.on('data', (chunk: Buffer) => written.push(chunk))
      deflate.write(plainBlock('streamtype', value))
      await new Promise<void>((resolve) => deflate.flush(zlib.Z_SYNC_FLUSH, () => resolve()))
      deflate.removeAllListeners('data')
      assert.deepEqual({ ...reader.decompress(Buffer.concat(written)) }, { streamtype: [value] })
    }
    deflate.close()
  })

  test('a block that unpacks to far too much is refused', () => {
    const packed = new HeaderCompressor().compress({ a: ['x'.repeat(10_000_000)] })
    assert.throws(() => new HeaderDecompressor().decompress(packed), /Cannot create a Buffer/)
  })
})

function plainBlock(name: string, value: string): Buffer {
  const block = Buffer.alloc(12 + name.length + value.length)
  block.writeUInt32BE(1, 0)
  block.writeUInt32BE(name.length, 4)
  block.write(name, 8)
  block.writeUInt32BE(value.length, 8 + name.length)
  block.write(value, 12 + name.length)
  return block
}
