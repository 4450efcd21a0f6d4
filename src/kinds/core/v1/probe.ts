import { type Infer, s } from '../../../machinery/schema.ts'
import { STOP_SIGNALS } from './stop-signals.data.ts'

/** A command to run in the container; exit code 0 is success. */
export const ExecAction = s.struct('core.v1.ExecAction', {
  command: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface ExecAction extends Infer<typeof ExecAction> {}

/** A gRPC health check. */
export const GRPCAction = s.struct('core.v1.GRPCAction', {
  port: s.int32(),
  service: s.string().publishedDefault('').pointer(),
})
export interface GRPCAction extends Infer<typeof GRPCAction> {}

/** A header of a probe's request. */
export const HTTPHeader = s.struct('core.v1.HTTPHeader', {
  name: s.string(),
  value: s.string(),
})
export interface HTTPHeader extends Infer<typeof HTTPHeader> {}

/** A GET request; 200 to 399 is success. */
export const HTTPGetAction = s.struct('core.v1.HTTPGetAction', {
  path: s.string().default('/'),
  port: s.intOrString(),
  host: s.string().optional(),
  scheme: s.oneOf('HTTP', 'HTTPS').default('HTTP'),
  httpHeaders: s.list(HTTPHeader, { listType: 'atomic' }).optional(),
})
export interface HTTPGetAction extends Infer<typeof HTTPGetAction> {}

/** A connection to open; success is that it opens. */
export const TCPSocketAction = s.struct('core.v1.TCPSocketAction', {
  port: s.intOrString(),
  host: s.string().optional(),
})
export interface TCPSocketAction extends Infer<typeof TCPSocketAction> {}

/** A pause. */
export const SleepAction = s.struct('core.v1.SleepAction', {
  seconds: s.int64(),
})
export interface SleepAction extends Infer<typeof SleepAction> {}

/** What is run at a point of a container's life; one of the fields is set. */
export const LifecycleHandler = s.struct('core.v1.LifecycleHandler', {
  exec: ExecAction.optional(),
  httpGet: HTTPGetAction.optional(),
  tcpSocket: TCPSocketAction.optional(),
  sleep: SleepAction.optional(),
})
export interface LifecycleHandler extends Infer<typeof LifecycleHandler> {}

/** What is run after a container's start and before its stop. */
export const Lifecycle = s.struct('core.v1.Lifecycle', {
  postStart: LifecycleHandler.optional(),
  preStop: LifecycleHandler.optional(),
  stopSignal: s
    .oneOf(...STOP_SIGNALS)
    .optional()
    .pointer(),
})
export interface Lifecycle extends Infer<typeof Lifecycle> {}

/** A check that the kubelet runs again and again, and how many results count. */
export const Probe = s.struct('core.v1.Probe', {
  exec: ExecAction.optional(),
  httpGet: HTTPGetAction.optional(),
  tcpSocket: TCPSocketAction.optional(),
  grpc: GRPCAction.optional(),
  initialDelaySeconds: s.int32().optional(),
  timeoutSeconds: s.int32().default(1),
  periodSeconds: s.int32().default(10),
  successThreshold: s.int32().default(1),
  failureThreshold: s.int32().default(3),
  terminationGracePeriodSeconds: s.int64().optional().pointer(),
})
export interface Probe extends Infer<typeof Probe> {}
