import {
  type FieldError,
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

export function validateProbes(errors: FieldError[], container: Probes, path: FieldPath): void {
  const { livenessProbe, readinessProbe, startupProbe } = container
  if (livenessProbe) validateSingleSuccess(errors, livenessProbe, path.child('livenessProbe'))
  if (readinessProbe) validateReadiness(errors, readinessProbe, path.child('readinessProbe'))
  if (startupProbe) validateSingleSuccess(errors, startupProbe, path.child('startupProbe'))
}

/** What must happen once cannot be asked to happen more often. */
function validateSingleSuccess(errors: FieldError[], probe: Probe, path: FieldPath): void {
  validateProbe(errors, probe, path)
  if (probe.successThreshold !== 1) {
    errors.push(invalid(path.child('successThreshold'), probe.successThreshold, 'must be 1'))
  }
}

function validateReadiness(errors: FieldError[], probe: Probe, path: FieldPath): void {
  validateProbe(errors, probe, path)
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined) {
    const why = 'must not be set for readinessProbes'
    errors.push(invalid(path.child('terminationGracePeriodSeconds'), seconds, why))
  }
}

function validateProbe(errors: FieldError[], probe: Probe, path: FieldPath): void {
  validateHandler(errors, probe, undefined, path)
  for (const name of COUNTERS) {
    const count = probe[name] ?? 0
    if (count < 0) errors.push(...validateNonNegative(count, path.child(name)))
  }
  const { terminationGracePeriodSeconds: seconds } = probe
  if (seconds !== undefined && seconds <= 0) {
    errors.push(
      invalid(path.child('terminationGracePeriodSeconds'), seconds, 'must be greater than 0'),
    )
  }
}

/** `gracePeriodSeconds` is the pod's: a pause before the stop must fit into it. */
export function validateLifecycle(
  errors: FieldError[],
  { postStart, preStop, stopSignal }: Lifecycle,
  pod: { readonly gracePeriodSeconds: number; readonly os: PodOS | undefined },
  path: FieldPath,
): void {
  const { gracePeriodSeconds, os } = pod
  if (postStart) validateHandler(errors, postStart, gracePeriodSeconds, path.child('postStart'))
  if (preStop) validateHandler(errors, preStop, gracePeriodSeconds, path.child('preStop'))
  if (stopSignal !== undefined) {
    validateStopSignal(errors, stopSignal, os, path.child('stopSignal'))
  }
}

function validateStopSignal(
  errors: FieldError[],
  signal: string,
  os: PodOS | undefined,
  path: FieldPath,
): void {
  if (os === undefined) {
    errors.push(forbidden(path, 'may not be set for containers with empty `spec.os.name`'))
  } else if (os.name === 'windows' && signal !== 'SIGKILL' && signal !== 'SIGTERM') {
    errors.push(notSupported(path, signal, ['SIGKILL', 'SIGTERM']))
  }
}

type Handler = Partial<Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>> &
  Partial<Pick<LifecycleHandler, 'sleep'>>

function validateHandler(
  errors: FieldError[],
  handler: Handler,
  gracePeriodSeconds: number | undefined,
  path: FieldPath,
): void {
  let first: (typeof HANDLERS)[number] | undefined
  for (const name of HANDLERS) {
    if (handler[name] === undefined) continue
    if (first === undefined) validateOneHandler(errors, handler, name, gracePeriodSeconds, path)
    else errors.push(forbidden(path.child(name), 'may not specify more than 1 handler type'))
    first ??= name
  }
  if (first === undefined) errors.push(required(path, 'must specify a handler type'))
}

function validateOneHandler(
  errors: FieldError[],
  { exec, httpGet, tcpSocket, grpc, sleep }: Handler,
  name: (typeof HANDLERS)[number],
  gracePeriodSeconds: number | undefined,
  handlerPath: FieldPath,
): void {
  const path = handlerPath.child(name)
  if (name === 'exec' && (exec?.command ?? []).length === 0) {
    errors.push(required(path.child('command')))
  }
  if (name === 'httpGet' && httpGet) validateHttpGet(errors, httpGet, path)
  if (name === 'tcpSocket' && tcpSocket) {
    errors.push(...validatePort(tcpSocket.port, path.child('port')))
  }
  if (name === 'grpc' && grpc) errors.push(...validatePort(grpc.port, path.child('port')))
  if (name === 'sleep' && sleep && gracePeriodSeconds !== undefined) {
    if (sleep.seconds >= 0 && sleep.seconds <= gracePeriodSeconds) return
    const limit = `less than terminationGracePeriodSeconds (${gracePeriodSeconds})`
    errors.push(invalid(path, sleep.seconds, `must be non-negative and ${limit}`))
  }
}

function validateHttpGet(errors: FieldError[], action: HTTPGetAction, path: FieldPath): void {
  const { path: target, port, scheme, httpHeaders } = action
  if (target === '') errors.push(required(path.child('path')))
  errors.push(...validatePort(port, path.child('port')))
  if (scheme !== 'HTTP' && scheme !== 'HTTPS') {
    errors.push(notSupported(path.child('scheme'), scheme, ['HTTP', 'HTTPS']))
  }
  for (const { name } of httpHeaders ?? []) {
    errors.push(...invalids(path.child('httpHeaders'), name, httpHeaderNameErrors(name)))
  }
}
