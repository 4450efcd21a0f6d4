import { type Infer, s } from '../../../machinery/schema.ts'

export const EventSource = s.struct('core.v1.EventSource', {
  component: s.string().optional(),
  host: s.string().optional(),
})
export interface EventSource extends Infer<typeof EventSource> {}
