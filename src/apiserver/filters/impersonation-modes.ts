import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import { dns1123SubdomainErrors } from '../../machinery/names.ts'
import {
  serviceAccountGroups,
  splitServiceAccountUserName,
} from '../authentication/service-account-claims.ts'
import type { Attributes, Authorizer } from '../authorization/authorizer.ts'
import { PRIVILEGED_GROUP } from '../authorization/authorizer.ts'
import { forbidden } from '../authorization/forbidden.ts'
import type { UserInfo } from '../request.ts'
import type { AccessObserver } from './access-observer.ts'

/** Whom somebody wants to be. */
export interface ImpersonationWish {
  readonly userName: string
  readonly groups: readonly string[]
  readonly uid: string
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** As whom a request goes on. */
export interface Impersonation {
  /** Without the groups of authenticated or anonymous users. */
  readonly user: UserInfo
  /** The verb by which it was allowed; undefined for plain `impersonate`. */
  readonly constraint: string | undefined
}

interface Mode {
  /** After `impersonate:`; undefined for plain `impersonate`, which is for every request alike. */
  readonly name: string | undefined
  fits(wish: ImpersonationWish, requestor: UserInfo): boolean
  /** As what, and with which name, the authorizer is asked; as it is when absent. */
  readonly adapt?: (attributes: Attributes) => Attributes
}

const NODE_PREFIX = 'system:node:'
const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name'
const NODE_KEYS_KEY = 'authentication.kubernetes.io/associated-node-keys'
const AUTHENTICATION_GROUP = 'authentication.k8s.io'
const NODES_GROUP = 'system:nodes'
/** From so many on, the right to all of a sort is asked for first. */
const MANY = 4
const MOST_REMEMBERED = 10_000
/** What metrics call the mode of the plain verb. */
const PLAIN = 'legacy'

/** In this order: the narrowest right first (KEP-5284). */
const MODES: readonly Mode[] = [
  {
    name: 'associated-node',
    fits: (wish, requestor) => isOnlyName(wish) && isOnNode(requestor, nodeNameIn(wish.userName)),
    // Whichever node it is, the requestor is on it: the right is to that, not to one name.
    adapt: (attributes) => ({
      ...attributes,
      ...(attributes.verb === 'impersonate:associated-node' && { name: '*' }),
      user: {
        ...attributes.user,
        extra: { [NODE_KEYS_KEY]: Object.keys(attributes.user.extra ?? {}).toSorted() },
      },
    }),
  },
  {
    name: 'arbitrary-node',
    fits: (wish) => isOnlyName(wish) && nodeNameIn(wish.userName) !== undefined,
  },
  {
    name: 'serviceaccount',
    fits: (wish) => isOnlyName(wish) && splitServiceAccountUserName(wish.userName) !== undefined,
  },
  {
    name: 'user-info',
    fits: ({ userName }) =>
      nodeNameIn(userName) === undefined && splitServiceAccountUserName(userName) === undefined,
  },
  { name: undefined, fits: () => true },
]

/**
 * Who may act as whom: by the plain verb `impersonate` for whatever request, or by a constrained
 * one, which needs two rights, to be somebody and to do this as somebody.
 */
export class ImpersonationModes {
  readonly #authorizer: Authorizer
  readonly #observer: AccessObserver | undefined
  /** By requestor, the mode that was right the last time: it is tried first. */
  readonly #lastModes = new LeastRecentlyUsed<Mode>(MOST_REMEMBERED)

  constructor(authorizer: Authorizer, observer?: AccessObserver) {
    this.#authorizer = authorizer
    this.#observer = observer
  }

  /** `request`: what the requestor wants to do. Rejects with the first refusal where none allows. */
  async allow(wish: ImpersonationWish, request: Attributes): Promise<Impersonation> {
    const startedAt = this.#observer?.start() ?? 0
    try {
      const [mode, impersonation] = await this.#findMode(wish, request)
      this.#observer?.impersonated(mode.name ?? PLAIN, true, startedAt)
      return impersonation
    } catch (error) {
      this.#observer?.impersonated('', false, startedAt)
      throw error
    }
  }

  async #findMode(
    wish: ImpersonationWish,
    request: Attributes,
  ): Promise<readonly [Mode, Impersonation]> {
    const last = this.#lastModes.get(request.user.name)
    const modes = last === undefined ? MODES : [last, ...MODES.filter((mode) => mode !== last)]
    let refusal: unknown
    for (const mode of modes) {
      if (!mode.fits(wish, request.user)) continue
      try {
        const impersonation = await this.#check(mode, wish, request)
        this.#lastModes.set(request.user.name, mode)
        return [mode, impersonation]
      } catch (error) {
        refusal ??= error
      }
    }
    throw refusal
  }

