import { Readable } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import type { Profiler } from '../../base/profiler.ts'
import type { FlowControl } from '../flow-control/flow-control.ts'
import { dumpPriorityLevels, dumpQueues, dumpRequests } from '../flow-control/flow-control-dump.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { respondWithText } from './document.ts'

export interface DebugEndpointsOptions {
  readonly profiler: Profiler
  readonly flowControl: FlowControl
  readonly clock: Clock
}

type Answer = (request: ServerRequest) => ServerResponse | Promise<ServerResponse>

const FLOWS = '/debug/api_priority_and_fairness'
const PPROF = '/debug/pprof'
const USUAL_SECONDS = 30
/** A request that is no watch has a minute. */
const MOST_SECONDS = 55

/**
 * What goes on in the server, for those who run it (`--profiling`): flow control under upstream's
 * paths, and profiles under those of Go, though in the forms of V8. Only who may get `/debug/*` sees
 * it, which by default is the group system:masters.
 */
export class DebugEndpoints {
  readonly #answers: ReadonlyMap<string, Answer>

  constructor(options: DebugEndpointsOptions) {
    const { flowControl, clock } = options
    const details = ({ query }: ServerRequest) => (query.get('includeRequestDetails') ?? '') !== ''
    this.#answers = new Map<string, Answer>([
      [`${FLOWS}/dump_priority_levels`, () => respondWithText(dumpPriorityLevels(flowControl))],
      [`${FLOWS}/dump_queues`, () => respondWithText(dumpQueues(flowControl))],
      [
        `${FLOWS}/dump_requests`,
        (request) => respondWithText(dumpRequests(flowControl, clock, details(request))),
      ],
      ...profiles(options),
    ])
  }

  /** Undefined where the path is not one of these. */
  answer(request: ServerRequest): ServerResponse | Promise<ServerResponse> | undefined {
    return this.#answers.get(request.path.replace(/(?<=.)\/$/, ''))?.(request)
  }
}

function profiles({ profiler }: DebugEndpointsOptions): readonly (readonly [string, Answer])[] {
  const text = [
    `${PPROF}/profile?seconds=30    where the time goes: a .cpuprofile`,
    `${PPROF}/heap?seconds=30       what is allocated and stays: a .heapprofile`,
    `${PPROF}/heapsnapshot          all objects; the server stands still meanwhile`,
    'Chrome DevTools and editors open all three.',
  ]
  const timed =
    (name: string, run: Profiler['cpu']): Answer =>
    async (request) => {
      const seconds = Number(request.query.get('seconds') ?? USUAL_SECONDS)
      if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
        return respondWithText(`seconds must be from 1 to ${MOST_SECONDS}\n`, 400)
      }
      const profile = await run(seconds * 1000, request.signal)
      return attachment(name, Readable.from([Buffer.from(JSON.stringify(profile))]))
    }
  return [
    [PPROF, () => respondWithText(`${text.join('\n')}\n`)],
    [`${PPROF}/profile`, timed('wherry.cpuprofile', (ms, signal) => profiler.cpu(ms, signal))],
    [`${PPROF}/heap`, timed('wherry.heapprofile', (ms, signal) => profiler.heap(ms, signal))],
    [`${PPROF}/heapsnapshot`, () => attachment('wherry.heapsnapshot', profiler.snapshot())],
  ]
}

function attachment(name: string, body: Readable): ServerResponse {
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
  }
  return { type: 'stream', code: 200, headers, body }
}
