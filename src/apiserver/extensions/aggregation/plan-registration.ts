import type { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import { AUTOMANAGED_LABEL, type DesiredApiService } from './local-api-services.ts'

/** What is known of one APIService. */
export interface RegistrationState {
  readonly desired: DesiredApiService | undefined
  readonly current: APIService | undefined
  /** This server has brought it in order once already. */
  readonly hasSynced: boolean
  /** It existed before this server began. */
  readonly wasThereAtStart: boolean
}

/**
 * What to do about an APIService, by upstream's table:
 *
 *     current \ desired            none          once          always
 *     none                         -             create once   create
 *     not kept by servers          -             -             -
 *     once, made since the start   -             -             -
 *     once, there at the start     delete once   update once   update once
 *     always                       delete        update once   update
 */
export function planRegistration(
  state: RegistrationState,
): 'create' | 'update' | 'delete' | 'none' {
  const { desired, current, hasSynced, wasThereAtStart } = state
  if (desired === undefined && current === undefined) return 'none'
  if (desired?.metadata.labels[AUTOMANAGED_LABEL] === 'onstart' && hasSynced) return 'none'
  if (current === undefined) return 'create'
  const management = current.metadata.labels?.[AUTOMANAGED_LABEL]
  if (management !== 'onstart' && management !== 'true') return 'none'
  if (management === 'onstart' && (!wasThereAtStart || hasSynced)) return 'none'
  if (desired === undefined) return 'delete'
  return isAsDesired(current, desired) ? 'none' : 'update'
}

function isAsDesired({ spec }: APIService, { spec: wanted }: DesiredApiService): boolean {
  return (
    spec.service === undefined &&
    (spec.caBundle ?? '') === '' &&
    spec.insecureSkipTLSVerify !== true &&
    (spec.group ?? '') === (wanted.group ?? '') &&
    spec.version === wanted.version &&
    spec.groupPriorityMinimum === wanted.groupPriorityMinimum &&
    spec.versionPriority === wanted.versionPriority
  )
}