  async #check(mode: Mode, wish: ImpersonationWish, request: Attributes): Promise<Impersonation> {
    const { name } = mode
    if (name !== undefined) {
      await this.#mustAllow(mode, { ...request, verb: `impersonate-on:${name}:${request.verb}` })
    }
    const verb = name === undefined ? 'impersonate' : `impersonate:${name}`
    const ask = (part: Part) =>
      this.#mustAllow(mode, { ...NOTHING, version: 'v1', ...part, verb, user: request.user })
    const groups = await this.#checkName(mode, wish, ask)
    const { userName, uid, extra } = wish
    if (uid !== '') await ask({ resource: 'uids', name: uid, group: AUTHENTICATION_GROUP })
    await this.#checkGroups(mode, wish, ask)
    await this.#checkExtra(mode, wish, ask)
    return {
      constraint: name === undefined ? undefined : verb,
      user: {
        name: userName,
        groups,
        ...(uid !== '' && { uid }),
        ...(Object.keys(extra).length > 0 && { extra }),
      },
    }
  }

  /** The groups that go with the name. */
  async #checkName(
    { name: mode }: Mode,
    { userName, groups }: ImpersonationWish,
    ask: Ask,
  ): Promise<readonly string[]> {
    const group = mode === undefined ? '' : AUTHENTICATION_GROUP
    const account = splitServiceAccountUserName(userName)
    const node = mode === undefined ? undefined : nodeNameIn(userName)
    if (account !== undefined) {
      await ask({ resource: 'serviceaccounts', ...account, group })
      return groups.length === 0 ? serviceAccountGroups(account.namespace) : groups
    }
    if (node !== undefined) {
      await ask({ resource: 'nodes', name: node, group })
      return [NODES_GROUP]
    }
    await ask({ resource: 'users', name: userName, group })
    return groups
  }

  async #checkGroups({ name: mode }: Mode, { groups }: ImpersonationWish, ask: Ask): Promise<void> {
    const group = mode === undefined ? '' : AUTHENTICATION_GROUP
    const part = { resource: 'groups', group }
    if (mode !== undefined) {
      if (groups.includes('')) {
        await ask({
          ...part,
          name: '',
          refusal: 'impersonating the empty string group is not allowed',
        })
      }
      if (groups.includes(PRIVILEGED_GROUP)) {
        const refusal = 'impersonating the system:masters group is not allowed'
        await ask({ ...part, name: PRIVILEGED_GROUP, refusal })
      }
      if (groups.length >= MANY && (await isAllowed(ask({ ...part, name: '*' })))) return
    }
    for (const name of groups) await ask({ ...part, name })
  }

  async #checkExtra({ name: mode }: Mode, { extra }: ImpersonationWish, ask: Ask): Promise<void> {
    const part = { resource: 'userextras', group: AUTHENTICATION_GROUP }
    const pairs = Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((name) => ({ ...part, subresource, name })),
    )
    if (mode !== undefined) {
      const refusal = extraProblem(extra)
      if (refusal !== undefined) await ask({ ...part, name: '', refusal })
      const all = { ...part, subresource: '*', name: '*' }
      const isMuch = Object.keys(extra).length >= MANY || pairs.length >= MANY
      if (isMuch && (await isAllowed(ask(all)))) return
    }
    for (const pair of pairs) await ask(pair)
  }

  async #mustAllow(
    { name, adapt }: Mode,
    { refusal, ...attributes }: Attributes & { readonly refusal?: string },
  ): Promise<void> {
    if (refusal !== undefined) throw forbidden(attributes, refusal)
    const asked = adapt?.(attributes) ?? attributes
    const startedAt = this.#observer?.start() ?? 0
    const { verdict, reason } = await this.#authorizer.authorize(asked)
    this.#observer?.askedToImpersonate(name ?? PLAIN, verdict === 'Allow', startedAt)
    if (verdict !== 'Allow') throw forbidden(asked, reason)
  }
}

type Part = Pick<Attributes, 'resource' | 'name' | 'group'> &
  Partial<Pick<Attributes, 'namespace' | 'subresource'>> & {
    /** Said without asking. */
    readonly refusal?: string
  }
type Ask = (part: Part) => Promise<void>

const NOTHING = {
  isResourceRequest: true,
  namespace: '',
  version: '',
  subresource: '',
  path: '',
  fieldSelector: '',
} as const

function isAllowed(asking: Promise<void>): Promise<boolean> {
  return asking.then(
    () => true,
    () => false,
  )
}

function isOnlyName({ uid, groups, extra }: ImpersonationWish): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0
}

function nodeNameIn(userName: string): string | undefined {
  if (!userName.startsWith(NODE_PREFIX)) return undefined
  const name = userName.slice(NODE_PREFIX.length)
  return dns1123SubdomainErrors(name).length === 0 ? name : undefined
}

/** A service account whose token says that its pod is on this node. */
function isOnNode({ name, extra }: UserInfo, node: string | undefined): boolean {
  if (node === undefined || splitServiceAccountUserName(name) === undefined) return false
  const [first, ...more] = extra?.[NODE_NAME_KEY] ?? []
  return first === node && more.length === 0
}

/** `example.com/some/path`, in small letters. */
const EXTRA_KEY = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[^?#\s]+$/

function extraProblem(extra: ImpersonationWish['extra']): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed'
    if (!EXTRA_KEY.test(key)) {
      const quoted = JSON.stringify(key)
      const why = 'must be a domain-prefixed path (such as "acme.io/foo")'
      return `impersonating an invalid key in extra is not allowed: extra.key: Invalid value: ${quoted}: ${why}`
    }
    if (values.length === 0) return 'impersonating empty values in extra is not allowed'
    if (values.includes('')) return 'impersonating the empty string value in extra is not allowed'
  }
  return undefined
}
