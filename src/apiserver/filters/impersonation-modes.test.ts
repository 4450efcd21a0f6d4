import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Attributes } from '../authorization/authorizer.ts'
import type { UserInfo } from '../request.ts'
import type { AccessObserver } from './access-observer.ts'
import { ImpersonationModes, type ImpersonationWish } from './impersonation-modes.ts'

const NOBODY: ImpersonationWish = { userName: '', groups: [], uid: '', extra: {} }
const ROBOT: UserInfo = { name: 'system:serviceaccount:default:robot', groups: [] }

/** `verb resource/name`, or `verb resource` for any name. */
function allowing(...given: readonly (string | { readonly observer: AccessObserver })[]) {
  const rights = given.filter((one) => typeof one === 'string')
  const observer = given.find((one) => typeof one === 'object')?.observer
  const asked: string[] = []
  const modes = new ImpersonationModes(
    {
      authorize({ verb, group, resource, subresource, name, user }: Attributes) {
        const what = subresource === '' ? resource : `${resource}:${subresource}`
        const right = `${verb} ${group === '' ? '' : `${group}.`}${what}`
        asked.push(`${right}/${name}`)
        if (verb.includes('associated-node')) {
          assert.deepEqual(Object.keys(user.extra ?? {}), [
            'authentication.kubernetes.io/associated-node-keys',
          ])
        }
        const isAllowed = rights.includes(right) || rights.includes(`${right}/${name}`)
        return { verdict: isAllowed ? 'Allow' : 'NoOpinion', reason: '' }
      },
    },
    observer,
  )
  const request = (user: UserInfo, verb = 'list'): Attributes => ({
    ...{ user, verb, isResourceRequest: true, namespace: 'default', group: '', version: 'v1' },
    ...{ resource: 'pods', subresource: '', name: '', path: '', fieldSelector: '' },
  })
  const be = (wish: Partial<ImpersonationWish>, user = ROBOT, verb = 'list') =>
    modes.allow({ ...NOBODY, ...wish }, request(user, verb))
  return { be, asked }
}

