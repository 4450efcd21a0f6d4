import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WatchFormat, WatchFrame } from '../response.ts'
import { SharedFrames } from './shared-frames.ts'

const frameOf = (text: string): WatchFrame => ({
  event: {} as never,
  bytes: (format: WatchFormat) => Buffer.from(`${format} ${text}\n`),
})

test('watches that are told the same share one buffer, and others get their own', () => {
  const shared = new SharedFrames()
  const frames = ['1', '2', '3'].map(frameOf)
  const [first, , third] = frames as [WatchFrame, WatchFrame, WatchFrame]
  const bytes = shared.join(frames, 'json')
  assert.equal(bytes?.toString(), 'json 1\njson 2\njson 3\n')
  assert.equal(shared.join([...frames], 'json'), bytes)
  assert.equal(shared.join([first, third], 'json')?.toString(), 'json 1\njson 3\n')
  assert.equal(shared.join(frames, 'cbor')?.toString(), 'cbor 1\ncbor 2\ncbor 3\n')
  assert.equal(shared.join([...frames], 'json'), bytes)
  assert.equal(shared.join([], 'json')?.length, 0)
})

test('a single frame is sent as it is, however large; too much together is not joined', () => {
  const shared = new SharedFrames()
  const large = Buffer.alloc(1024 * 1024)
  const frame = { event: {} as never, bytes: () => large }
  assert.equal(shared.join([frame], 'json'), large)
  assert.equal(shared.join([frame, frame], 'json'), undefined)
  assert.equal(shared.join(Array(200).fill(frameOf('x')), 'json'), undefined)
})

test('a few runs are remembered, not more', () => {
  const shared = new SharedFrames()
  const frames = ['1', '2'].map(frameOf)
  const bytes = shared.join(frames, 'json')
  for (let other = 0; other < 3; other++) shared.join(['a', 'b'].map(frameOf), 'json')
  assert.equal(shared.join(frames, 'json'), bytes)
  shared.join(['a', 'b'].map(frameOf), 'json')
  assert.notEqual(shared.join(frames, 'json'), bytes)
})
