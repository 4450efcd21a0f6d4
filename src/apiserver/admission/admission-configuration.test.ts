import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { ResourceQuota } from '../../kinds/core/v1/resource-quota.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { PriorityClass } from '../../kinds/scheduling/v1/priority-class.ts'
import { parseAdmissionConfiguration } from './admission-configuration.ts'
import { enabledPlugins } from './enabled-plugins.ts'

const noFile = (path: string) => Promise.reject(new Error(`no such file: ${path}`))
const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n'

const POD_SECURITY = `
apiVersion: pod-security.admission.config.k8s.io/v1
kind: PodSecurityConfiguration
defaults:
  enforce: baseline
  enforce-version: v1.30
exemptions:
  usernames: [alice]
  namespaces: [infra]
  runtimeClasses: [sandboxed]
`

const LIMITED = `
apiVersion: apiserver.config.k8s.io/v1
kind: ResourceQuotaConfiguration
limitedResources:
- resource: pods
  matchContains: [requests.cpu]
  matchScopes:
  - {scopeName: PriorityClass, operator: In, values: [high]}
`

async function withConfiguration(
  plugin: string,
  text: string,
  run: (server: TestServer) => Promise<void>,
): Promise<void> {
  const plugins = `plugins:\n- name: ${plugin}\n  path: own.yaml\n`
  const readFile = async (path: string) => (path === 'own.yaml' ? text : noFile(path))
  const admission = await parseAdmissionConfiguration(HEAD + plugins, readFile)
  const server = await createTestServer({ admission })
  const metadata = { namespace: 'default', name: 'default' }
  await server.client.create(ServiceAccount, { metadata })
  await run(server)
  server.close()
}

async function createPod(server: TestServer, spec: object, namespace = 'default') {
  const body = {
    metadata: { generateName: 'p-' },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  }
  const { code, text } = await server.send('POST', `/api/v1/namespaces/${namespace}/pods`, { body })
  const { message = '' } = JSON.parse(text) as { readonly message?: string }
  return { code, message: message.replace(/^.* is forbidden: /, '') }
}

test('defaults apply without labels, and exemptions before them', () =>
  withConfiguration('PodSecurity', POD_SECURITY, async (server) => {
    const { client } = server
    const refused = await createPod(server, { hostNetwork: true })
    assert.equal(
      refused.message,
      'violates PodSecurity "baseline:v1.30": host namespaces (hostNetwork=true)',
    )
    const labels = { 'pod-security.kubernetes.io/warn': 'restricted' }
    const body = { metadata: { name: 'infra', labels } }
    const { warnings } = await server.send('POST', '/api/v1/namespaces', { body })
    assert.deepEqual(warnings, [
      'namespace "infra" is exempt from Pod Security, and the policy (warn=restricted:latest) ' +
        'will be ignored',
    ])
    await client.create(ServiceAccount, { metadata: { namespace: 'infra', name: 'default' } })
    assert.equal((await createPod(server, { hostNetwork: true }, 'infra')).code, 201)
    await client.create(Namespace, {
      metadata: { name: 'open', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    })
    await client.create(ServiceAccount, { metadata: { namespace: 'open', name: 'default' } })
    assert.equal((await createPod(server, { hostNetwork: true }, 'open')).code, 201)
  }))

test('what is limited needs a quota', () =>
  withConfiguration('ResourceQuota', LIMITED, async (server) => {
    const { client } = server
    assert.equal((await createPod(server, {})).code, 201)
    const resources = { requests: { cpu: '1' } }
    const busy = { containers: [{ name: 'c', image: 'i', resources }] }
    assert.equal(
      (await createPod(server, busy)).message,
      'insufficient quota to consume: requests.cpu',
    )
    await client.create(PriorityClass, { metadata: { name: 'high' }, value: 9 })
    assert.deepEqual(await createPod(server, { priorityClassName: 'high' }), {
      code: 500,
      message: 'insufficient quota to match these scopes: [{PriorityClass In [high]}]',
    })
    const hard = { 'requests.cpu': '2' }
    const metadata = { namespace: 'default', name: 'q' }
    const quota = await client.create(ResourceQuota, { metadata, spec: { hard } })
    const status = { hard, used: { 'requests.cpu': '0' } }
    await client.updateStatus(ResourceQuota, { ...quota, status })
    assert.equal((await createPod(server, busy)).code, 201)
  }))

test('a configuration with mistakes is refused with all of them', async () => {
  const parse = (plugins: string) => parseAdmissionConfiguration(HEAD + plugins, noFile)
  await assert.rejects(parse('plugins: [{name: a}, {name: a}]'), /plugins\[1\].name: Duplicate/)
  await assert.rejects(parse('plugins: [{nam: a}]'), /strict decoding error: unknown field/)
  await assert.rejects(parse('plugins: [{name: PodSecurity, path: x}]'), /no such file: x/)
  const inline = (defaults: string) =>
    parse(
      'plugins: [{name: PodSecurity, configuration: {kind: PodSecurityConfiguration, ' +
        `apiVersion: pod-security.admission.config.k8s.io/v1, ${defaults}}}]`,
    )
  await assert.rejects(
    inline('defaults: {enforce: tight, audit-version: "1"}, exemptions: {usernames: [a, a, ""]}'),
    {
      message:
        'configuration of the admission plugin PodSecurity: defaults.enforce: Invalid value: ' +
        '"tight": must be one of privileged, baseline, restricted, defaults.audit-version: ' +
        'Invalid value: "1": must be "latest" or "v1.x", exemptions.usernames[1]: Duplicate ' +
        'value: "a", exemptions.usernames[2]: Invalid value: "": username must not be empty',
    },
  )
  const { podSecurity } = await inline('defaults: {warn: restricted}')
  assert.deepEqual(podSecurity.defaults.warn, { level: 'restricted', version: 'latest' })
})

test('plugins are switched off by name', () => {
  const plugins = ['A', 'B', 'C', 'Off'].map((name) => ({
    ...{ name, operations: [], isOffByDefault: name === 'Off' },
  }))
  const names = (enabled: string[], disabled: string[]) =>
    enabledPlugins(plugins, { enabled, disabled }).map(({ name }) => name)
  assert.deepEqual(names(['A'], ['B']), ['A', 'C'])
  assert.deepEqual(names(['Off'], []), ['A', 'B', 'C', 'Off'])
  assert.throws(() => names(['X', 'A'], ['Y', 'A']), {
    message:
      'enable-admission-plugins plugin "X" is unknown, disable-admission-plugins plugin "Y" is ' +
      'unknown, [A] in enable-admission-plugins and disable-admission-plugins overlapped',
  })
})
