import type { Authorizer } from '../authorization/authorizer.ts'
import type { UserInfo } from '../request.ts'

/**
 * Whether somebody may `approve`, `sign` or `attest` for a signer: by its name, or for all signers
 * of its domain (`example.com/*`).
 */
export async function mayUseSigner(
  authorizer: Authorizer,
  user: UserInfo,
  verb: 'approve' | 'sign' | 'attest',
  signerName: string,
): Promise<boolean> {
  const [domain = ''] = signerName.split('/', 1)
  for (const name of [signerName, `${domain}/*`]) {
    const { verdict } = await authorizer.authorize({
      user,
      verb,
      isResourceRequest: true,
      namespace: '',
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      name,
      path: '',
      fieldSelector: '',
    })
    if (verdict === 'Allow') return true
  }
  return false
}
