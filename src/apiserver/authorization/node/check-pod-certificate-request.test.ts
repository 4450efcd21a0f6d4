import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../../test/support/secured-api.ts'
import { PodCertificateRequest } from '../../../kinds/certificates/v1beta1/pod-certificate-request.ts'
import { Node } from '../../../kinds/core/v1/node.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../../kinds/core/v1/service-account.ts'
import { StatusError } from '../../../machinery/status-error.ts'
import type { AdmissionAttributes } from '../../admission/admission.ts'
import { checkPodCertificateRequest } from './check-pod-certificate-request.ts'

const namespace = 'default'

test('a kubelet asks for certificates of the pods of its node, under their identity', async () => {
  using api = await startSecuredApi()
  const { admin, resources } = api
  const [node] = await Promise.all(
    ['n1', 'n2'].map((name) => admin.create(Node, { metadata: { name }, spec: {} })),
  )
  const account = await admin.create(ServiceAccount, { metadata: { name: 'robot', namespace } })
  const podOf = (name: string, annotations?: object) =>
    admin.create(Pod, {
      metadata: { name, namespace, ...(annotations && { annotations }) },
      spec: {
        ...{ nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
        ...(annotations === undefined && { serviceAccountName: 'robot' }),
      },
    } as never)
  const pod = await podOf('p')
  const mirror = await podOf('m', { 'kubernetes.io/config.mirror': 'x' })
  const valid = {
    ...{ nodeName: 'n1', nodeUID: node?.metadata.uid, podName: 'p', podUID: pod.metadata.uid },
    ...{ serviceAccountName: 'robot', serviceAccountUID: account.metadata.uid },
  }
  const outcome = async (change: object, more: object = {}, who = 'n1') => {
    const attributes = {
      ...{ kind: PodCertificateRequest, operation: 'CREATE', subresource: '', namespace },
      request: { info: { group: 'certificates.k8s.io', resource: 'podcertificaterequests' } },
      ...{ name: 'r', object: { spec: { ...valid, ...change } }, ...more },
    } as unknown as AdmissionAttributes
    try {
      await checkPodCertificateRequest(who, attributes, resources)
      return 'allowed'
    } catch (error) {
      assert.ok(error instanceof StatusError)
      return `${error.code} ${error.message.replace(/^.* is forbidden: /, '')}`
    }
  }
  const refusals: readonly [outcome: string | RegExp, ...Parameters<typeof outcome>][] = [
    ['allowed', {}],
    [/^403 .*NodeName="n1", which is not the requesting node "n2"$/, {}, {}, 'n2'],
    [/^403 pod "default\/p" is not running on node "n2"/, { nodeName: 'n2' }, {}, 'n2'],
    [/^500 .*names node UID "other", inconsistent with the running node/, { nodeUID: 'other' }],
    [/^500 while retrieving pod "default\/x" named in .* not found$/, { podName: 'x' }],
    [/^500 .*contains pod UID \("other"\) which differs from running pod/, { podUID: 'other' }],
    [/^403 .*contains serviceAccountName \("a"\) that differs/, { serviceAccountName: 'a' }],
    [/^500 .*names service account UID "other", which differs/, { serviceAccountUID: 'other' }],
    ['403 unexpected operation UPDATE', {}, { operation: 'UPDATE' }],
    ['403 unexpected subresource status', {}, { subresource: 'status' }],
    [/^403 pod "default\/m" is a mirror pod$/, { podName: 'm', podUID: mirror.metadata.uid }],
  ]
  const other = await admin.get(Node, { name: 'n2' })
  for (const [expected, change, more, who] of refusals) {
    const uid = who === 'n2' && 'nodeName' in change ? { nodeUID: other.metadata.uid } : {}
    const found = await outcome({ ...change, ...uid }, more, who)
    if (typeof expected === 'string') assert.equal(found, expected)
    else assert.match(found, expected)
  }
})
