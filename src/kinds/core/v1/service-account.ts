import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { LocalObjectReference, ObjectReference } from './object-reference.ts'

const fields = {
  secrets: s
    .list(ObjectReference, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  imagePullSecrets: s.list(LocalObjectReference, { listType: 'atomic' }).optional(),
  automountServiceAccountToken: s.bool().optional().pointer(),
}

/** Of secrets only names count; what else a reference may say is not kept. */
function withNamesOfSecrets(account: ServiceAccount): ServiceAccount {
  if (account.secrets === undefined) return account
  return {
    ...account,
    secrets: account.secrets.map(({ name }) => (name === undefined ? {} : { name })),
  }
}

const ENFORCE_MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets'

function annotationWarnings(account: ServiceAccount, old?: ServiceAccount): readonly string[] {
  const isSet = (one: ServiceAccount | undefined) =>
    one?.metadata.annotations?.[ENFORCE_MOUNTABLE] !== undefined
  if (!isSet(account) || isSet(old)) return []
  const instead = 'prefer separate namespaces to isolate access to mounted secrets'
  return [`metadata.annotations[${ENFORCE_MOUNTABLE}]: deprecated in v1.32+; ${instead}`]
}

/** An identity for what runs in pods. */
export const ServiceAccount = defineKind({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  shortNames: ['sa'],
  subresources: [
    {
      name: 'token',
      verbs: ['create'],
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
    },
  ],
  fields,
  prepareForCreate: withNamesOfSecrets,
  prepareForUpdate: withNamesOfSecrets,
  warningsOnCreate: (account) => annotationWarnings(account),
  warningsOnUpdate: annotationWarnings,
  returnsDeletedObject: true,
  columns: [ageColumn],
})
export interface ServiceAccount extends StoredObject<typeof fields, 'Namespaced'> {}
