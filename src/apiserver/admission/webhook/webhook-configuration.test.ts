import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseWebhookConfiguration } from './webhook-configuration.ts'

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: WebhookAdmissionConfiguration\n'
const KUBECONFIG = JSON.stringify({
  kind: 'Config',
  users: [{ name: 'hook.example.com', user: { tokenFile: '/tokens/hook' } }],
})

test('a plugin’s configuration names the kubeconfig that says who the server is', async () => {
  const files: Record<string, string> = { '/etc/hooks': KUBECONFIG, '/tokens/hook': 'secret\n' }
  const read = async (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`no file ${path}`)
    return text
  }
  const parse = (fields: string) => parseWebhookConfiguration(`${HEAD}${fields}`, read)
  const credentials = await parse('kubeConfigFile: /etc/hooks')
  assert.equal((await credentials('hook.example.com:443')).bearerToken, 'secret')
  assert.deepEqual(await credentials('other.example.com:443'), {})
  assert.deepEqual(await (await parse(''))('hook.example.com:443'), {})
  await assert.rejects(parse('kubeConfigFile: hooks'), {
    message: 'kubeConfigFile: Invalid value: "hooks": must be an absolute file path',
  })
  await assert.rejects(parse('kubeConfigFile: /gone'), /no file \/gone/)
  await assert.rejects(parse('kubeConfig: /etc/hooks'), /kubeConfig/)
  await assert.rejects(parseWebhookConfiguration('kind: Pod\napiVersion: v1\n', read), /Pod/)
})
