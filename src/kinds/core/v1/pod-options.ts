import { type Infer, s } from '../../../machinery/schema.ts'

const typeMeta = { kind: s.string().optional(), apiVersion: s.string().optional() }

/** The query of `pods/exec`: which streams are wanted, and the command to run. */
export const PodExecOptions = s.struct('core.v1.PodExecOptions', {
  ...typeMeta,
  stdin: s.bool().optional(),
  stdout: s.bool().optional(),
  stderr: s.bool().optional(),
  tty: s.bool().optional(),
  container: s.string().optional(),
  command: s.list(s.string(), { listType: 'atomic' }),
})
export interface PodExecOptions extends Infer<typeof PodExecOptions> {}

/** The query of `pods/attach`: which streams are wanted. */
export const PodAttachOptions = s.struct('core.v1.PodAttachOptions', {
  ...typeMeta,
  stdin: s.bool().optional(),
  stdout: s.bool().default(true),
  stderr: s.bool().default(true),
  tty: s.bool().optional(),
  container: s.string().optional(),
})
export interface PodAttachOptions extends Infer<typeof PodAttachOptions> {}

/** The query of `pods/log`: which lines are wanted, and whether to wait for more. */
export const PodLogOptions = s.struct('core.v1.PodLogOptions', {
  ...typeMeta,
  container: s.string().optional(),
  follow: s.bool().optional(),
  previous: s.bool().optional(),
  sinceSeconds: s.int64().optional(),
  sinceTime: s.time().optional(),
  timestamps: s.bool().optional(),
  tailLines: s.int64().optional(),
  limitBytes: s.int64().optional(),
  insecureSkipTLSVerifyBackend: s.bool().optional(),
  stream: s.known('All', 'Stdout', 'Stderr').default('All'),
})
export interface PodLogOptions extends Infer<typeof PodLogOptions> {}

/** The query of `pods/portforward`: the ports that streams will be opened to. */
export const PodPortForwardOptions = s.struct('core.v1.PodPortForwardOptions', {
  ...typeMeta,
  ports: s.list(s.int32(), { listType: 'atomic' }).optional(),
})
export interface PodPortForwardOptions extends Infer<typeof PodPortForwardOptions> {}
