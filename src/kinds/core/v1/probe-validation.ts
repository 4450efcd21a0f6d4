import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { httpHeaderNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative, validatePort } from './field-rules.ts'
import type { PodOS } from './pod-spec.ts'
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from './probe.ts'

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const
const COUNTERS = [
  ...(['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds'] as const),
  ...(['successThreshold', 'failureThreshold'] as const),
]

interface Probes {
  readonly livenessProbe?: Probe | undefined
  readonly readinessProbe?: Probe | undefined
  readonly startupProbe?: Probe | undefined
}

export function* validateProbes(container: Probes, path: FieldPath): FieldErrors {
  const { livenessProbe, readinessProbe, startupProbe } = container
  if (livenessProbe) yield* validateSingleSuccess(livenessProbe, path.child('livenessProbe'))
  if (readinessProbe) yield* validateReadiness(readinessProbe, path.child('readinessProbe'))
  if (startupProbe) yield* validateSingleSuccess(startupProbe, path.child('startupProbe'))
}

/** What must happen once cannot be asked to happen more often. */
function* validateSingleSuccess(probe: Probe, path: FieldPath): FieldErrors {
  yield* validateProbe(probe, path)
  if (probe.successThreshold !== 1) {
    yield invalid(path.child('successThreshold'), probe.successThreshold, 'must be 1')
  }
}

function* validateReadiness(probe: Probe, path: FieldPath): FieldErrors {
  yield* validateProbe(probe, path)
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined) {
    const why = 'must not be set for readinessProbes'
    yield invalid(path.child('terminationGracePeriodSeconds'), seconds, why)
  }
}

function* validateProbe(probe: Probe, path: FieldPath): FieldErrors {
  const { exec, httpGet, tcpSocket, grpc } = probe
  yield* validateHandler({ exec, httpGet, tcpSocket, grpc }, undefined, path)
  for (const name of COUNTERS) yield* validateNonNegative(probe[name] ?? 0, path.child(name))
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined && seconds <= 0) {
    yield invalid(path.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0')
  }
}

/** `gracePeriodSeconds` is the pod's: a pause before the stop must fit into it. */
export function* validateLifecycle(
  { postStart, preStop, stopSignal }: Lifecycle,
  pod: { readonly gracePeriodSeconds: number; readonly os: PodOS | undefined },
  path: FieldPath,
): FieldErrors {
  const { gracePeriodSeconds, os } = pod
  if (postStart) yield* validateHandler(postStart, gracePeriodSeconds, path.child('postStart'))
  if (preStop) yield* validateHandler(preStop, gracePeriodSeconds, path.child('preStop'))
  if (stopSignal !== undefined) {
    yield* validateStopSignal(stopSignal, os, path.child('stopSignal'))
  }
}

function* validateStopSignal(signal: string, os: PodOS | undefined, path: FieldPath): FieldErrors {
  if (os === undefined) {
    yield forbidden(path, 'may not be set for containers with empty `spec.os.name`')
  } else if (os.name === 'windows' && signal !== 'SIGKILL' && signal !== 'SIGTERM') {
    yield notSupported(path, signal, ['SIGKILL', 'SIGTERM'])
  }
}

type Handler = Partial<Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>> &
  Partial<Pick<LifecycleHandler, 'sleep'>>

function* validateHandler(
  handler: Handler,
  gracePeriodSeconds: number | undefined,
  path: FieldPath,
): FieldErrors {
  const [first, ...others] = HANDLERS.filter((name) => handler[name] !== undefined)
  if (first === undefined) {
    yield required(path, 'must specify a handler type')
    return
  }
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  const firstPath = path.child(first)
  if (first === 'exec' && (exec?.command ?? []).length === 0)
    yield required(firstPath.child('command'))
  if (first === 'httpGet' && httpGet) yield* validateHttpGet(httpGet, firstPath)
  if (first === 'tcpSocket' && tcpSocket) {
    yield* validatePort(tcpSocket.port, firstPath.child('port'))
  }
  if (first === 'grpc' && grpc) yield* validatePort(grpc.port, firstPath.child('port'))
  if (first === 'sleep' && sleep && gracePeriodSeconds !== undefined) {
    if (sleep.seconds < 0 || sleep.seconds > gracePeriodSeconds) {
      const limit = `less than terminationGracePeriodSeconds (${gracePeriodSeconds})`
      yield invalid(firstPath, sleep.seconds, `must be non-negative and ${limit}`)
    }
  }
  for (const name of others) {
    yield forbidden(path.child(name), 'may not specify more than 1 handler type')
  }
}

function* validateHttpGet(action: HTTPGetAction, path: FieldPath): FieldErrors {
  const { path: target, port, scheme, httpHeaders = [] } = action
  if (target === '') yield required(path.child('path'))
  yield* validatePort(port, path.child('port'))
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') {
    yield notSupported(path.child('scheme'), scheme, ['HTTP', 'HTTPS'])
  }
  for (const { name } of httpHeaders) {
    yield* invalids(path.child('httpHeaders'), name, httpHeaderNameErrors(name))
  }
}
