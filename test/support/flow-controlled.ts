import assert from 'node:assert/strict'
import { FlowControl } from '../../src/apiserver/flow-control/flow-control.ts'
import { maintainFlowControl } from '../../src/apiserver/flow-control/maintain-flow-control.ts'
import { priorityAndFairness } from '../../src/apiserver/flow-control/priority-and-fairness.ts'
import { workFactsOf } from '../../src/apiserver/flow-control/work-facts.ts'
import type { Handler } from '../../src/apiserver/handler.ts'
import { ServerRequest, type UserInfo } from '../../src/apiserver/request.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { StatusError } from '../../src/machinery/status-error.ts'
import { createTestServer } from './api-server.ts'
import { settle, type VirtualClock } from './virtual-clock.ts'

/** A user who has proved who they are. */
export const user = (name: string, ...groups: string[]): UserInfo => ({
  name,
  groups: [...groups, 'system:authenticated'],
})

/** Flow control over a real configuration, in front of requests that take their time. */
export async function flowControlled() {
  const api = await createTestServer()
  const { clock, resources, client } = api
  const stop = new AbortController()
  const context = { clock, logger: silentLogger, signal: stop.signal }
  const flowControl = new FlowControl(clock, silentLogger)
  await flowControl.follow(resources, context)
  await maintainFlowControl(client, { ...context, random: seededRandom(1), flowControl })
  const inFlight = { readOnly: 0, mutating: 0 }
  const facts = workFactsOf(resources)
  const filter = priorityAndFairness({ flowControl, facts, clock, inFlight })
  const send = async (who: UserInfo, method: string, url: string, takesMs = 10) => {
    const request = wireRequest(who, method, url)
    const arrivedMs = clock.monotonic()
    try {
      await filter(request, taking(clock, takesMs))
      return { code: 200, ms: clock.monotonic() - arrivedMs, request, retryAfter: undefined }
    } catch (error) {
      assert.ok(error instanceof StatusError)
      const retryAfter = error.details?.retryAfterSeconds
      return { code: error.code, ms: clock.monotonic() - arrivedMs, request, retryAfter }
    }
  }
  const close = async () => {
    stop.abort()
    api.close()
    await settle()
  }
  return { ...api, flowControl, inFlight, filter, send, close }
}

function taking(clock: VirtualClock, ms: number): Handler {
  return async () => {
    await new Promise<void>((resolve) => clock.after(ms, resolve))
    return { type: 'object', code: 200, object: {} }
  }
}

/** As it comes over a connection. */
export function wireRequest(who: UserInfo, method: string, url: string): ServerRequest {
  return new ServerRequest({
    method,
    url,
    user: who,
    connection: { remoteAddress: '192.0.2.1', peerCertificate: undefined },
    signal: new AbortController().signal,
  })
}
