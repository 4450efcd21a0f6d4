import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from './pod-spec-defaults.ts'
import type { ReplicationController } from './replication-controller.ts'

/** The selector and the controller's own labels are those of its pods when they are not given. */
export function setReplicationControllerDefaults(
  controller: ReplicationController,
): ReplicationController {
  const { metadata, spec } = controller
  const labels = spec.template?.metadata.labels
  const takesLabels = labels !== undefined && isEmpty(metadata.labels)
  return withFields(controller, {
    ...(takesLabels && { metadata: { ...metadata, labels } }),
    spec: withFields(spec, {
      ...(spec.template && { template: setTemplateDefaults(spec.template) }),
      ...(labels !== undefined && isEmpty(spec.selector) && { selector: labels }),
    }),
  })
}

function isEmpty(labels: { readonly [key: string]: string } | undefined): boolean {
  return Object.keys(labels ?? {}).length === 0
}
