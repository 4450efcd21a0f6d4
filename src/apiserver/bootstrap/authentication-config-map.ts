import type { Client } from '../../client/client.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isReason } from '../../machinery/status-error.ts'
import type { RequestHeaderNames } from '../authentication/request-header.ts'

const KEY = { namespace: 'kube-system', name: 'extension-apiserver-authentication' }

/** By what aggregated API servers recognize callers that come by way of this one. */
export interface AuthenticationFacts {
  /** PEM of who signs client certificates. */
  readonly clientAuthority?: string | undefined
  readonly frontProxy?:
    | { readonly authority: string; readonly names: RequestHeaderNames }
    | undefined
}

/**
 * Publishes to aggregated API servers how this one authenticates, under upstream's name and keys.
 */
export async function publishAuthentication(
  client: Client,
  facts: AuthenticationFacts,
): Promise<void> {
  const data = dataOf(facts)
  try {
    await client.create(ConfigMap, { metadata: KEY, data })
    return
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  const current = await client.get(ConfigMap, KEY)
  const wanted = { ...current.data, ...data }
  if (!deepEqual(current.data, wanted)) {
    await client.update(ConfigMap, { ...current, data: wanted })
  }
}

function dataOf({ clientAuthority, frontProxy }: AuthenticationFacts): Record<string, string> {
  const data: Record<string, string> = {}
  if (clientAuthority !== undefined) data['client-ca-file'] = clientAuthority
  if (frontProxy === undefined) return data
  const { names, authority } = frontProxy
  return {
    ...data,
    'requestheader-client-ca-file': authority,
    'requestheader-allowed-names': JSON.stringify(names.allowedNames),
    'requestheader-username-headers': JSON.stringify(names.usernameHeaders),
    'requestheader-uid-headers': JSON.stringify(names.uidHeaders),
    'requestheader-group-headers': JSON.stringify(names.groupHeaders),
    'requestheader-extra-headers-prefix': JSON.stringify(names.extraHeaderPrefixes),
  }
}
