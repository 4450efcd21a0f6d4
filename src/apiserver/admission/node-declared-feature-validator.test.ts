import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { AdmissionAttributes } from './admission.ts'
import { NodeDeclaredFeatureValidator } from './node-declared-feature-validator.ts'

function pod(generation: number, spec: object): Pod {
  const metadata = { namespace: 'a', name: 'b', generation }
  return { metadata, spec: { nodeName: 'n', containers: [], ...spec } } as unknown as Pod
}

async function refusal(spec: object, old: object, features?: string[]): Promise<string> {
  const node = { status: { declaredFeatures: features } } as unknown as Node
  const plugin = new NodeDeclaredFeatureValidator(async (name) => (name === 'n' ? node : undefined))
  const attributes = {
    ...{ kind: Pod, subresource: 'resize', namespace: 'a', name: 'b', operation: 'UPDATE' },
    ...{ object: pod(2, spec), oldObject: pod(1, old) },
  } as unknown as AdmissionAttributes
  try {
    await plugin.validate(attributes)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('NodeDeclaredFeatureValidator', () => {
  const more = { requests: { cpu: '2' } }
  const less = { requests: { cpu: '1' } }

  test('resources of the pod, and of containers that run first, need nodes that know them', async () => {
    const podLevel = 'InPlacePodLevelResourcesVerticalScaling'
    assert.equal(
      await refusal({ resources: more }, { resources: less }),
      'pods "b" is forbidden: pod update requires features ' +
        `${podLevel} which are not available on node "n"`,
    )
    assert.equal(await refusal({ resources: more }, { resources: less }, [podLevel]), '')
    const init = (resources: object, restartPolicy?: string) => ({
      initContainers: [{ name: 'i', resources, restartPolicy }],
    })
    assert.match(
      await refusal(init(more), init(less), [podLevel]),
      /requires features InPlacePodVerticalScalingInitContainers which/,
    )
    assert.equal(await refusal(init(more, 'Always'), init(less, 'Always')), '', 'a sidecar')
  })

  test('other changes need nothing, and a pod without a node no node', async () => {
    const containers = [{ name: 'c', resources: more }]
    assert.equal(await refusal({ containers }, {}), '')
    assert.equal(await refusal({ resources: more, nodeName: '' }, {}), '')
    assert.match(await refusal({ resources: more, nodeName: 'gone' }, {}), /node "gone" not found/)
  })
})
