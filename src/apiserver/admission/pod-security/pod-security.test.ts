import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { createTestServer, type TestServer } from '../../../../test/support/api-server.ts'
import type { PodSpec } from '../../../kinds/core/v1/pod-spec.ts'
import { ServiceAccount } from '../../../kinds/core/v1/service-account.ts'
import type { Check, Revision } from './check.ts'
import { podSecurityChecks } from './checks.ts'

const FIXTURES = join(process.cwd(), '../shared/upstream/pod-security')
const skip = existsSync(FIXTURES) ? false : 'upstream data (../shared/upstream) is not here'

interface Labels {
  readonly [name: string]: string
}

/** A server with a namespace `n` whose labels have the prefix left out. */
async function withNamespace(
  labels: Labels,
  run: (server: TestServer, setLabels: (labels: Labels) => Promise<Answer>) => Promise<void>,
): Promise<void> {
  const server = await createTestServer()
  const bodyOf = (given: Labels) => ({
    metadata: {
      name: 'n',
      labels: Object.fromEntries(
        Object.entries(given).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
      ),
    },
  })
  await server.send('POST', '/api/v1/namespaces', { body: bodyOf(labels) })
  const metadata = { namespace: 'n', name: 'default' }
  await server.client.create(ServiceAccount, { metadata })
  await run(server, async (given) => {
    const { code, text, warnings } = await server.send('PUT', '/api/v1/namespaces/n', {
      body: bodyOf(given),
    })
    return { code, warnings, message: JSON.parse(text).message }
  })
  server.close()
}

interface Answer {
  readonly code: number
  readonly warnings: readonly string[]
  readonly message: string
}

async function post(server: TestServer, path: string, body: object): Promise<Answer> {
  const { code, text, warnings } = await server.send('POST', path, { body })
  return { code, warnings, message: JSON.parse(text).message }
}

const createPod = (server: TestServer, spec: object, metadata: object = { name: 'x' }) =>
  post(server, '/api/v1/namespaces/n/pods', { metadata, spec })

const container = { name: 'c', image: 'i' }
const plain = { containers: [container] }
const RESTRICTED_FAULTS =
  'allowPrivilegeEscalation != false (container "c" must set ' +
  'securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" ' +
  'must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container ' +
  '"c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must ' +
  'set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'

for (const level of ['baseline', 'restricted']) {
  test(`upstream's pods pass and fail the ${level} level`, { skip }, () =>
    withNamespace({ enforce: level }, async (server) => {
      for (const expected of ['pass', 'fail']) {
        const folder = join(FIXTURES, level, expected)
        for (const file of readdirSync(folder)) {
          const pod = parse(readFileSync(join(folder, file), 'utf8'))
          pod.metadata = { ...pod.metadata, name: '', generateName: 'p-' } // Theirs are invalid.
          const { code, message } = await post(server, '/api/v1/namespaces/n/pods', pod)
          const what = `${level}/${expected}/${file}: ${code} ${message}`
          if (expected === 'pass') assert.equal(code, 201, what)
          // Validation, which goes first, refuses these.
          else if (code === 422) assert.ok(message.includes('`hostUsers` must be false'), what)
          else assert.ok(code === 403 && message.includes('violates PodSecurity'), what)
        }
      }
    }),
  )

  test(`each failing pod of the ${level} level fails by its check`, { skip }, () => {
    const folder = join(FIXTURES, level, 'fail')
    for (const file of readdirSync(folder)) {
      const { spec, metadata } = parse(readFileSync(join(folder, file), 'utf8'))
      const id = file.replace(/\d+\.yaml$/, '')
      const check = podSecurityChecks.find((one) => one.id.toLowerCase() === id)
      const pod = { annotations: metadata.annotations ?? {}, spec: spec as PodSpec }
      assert.ok(newest(check).find(pod) !== undefined, `${level}/fail/${file}`)
    }
  })
}

function newest(check: Check | undefined): Revision {
  const revision = check?.revisions.at(-1)
  assert.ok(revision !== undefined)
  return revision
}

test('a pod is refused with all that is wrong with it', () =>
  withNamespace({ enforce: 'restricted' }, async (server) => {
    const { code, message } = await createPod(server, plain)
    assert.equal(code, 403)
    assert.equal(
      message,
      `pods "x" is forbidden: violates PodSecurity "restricted:latest": ${RESTRICTED_FAULTS}`,
    )
  }))

