import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'

const GROUP = '/apis/scheduling.k8s.io/v1alpha2/namespaces/default'
const schedulingPolicy = { basic: {} }

test('a group of pods names a template that its workload has', async () => {
  const { send, close } = await createTestServer()
  const spec = { podGroupTemplates: [{ name: 't', schedulingPolicy }] }
  await send('POST', `${GROUP}/workloads`, { body: { metadata: { name: 'w' }, spec } })
  const create = async (workloadName: string, podGroupTemplateName: string) => {
    const workload = { workloadName, podGroupTemplateName }
    const group = { schedulingPolicy, podGroupTemplateRef: { workload } }
    const body = { metadata: { name: 'g' }, spec: group }
    const { code, text } = await send('POST', `${GROUP}/podgroups`, { body })
    return `${code} ${JSON.parse(text).message ?? ''}`
  }
  const refused = '403 podgroups.scheduling.k8s.io "g" is forbidden: PodGroup rejected: '
  assert.equal(await create('x', 't'), `${refused}Workload "x" not found`)
  const missing = 'PodGroupTemplate "u" not found in Workload "w"'
  assert.equal(await create('w', 'u'), `${refused}${missing}`)
  assert.equal(await create('w', 't'), '201 ')
  close()
})
