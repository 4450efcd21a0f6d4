import { type Infer, s } from '../../../machinery/schema.ts'

/** The component that reports an event, and where it runs. */
export const EventSource = s.struct('core.v1.EventSource', {
  component: s.string().optional(),
  host: s.string().optional(),
})
export interface EventSource extends Infer<typeof EventSource> {}