test('the rights that were asked for are counted by mode, and what came of them', async () => {
  const counts: Record<string, number> = {}
  const count = (what: string, isAllowed: boolean) => {
    const key = `${what} ${isAllowed}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  const observer = {
    start: () => 0,
    authenticated() {},
    unauthenticated() {},
    authorized() {},
    askedToImpersonate: (mode: string, isAllowed: boolean) => count(`asked ${mode}`, isAllowed),
    impersonated: (mode: string, isAllowed: boolean) => count(`was ${mode}`, isAllowed),
  }
  const { be } = allowing({ observer }, 'impersonate users/jane')
  await be({ userName: 'jane' })
  await assert.rejects(be({ userName: 'joe' }))
  assert.deepEqual(counts, {
    'asked user-info false': 2,
    'asked legacy true': 1,
    'was legacy true': 1,
    'asked legacy false': 1,
    'was  false': 1,
  })
})

const A = 'authentication.k8s.io.'

describe('impersonation', () => {
  test('by the plain verb, every part of it', async () => {
    const wish = { userName: 'jane', groups: ['dev'], uid: '7', extra: { scopes: ['a'] } }
    const rights = [
      'impersonate users/jane',
      'impersonate groups/dev',
      `impersonate ${A}uids/7`,
      `impersonate ${A}userextras:scopes/a`,
    ]
    const { user, constraint } = await allowing(...rights).be(wish)
    assert.deepEqual(user, { name: 'jane', groups: ['dev'], uid: '7', extra: { scopes: ['a'] } })
    assert.equal(constraint, undefined)
    for (const missing of rights) {
      const rest = rights.filter((right) => right !== missing)
      await assert.rejects(allowing(...rest).be(wish), { code: 403 }, missing)
    }
  })

  test('constrained: to be somebody, and to do this as somebody', async () => {
    const rights = ['impersonate-on:user-info:list pods', `impersonate:user-info ${A}users/jane`]
    const { be } = allowing(...rights)
    const { constraint } = await be({ userName: 'jane' })
    assert.equal(constraint, 'impersonate:user-info')
    await assert.rejects(be({ userName: 'jane' }, ROBOT, 'delete'), {
      message:
        'pods is forbidden: User "system:serviceaccount:default:robot" cannot ' +
        'impersonate-on:user-info:delete resource "pods" in API group "" in the namespace "default"',
    })
    await assert.rejects(be({ userName: 'john' }), /cannot impersonate:user-info resource "users"/)
    await assert.rejects(be({ userName: 'jane', groups: ['dev'] }), /resource "groups"/)
  })

  test('constrained: nobody becomes an administrator, or of a group without a name', async () => {
    const rights = ['impersonate-on:user-info:list pods', `impersonate:user-info ${A}users`]
    const { be } = allowing(...rights, `impersonate:user-info ${A}groups`)
    await be({ userName: 'jane', groups: ['dev'] })
    await assert.rejects(be({ userName: 'jane', groups: ['system:masters'] }), {
      message: /impersonating the system:masters group is not allowed$/,
    })
    await assert.rejects(be({ userName: 'jane', groups: [''] }), /empty string group/)
    await assert.rejects(be({ userName: 'jane', extra: { scopes: ['a'] } }), /an invalid key/)
  })

  test('many groups are asked for at once', async () => {
    const rights = ['impersonate-on:user-info:list pods', `impersonate:user-info ${A}users`]
    const { be, asked } = allowing(...rights, `impersonate:user-info ${A}groups/*`)
    await be({ userName: 'jane', groups: ['a', 'b', 'c', 'd'] })
    assert.deepEqual(asked.slice(2), [`impersonate:user-info ${A}groups/*`])
  })

  test('of nodes and service accounts by rights of their own', async () => {
    const node = allowing(
      'impersonate-on:arbitrary-node:list pods',
      `impersonate:arbitrary-node ${A}nodes/one`,
    )
    const { user } = await node.be({ userName: 'system:node:one' })
    assert.deepEqual(user, { name: 'system:node:one', groups: ['system:nodes'] })
    await assert.rejects(node.be({ userName: 'system:node:two' }), { code: 403 })
    await assert.rejects(node.be({ userName: 'system:node:one', uid: '1' }), { code: 403 })
    const account = allowing(
      'impersonate-on:serviceaccount:list pods',
      `impersonate:serviceaccount ${A}serviceaccounts/x`,
    )
    const found = await account.be({ userName: 'system:serviceaccount:ns:x' })
    assert.deepEqual(found.user.groups, ['system:serviceaccounts', 'system:serviceaccounts:ns'])
    const info = allowing('impersonate-on:user-info:list pods', `impersonate:user-info ${A}users`)
    await assert.rejects(info.be({ userName: 'system:node:one' }), { code: 403 })
  })

  test('of the node on which a pod runs', async () => {
    const rights = [
      'impersonate-on:associated-node:list pods',
      `impersonate:associated-node ${A}nodes/*`,
    ]
    const onNode = (name: string): UserInfo => ({
      ...ROBOT,
      extra: { 'authentication.kubernetes.io/node-name': [name] },
    })
    const { be } = allowing(...rights)
    const { user } = await be({ userName: 'system:node:one' }, onNode('one'))
    assert.equal(user.name, 'system:node:one')
    await assert.rejects(be({ userName: 'system:node:one' }, onNode('two')), { code: 403 })
    const human = { ...onNode('one'), name: 'jane' }
    await assert.rejects(be({ userName: 'system:node:one' }, human), { code: 403 })
  })

  test('what was right the last time is tried first', async () => {
    const { be, asked } = allowing('impersonate users')
    await be({ userName: 'a' })
    asked.length = 0
    await be({ userName: 'b' })
    assert.deepEqual(asked, ['impersonate users/b'])
    await assert.rejects(be({ userName: 'c', uid: '1' }), /cannot impersonate resource "uids"/)
  })
})
