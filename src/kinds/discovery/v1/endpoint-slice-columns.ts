import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn, firstOf } from '../../column-text.ts'
import type { EndpointSlice } from './endpoint-slice.ts'

const SHOWN = 3

/** What `kubectl get endpointslices` shows. */
export const endpointSliceColumns: readonly PrinterColumn<EndpointSlice>[] = [
  { name: 'AddressType', type: 'string', of: ({ addressType }) => addressType },
  { name: 'Ports', type: 'string', of: portsText },
  { name: 'Endpoints', type: 'string', of: addressesText },
  ageColumn,
]

function portsText({ ports }: EndpointSlice): string {
  const texts = (ports ?? []).map(({ port, name }) => `${port ?? name ?? '*'}`)
  return firstOf(texts, SHOWN, '<unset>')
}

function addressesText({ endpoints }: EndpointSlice): string {
  const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? [])
  return firstOf(addresses, SHOWN, '<unset>')
}