test('several containers and setters are named together', () =>
  withNamespace({ enforce: 'baseline', 'enforce-version': 'v1.30' }, async (server) => {
    const securityContext = {
      privileged: true,
      seLinuxOptions: { type: 't', user: 'u' },
      capabilities: { add: ['SYS_TIME', 'NET_RAW'] },
    }
    const { message } = await createPod(server, {
      hostNetwork: true,
      hostPID: true,
      securityContext: { seLinuxOptions: { role: 'r' }, sysctls: [{ name: 'a.b', value: '1' }] },
      volumes: [{ name: 'v', hostPath: { path: '/' } }],
      initContainers: [{ ...container, name: 'i', securityContext }],
      containers: [{ ...container, ports: [{ containerPort: 80, hostPort: 80 }] }],
    })
    assert.equal(
      message,
      'pods "x" is forbidden: violates PodSecurity "baseline:v1.30": non-default capabilities ' +
        '(container "i" must not include "NET_RAW", "SYS_TIME" in ' +
        'securityContext.capabilities.add), host namespaces (hostNetwork=true, hostPID=true), ' +
        'hostPath volumes (volume "v"), hostPort (container "c" uses hostPort 80), privileged ' +
        '(container "i" must not set securityContext.privileged=true), seLinuxOptions (pod and ' +
        'container "i" set forbidden securityContext.seLinuxOptions: type "t"; user may not be ' +
        'set; role may not be set), forbidden sysctls (a.b)',
    )
  }))

test('a version has the rules of its time', () =>
  withNamespace({ enforce: 'restricted', 'enforce-version': 'v1.21' }, async (server) => {
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
    const contained = { ...container, securityContext: { allowPrivilegeEscalation: false } }
    const { code } = await createPod(server, { securityContext, containers: [contained] })
    assert.equal(code, 201) // Capabilities have to be dropped since 1.22 only.
  }))

test('a user namespace makes root harmless since 1.35', () =>
  withNamespace({ enforce: 'restricted' }, async (server, setLabels) => {
    const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
    const spec = {
      hostUsers: false,
      securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ ...container, securityContext }],
    }
    assert.equal((await createPod(server, spec)).code, 201)
    await setLabels({ enforce: 'restricted', 'enforce-version': 'v1.34' })
    assert.match(
      (await createPod(server, spec, { name: 'y' })).message,
      /runAsNonRoot != true .*, runAsUser=0 \(pod must not set runAsUser=0\)$/,
    )
  }))

test('templates are warned of, and made', () =>
  withNamespace({ enforce: 'restricted' }, async (server) => {
    const labels = { app: 'a' }
    const { code, warnings } = await post(server, '/apis/apps/v1/namespaces/n/deployments', {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: plain } },
    })
    assert.equal(code, 201)
    assert.deepEqual(warnings, [
      `would violate PodSecurity "restricted:latest": ${RESTRICTED_FAULTS}`,
    ])
    const job = await post(server, '/apis/batch/v1/namespaces/n/cronjobs', {
      metadata: { name: 'j' },
      spec: {
        schedule: '@daily',
        jobTemplate: { spec: { template: { spec: { ...plain, restartPolicy: 'Never' } } } },
      },
    })
    assert.deepEqual([job.code, job.warnings.length], [201, 1])
  }))

test('warn and audit refuse nothing', () =>
  withNamespace({ warn: 'baseline', audit: 'baseline' }, async (server) => {
    const { code, warnings } = await createPod(server, { ...plain, hostIPC: true })
    assert.equal(code, 201)
    assert.deepEqual(warnings, [
      'would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)',
    ])
  }))

test('labels that cannot be read are refused, and count as restricted', () =>
  withNamespace({}, async (server, setLabels) => {
    const { code, message } = await setLabels({ enforce: 'tight', 'warn-version': '1.30' })
    assert.equal(code, 422)
    assert.equal(
      message,
      'Namespace "n" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid ' +
        'value: "tight": must be one of privileged, baseline, restricted, ' +
        'metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must ' +
        'be "latest" or "v1.x"]',
    )
    assert.equal((await createPod(server, plain)).code, 201)
  }))

test('a namespace that becomes stricter tells of the pods that it has', () =>
  withNamespace({}, async (server, setLabels) => {
    for (const name of ['b', 'a', 'd']) {
      await createPod(server, { ...plain, hostNetwork: name !== 'd' }, { name })
    }
    const { warnings } = await setLabels({ enforce: 'baseline' })
    assert.deepEqual(warnings, [
      'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 1 other pod): host namespaces',
    ])
    assert.deepEqual((await setLabels({ enforce: 'privileged' })).warnings, [])
  }))

test('what does not change images is not judged again', () =>
  withNamespace({}, async (server, setLabels) => {
    await createPod(server, { ...plain, hostNetwork: true })
    await setLabels({ enforce: 'baseline' })
    const patch = (body: object, subresource = '') =>
      server.send('PATCH', `/api/v1/namespaces/n/pods/x${subresource}`, {
        contentType: 'application/strategic-merge-patch+json',
        body,
      })
    assert.equal((await patch({ metadata: { labels: { a: 'b' } } })).code, 200)
    assert.equal((await patch({ spec: { containers: [{ name: 'c', image: 'j' }] } })).code, 403)
    const debug = { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }
    assert.equal((await patch(debug, '/ephemeralcontainers')).code, 403)
  }))
