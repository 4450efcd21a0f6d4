import { parseCertificateRequest } from '../../../base/certificate-request.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { SIGNER_RULES } from './request-rules.ts'

const USAGES = ['digital signature', 'key encipherment']
const OF_KUBELETS = ['kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving']
const OF_ANY = 'kubernetes.io/legacy-unknown'

interface FormerRequest {
  /** PEM in base64. */
  readonly request?: string
  readonly usages?: readonly string[]
  readonly signerName?: string
}

/**
 * A request of v1beta1 as v1 has it: who signs it was found out from what it asks for, and a
 * condition that was there was true.
 */
export function signingRequestFromV1beta1(stored: KubeObject): KubeObject {
  const { spec, status } = stored as KubeObject & {
    readonly spec?: FormerRequest
    readonly status?: { readonly conditions?: readonly { readonly status?: string }[] }
  }
  const { usages = USAGES, request = '' } = spec ?? {}
  const signerName = spec?.signerName ?? signerOf(request, usages)
  const conditions = status?.conditions?.map((one) => ({ ...one, status: one.status || 'True' }))
  return {
    ...stored,
    spec: { ...spec, usages, signerName },
    ...(status && { status: { ...status, ...(conditions && { conditions }) } }),
  } as KubeObject
}

function signerOf(request: string, usages: readonly string[]): string {
  try {
    const parsed = parseCertificateRequest(Buffer.from(request, 'base64').toString('latin1'))
    const signs = (name: string) => SIGNER_RULES.get(name)?.(parsed, usages) === undefined
    return OF_KUBELETS.find(signs) ?? OF_ANY
  } catch {
    // Whatever cannot be read is for those who sign what they do not know.
    return OF_ANY
  }
}
