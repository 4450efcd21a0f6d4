import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Server, ServerCredentials, status, type UntypedHandleCall } from '@grpc/grpc-js'
import { type Clock, systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { decode, encode } from '../../base/protobuf/codec.ts'
import type { Given, MessageType } from '../../base/protobuf/message.ts'
import type { ContainerEvent } from '../container-runtime.ts'
import { hasRuntimeCode, isRuntimeNotFound, RuntimeError } from '../runtime-error.ts'
import type { Method } from './connection.ts'
import { GrpcRuntime } from './grpc-runtime.ts'
import * as methods from './methods.ts'

interface Handler {
  readonly method: Method<MessageType, MessageType>
  readonly isStream?: boolean
  readonly handle: UntypedHandleCall
}

/** Answers a call with a message or with an error's code and details. */
function answering<Q extends MessageType, A extends MessageType>(
  method: Method<Q, A>,
  answer: (request: unknown) => Given<A> | { readonly code: status; readonly details: string },
): Handler {
  const handle = (call: { request: unknown }, reply: (error: unknown, value?: unknown) => void) => {
    const value = answer(call.request)
    if ('details' in value) reply(value)
    else reply(null, value)
  }
  return { method, handle: handle as UntypedHandleCall }
}

async function serve(socket: string, handlers: readonly Handler[]): Promise<Server> {
  const server = new Server()
  for (const { method, handle, isStream = false } of handlers) {
    const [, service = '', name = ''] = method.path.split('/')
    server.addService(
      {
        [name]: {
          path: `/${service}/${name}`,
          requestStream: false,
          responseStream: isStream,
          requestSerialize: (value: object) => Buffer.from(encode(method.request, value)),
          requestDeserialize: (bytes: Buffer) => decode(method.request, bytes),
          responseSerialize: (value: object) => Buffer.from(encode(method.answer, value)),
          responseDeserialize: (bytes: Buffer) => decode(method.answer, bytes),
        },
      },
      { [name]: handle },
    )
  }
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    )
  })
  return server
}

function place(t: TestContext, clock: Clock = systemClock) {
  const directory = mkdtempSync(join(tmpdir(), 'wherry-cri-'))
  const socketPath = join(directory, 'cri.sock')
  const runtime = new GrpcRuntime({ socketPath, clock, logger: silentLogger })
  t.after(() => {
    runtime.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return { socketPath, runtime }
}

/** Does not wait as long as it is told to. */
const hasty: Clock = {
  ...systemClock,
  after: (ms, fn) => systemClock.after(ms / 100, fn),
}

const version = answering(methods.version, () => ({ runtimeName: 'fake' }))

test('requests and answers are CRI’s, errors keep their code and words', async (t) => {
  const { socketPath, runtime } = place(t)
  const server = await serve(socketPath, [
    answering(methods.runPodSandbox, (request) => {
      const { config } = request as { config: { metadata: { name: string } } }
      return { podSandboxId: `id of ${config.metadata.name}` }
    }),
    answering(methods.containerStatus, () => ({ code: status.NOT_FOUND, details: 'no such one' })),
  ])
  t.after(() => server.forceShutdown())
  assert.equal(await runtime.runPodSandbox({ metadata: { name: 'web' } }), 'id of web')
  await assert.rejects(runtime.containerStatus('x'), (error) => {
    assert.ok(error instanceof RuntimeError && isRuntimeNotFound(error))
    assert.equal(error.method, 'ContainerStatus')
    assert.equal(error.message, 'rpc error: code = NotFound desc = no such one')
    return true
  })
  assert.equal(await runtime.runtimeConfig(), undefined)
})

test('a call that nobody answers ends with the signal, whose reason it rejects with', async (t) => {
  const { socketPath, runtime } = place(t)
  let onCall = () => {}
  let onCancelled = () => {}
  const called = new Promise<void>((resolve) => {
    onCall = resolve
  })
  const cancelled = new Promise<void>((resolve) => {
    onCancelled = resolve
  })
  const silent = (call: { on: (event: 'cancelled', fn: () => void) => void }) => {
    call.on('cancelled', onCancelled)
    onCall()
  }
  const server = await serve(socketPath, [
    { method: methods.version, handle: silent as UntypedHandleCall },
  ])
  t.after(() => server.forceShutdown())
  const abort = new AbortController()
  const call = runtime.version({ signal: abort.signal })
  await called
  abort.abort(new Error('no longer wanted'))
  await assert.rejects(call, /no longer wanted/)
  await cancelled
  await assert.rejects(runtime.version({ signal: abort.signal }), /no longer wanted/)

  const late = new AbortController()
  const early = runtime.version({ signal: late.signal })
  late.abort(new Error('before it was sent'))
  await assert.rejects(early, /before it was sent/)
})

test('without a runtime a call fails at once; when it is back, calls succeed again', async (t) => {
  const { socketPath, runtime } = place(t)
  const isAway = (error: unknown) => hasRuntimeCode(error, 'Unavailable')
  await assert.rejects(runtime.version(), isAway)
  for (let round = 0; round < 2; round++) {
    const server = await serve(socketPath, [version])
    const deadline = systemClock.monotonic() + 5000
    for (;;) {
      const answer = await runtime.version().catch((error) => {
        assert.ok(isAway(error) && systemClock.monotonic() < deadline, String(error))
      })
      if (answer?.runtimeName === 'fake') break
      await new Promise(setImmediate)
    }
    server.forceShutdown()
    rmSync(socketPath, { force: true })
  }
})

test('CRI’s own events are used where there are any, after a RELIST', async (t) => {
  const { socketPath, runtime } = place(t)
  const stream = (call: { write: (value: unknown) => void }) => {
    call.write({
      containerId: 'c1',
      containerEventType: 'CONTAINER_STOPPED_EVENT',
      createdAt: 5n,
      podSandboxStatus: { id: 'p1' },
    })
  }
  const handle = stream as UntypedHandleCall
  const events = { method: methods.getContainerEvents, isStream: true, handle }
  const server = await serve(socketPath, [version, events])
  t.after(() => server.forceShutdown())
  const abort = new AbortController()
  const seen: ContainerEvent[] = []
  for await (const event of runtime.containerEvents(abort.signal)) {
    seen.push(event)
    if (seen.length === 2) abort.abort()
  }
  const change = seen.find(({ type }) => type !== 'RELIST')
  assert.deepEqual(change, {
    type: 'CONTAINER_STOPPED_EVENT',
    containerId: 'c1',
    podSandboxId: 'p1',
    createdAt: 5n,
  })
  assert.ok(seen.some(({ type }) => type === 'RELIST'))
})

test('a runtime that tells of nothing is looked at again and again', async (t) => {
  const { socketPath, runtime } = place(t, hasty)
  const server = await serve(socketPath, [version])
  t.after(() => server.forceShutdown())
  const abort = new AbortController()
  let relists = 0
  for await (const event of runtime.containerEvents(abort.signal)) {
    assert.equal(event.type, 'RELIST')
    if (++relists === 4) abort.abort()
  }
  assert.equal(relists, 4)
})
