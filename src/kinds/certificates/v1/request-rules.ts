import type { ParsedCertificateRequest } from '../../../base/certificate-request.ts'

const NODES = 'system:nodes'
const NODE_PREFIX = 'system:node:'

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'

/**
 * What each signer asks of a request: why it will not sign it, or undefined where it does. Signers
 * that are not named here are not ours. The texts are upstream's, they end up in a condition.
 */
export const SIGNER_RULES: ReadonlyMap<
  string,
  (request: ParsedCertificateRequest, usages: readonly string[]) => string | undefined
> = new Map([
  ['kubernetes.io/kube-apiserver-client', (_, usages) => clientUsageProblem(usages)],
  [KUBELET_CLIENT_SIGNER, kubeletClientProblem],
  ['kubernetes.io/kubelet-serving', kubeletServingProblem],
  ['kubernetes.io/legacy-unknown', () => undefined],
])

const CLIENT_USAGES = ['client auth', 'digital signature', 'key encipherment']
const SERVING_USAGES = ['digital signature', 'key encipherment', 'server auth']

function clientUsageProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !CLIENT_USAGES.includes(usage))
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
  if (usages.includes('client auth')) return undefined
  return 'missing required usage for client certificate: client auth'
}

/** A kubelet's own identity towards the API server. */
export function kubeletClientProblem(
  request: ParsedCertificateRequest,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return ORGANIZATION
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!request.commonName.startsWith(NODE_PREFIX)) return COMMON_NAME
  return usageProblem(usages, CLIENT_USAGES)
}

/** The certificate of the kubelet's own server. */
function kubeletServingProblem(
  request: ParsedCertificateRequest,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return ORGANIZATION
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) {
    return 'DNS or IP subjectAltName is required'
  }
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed'
  return (
    usageProblem(usages, SERVING_USAGES) ??
    (request.commonName.startsWith(NODE_PREFIX) ? undefined : COMMON_NAME)
  )
}

const ORGANIZATION = 'subject organization is not system:nodes'
const COMMON_NAME = 'subject common name does not begin with system:node:'

function isOfNodes({ organizations }: ParsedCertificateRequest): boolean {
  return organizations.length === 1 && organizations[0] === NODES
}

/** Only keys that encrypt, as RSA's do, need `key encipherment`. */
function usageProblem(usages: readonly string[], wanted: readonly string[]): string | undefined {
  const given = new Set(usages)
  const needed = wanted.filter((usage) => usage !== 'key encipherment' || given.has(usage))
  const areEqual = given.size === needed.length && needed.every((usage) => given.has(usage))
  return areEqual ? undefined : `usages did not match [${wanted.join(' ')}]`
}
