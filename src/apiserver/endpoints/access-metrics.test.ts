import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { InvalidCredentials } from '../authentication/authenticator.ts'
import { authenticate } from '../filters/authenticate.ts'
import { authorize } from '../filters/authorize.ts'
import { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { AccessMetrics } from './access-metrics.ts'

const OK: ServerResponse = { type: 'object', code: 200, object: {} }

test('proofs and decisions are counted, people are not named', async () => {
  const clock = new VirtualClock()
  const registry = new Registry()
  const metrics = new AccessMetrics(registry, clock)
  const byToken = {
    async authenticate({ headers }: ServerRequest) {
      const token = headers['authorization']
      if (token === undefined) return undefined
      if (token === 'bad') throw new InvalidCredentials('x')
      return { user: { name: token, groups: [] } }
    },
  }
  const authentication = authenticate({
    authenticators: [byToken],
    logger: silentLogger,
    mayBeAnonymous: () => false,
    accessObserver: metrics,
  })
  const authorization = authorize(
    {
      authorize: ({ user }) => ({
        verdict: user.name === 'admin' ? 'Allow' : user.name === 'bob' ? 'Deny' : 'NoOpinion',
        reason: '',
      }),
    },
    metrics,
  )
  const ask = async (token?: string) =>
    authentication(
      new ServerRequest({
        method: 'GET',
        url: '/api',
        headers: { authorization: token },
        connection: { remoteAddress: '', peerCertificate: undefined },
        signal: new AbortController().signal,
      }),
      (request) => authorization(request, async () => OK),
    )
  for (const token of ['admin', 'bob', 'jane@example.com', 'bad', undefined]) {
    await ask(token).catch(() => undefined)
  }
  metrics.askedToImpersonate('user-info', false, metrics.start())
  metrics.impersonated('', false, metrics.start())
  const text = await registry.metrics()
  for (const line of [
    'authentication_attempts{result="success"} 3',
    'authentication_attempts{result="error"} 1',
    'authentication_attempts{result="failure"} 1',
    'authenticated_user_requests{username="admin"} 1',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="other"} 1',
    'authorization_attempts_total{result="allowed"} 1',
    'authorization_attempts_total{result="denied"} 1',
    'authorization_attempts_total{result="no-opinion"} 1',
    'apiserver_impersonation_authorization_attempts_total{mode="user-info",decision="denied"} 1',
    'apiserver_impersonation_attempts_total{mode="",decision="denied"} 1',
    'authentication_duration_seconds_bucket{le="16.384",result="success"} 3',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} in ${text}`)
  }
})
