import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { silentLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { privilegedGroupAuthorizer } from '../authorization/authorizer.ts'
import { admissionPlugins } from '../compose.ts'
import type { AdmissionAttributes, AdmissionPlugin } from './admission.ts'
import { AlwaysPullImages } from './always-pull-images.ts'
import { DenyServiceExternalIPs } from './deny-service-external-ips.ts'

const ask = (kind: object, object: object, oldObject?: object) =>
  ({
    ...{ operation: oldObject === undefined ? 'CREATE' : 'UPDATE', subresource: '', name: 'x' },
    ...{ kind, object, oldObject },
  }) as unknown as AdmissionAttributes

const pods = { group: '', plural: 'pods' }
const services = { group: '', plural: 'services' }
const podWith = (image: string, imagePullPolicy: string) => ({
  metadata: { name: 'x' },
  spec: {
    initContainers: [{ name: 'i', image, imagePullPolicy }],
    containers: [{ name: 'c', image, imagePullPolicy }],
    volumes: [{ name: 'v', image: { reference: image, pullPolicy: imagePullPolicy } }],
  },
})

test('images are pulled always', async () => {
  const plugin = new AlwaysPullImages()
  const given = podWith('a', 'IfNotPresent')
  const changed = (await plugin.mutate(ask(pods, given))) as Pod | undefined
  assert.deepEqual(changed, podWith('a', 'Always'))
  await assert.rejects(plugin.validate(ask(pods, given)), {
    message:
      'pods "x" is forbidden: spec.initContainers[0].imagePullPolicy: Unsupported value: ' +
      '"IfNotPresent": supported values: "Always", spec.containers[0].imagePullPolicy: ' +
      'Unsupported value: "IfNotPresent": supported values: "Always", ' +
      'spec.volumes[0].image.pullPolicy: Unsupported value: "IfNotPresent": supported values: ' +
      '"Always"',
  })
  assert.equal(await plugin.mutate(ask(pods, given, podWith('a', 'Never'))), undefined)
  await plugin.validate(ask(pods, given, podWith('a', 'Never')))
  await assert.rejects(plugin.validate(ask(pods, given, podWith('b', 'Never'))))
})

test('services name no new external address', async () => {
  const plugin = new DenyServiceExternalIPs()
  const service = (...externalIPs: string[]) => ({ metadata: { name: 'x' }, spec: { externalIPs } })
  await assert.rejects(plugin.validate(ask(services, service('192.0.2.1'))), {
    message: 'services "x" is forbidden: Use of external IPs is denied by admission control',
  })
  await plugin.validate(ask(services, service()))
  const old = service('192.0.2.1', '192.0.2.2')
  await plugin.validate(ask(services, service('192.0.2.2'), old))
  await assert.rejects(plugin.validate(ask(services, service('192.0.2.3'), old)))
})

test('both judge only where they are named', async () => {
  const { resources, clock, close } = await createTestServer()
  const ports = { clock, random: seededRandom(1), logger: silentLogger }
  const names = (enabled: readonly string[]) =>
    admissionPlugins(resources, ports, privilegedGroupAuthorizer, undefined, {
      ...{ enabled, disabled: [] },
    }).map(({ name }: AdmissionPlugin) => name)
  const optional = ['AlwaysPullImages', 'DenyServiceExternalIPs']
  assert.ok(names([]).every((name) => !optional.includes(name)))
  assert.ok(optional.every((name) => names(optional).includes(name)))
  close()
})
