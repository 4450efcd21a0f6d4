import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { TokenReview } from '../../kinds/authentication/v1/token-review.ts'
import { SubjectAccessReview } from '../../kinds/authorization/v1/subject-access-review.ts'
import { nodeAccessOf } from './request-attributes.ts'

/** Who makes a request. */
export interface RequestUser {
  readonly name: string
  readonly groups: readonly string[]
}

/** Lets a request pass, or says why it does not. */
export type Admission =
  | { readonly isAllowed: true; readonly user: RequestUser }
  | { readonly isAllowed: false; readonly status: 401 | 403; readonly message: string }

interface Incoming {
  readonly method: string
  readonly path: string
  /** The Authorization header. */
  readonly authorization: string | undefined
  readonly socket: TLSSocket
}

const TOKEN_LIFE_MS = 120_000
const ALLOWED_LIFE_MS = 300_000
const DENIED_LIFE_MS = 30_000
const MOST_KEPT = 1000

interface Kept<T> {
  readonly value: T
  readonly untilMs: number
}

/**
 * Authenticates by client certificate or bearer token, and asks the API server whether the user
 * may do that to this node: upstream's webhook mode. Nobody is let in anonymously.
 */
export class KubeletAuth {
  readonly #client: Client
  readonly #clock: Clock
  readonly #nodeName: string
  readonly #users = new Map<string, Kept<RequestUser | undefined>>()
  readonly #decisions = new Map<string, Kept<boolean>>()

  constructor(client: Client, clock: Clock, nodeName: string) {
    this.#client = client
    this.#clock = clock
    this.#nodeName = nodeName
  }

  /** Rejects where the API server cannot be asked. */
  async admit({ method, path, authorization, socket }: Incoming): Promise<Admission> {
    const user = certificateUser(socket) ?? (await this.#tokenUser(authorization))
    if (user === undefined) return { isAllowed: false, status: 401, message: 'Unauthorized' }
    const { verb, subresources } = nodeAccessOf(method, path)
    for (const subresource of subresources) {
      if (await this.#isAllowed(user, verb, subresource)) return { isAllowed: true, user }
    }
    const what = `verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}]`
    const asked = `user=${user.name}, ${what}`
    return { isAllowed: false, status: 403, message: `Forbidden (${asked})\n` }
  }

  async #tokenUser(authorization = ''): Promise<RequestUser | undefined> {
    const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? []
    if (token === undefined) return undefined
    return this.#keep(
      this.#users,
      token,
      () => TOKEN_LIFE_MS,
      async () => {
        const { status } = await this.#client.create(TokenReview, { spec: { token } })
        if (status.authenticated !== true) return undefined
        return { name: status.user.username ?? '', groups: status.user.groups ?? [] }
      },
    )
  }

  #isAllowed(user: RequestUser, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([user, verb, subresource])
    const lifeOf = (isAllowed: boolean) => (isAllowed ? ALLOWED_LIFE_MS : DENIED_LIFE_MS)
    return this.#keep(this.#decisions, key, lifeOf, async () => {
      const resource = { version: 'v1', resource: 'nodes', subresource, name: this.#nodeName }
      const { status } = await this.#client.create(SubjectAccessReview, {
        spec: {
          user: user.name,
          groups: user.groups,
          resourceAttributes: { ...resource, verb },
        },
      })
      return status.allowed
    })
  }

  async #keep<T>(
    cache: Map<string, Kept<T>>,
    key: string,
    lifeOf: (value: T) => number,
    ask: () => Promise<T>,
  ): Promise<T> {
    const now = this.#clock.monotonic()
    const kept = cache.get(key)
    if (kept !== undefined && now < kept.untilMs) return kept.value
    const value = await ask()
    if (cache.size >= MOST_KEPT) cache.clear()
    cache.set(key, { value, untilMs: now + lifeOf(value) })
    return value
  }
}

/** The user of a certificate that the cluster's authority has signed. */
function certificateUser(socket: TLSSocket): RequestUser | undefined {
  if (!socket.authorized) return undefined
  const subject = socket.getPeerCertificate().subject as
    | { readonly CN?: string | string[]; readonly O?: string | string[] }
    | undefined
  const [name = ''] = [subject?.CN ?? ''].flat()
  if (name === '') return undefined
  return { name, groups: [...[subject?.O ?? []].flat(), 'system:authenticated'] }
}
