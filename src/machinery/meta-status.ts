import { ListMeta } from './object-meta.ts'
import { type Infer, s } from './schema.ts'

/** One of the causes of a failure, such as a wrong field. */
export const StatusCause = s.struct('meta.v1.StatusCause', {
  reason: s.string().optional(),
  message: s.string().optional(),
  field: s.string().optional(),
})
export interface StatusCause extends Infer<typeof StatusCause> {}

/** The object of a failure, its causes and when to try again. */
export const StatusDetails = s.struct('meta.v1.StatusDetails', {
  name: s.string().optional(),
  group: s.string().optional(),
  kind: s.string().optional(),
  uid: s.string().optional(),
  causes: s.list(StatusCause, { listType: 'atomic' }).optional(),
  retryAfterSeconds: s.int32().optional(),
})
export interface StatusDetails extends Infer<typeof StatusDetails> {}

/** The outcome of a request: above all why it failed. */
export const Status = s.struct('meta.v1.Status', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  metadata: ListMeta.default({}),
  status: s.string().optional(),
  message: s.string().optional(),
  reason: s.string().optional(),
  details: StatusDetails.optional(),
  code: s.int32().optional(),
})
export interface Status extends Infer<typeof Status> {}
