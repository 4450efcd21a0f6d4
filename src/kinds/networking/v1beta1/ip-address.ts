import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { IPAddressSpec, IPAddress as IPAddressV1 } from '../v1/ip-address.ts'
import { parentText } from '../v1/parent-text.ts'

const fields = {
  spec: inVersion(IPAddressSpec, 'networking.v1', 'networking.v1beta1'),
}

/** An address that is taken, and by whom. */
export const IPAddress = defineKind({
  group: 'networking.k8s.io',
  version: 'v1beta1',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  shortNames: ['ip'],
  fields,
  hasGeneration: false,
  columns: [{ name: 'ParentRef', type: 'string', of: ({ spec }) => parentText(spec.parentRef) }],
  storedAs: storedUnderVersion(() => IPAddressV1, 'networking.k8s.io/v1beta1'),
})
export interface IPAddress extends StoredObject<typeof fields, 'Cluster'> {}
