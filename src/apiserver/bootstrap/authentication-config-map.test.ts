import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { DEFAULT_REQUEST_HEADERS } from '../authentication/request-header.ts'
import { publishAuthentication } from './authentication-config-map.ts'

test('aggregated API servers learn whom to trust, and of changes at the next start', async () => {
  using api = await startSecuredApi()
  const find = () =>
    api.admin.get(ConfigMap, {
      namespace: 'kube-system',
      name: 'extension-apiserver-authentication',
    })
  await publishAuthentication(api.admin, { clientAuthority: 'one' })
  assert.deepEqual((await find()).data, { 'client-ca-file': 'one' })
  const names = { ...DEFAULT_REQUEST_HEADERS, allowedNames: ['front'] }
  const facts = { clientAuthority: 'two', frontProxy: { authority: 'three', names } }
  await publishAuthentication(api.admin, facts)
  const changed = await find()
  assert.deepEqual(changed.data, {
    'client-ca-file': 'two',
    'requestheader-client-ca-file': 'three',
    'requestheader-allowed-names': '["front"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  })
  await publishAuthentication(api.admin, facts)
  assert.equal((await find()).metadata.resourceVersion, changed.metadata.resourceVersion)
})
