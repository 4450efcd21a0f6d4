import { decodeYaml } from '../../machinery/codec/yaml.ts'

/** Who the API server is to a webhook's server. */
export interface ClientCredentials {
  readonly bearerToken?: string | undefined
  /** PEM. */
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** `Impersonate-*` headers. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The credentials for a `host:port`; empty where nothing is known of it. */
export type FindCredentials = (hostPort: string) => Promise<ClientCredentials>

/** Where no kubeconfig was named. */
export const noCredentials: FindCredentials = async () => ({})

type Fields = Readonly<Record<string, unknown>>

/**
 * Credentials from a kubeconfig (`kubeConfigFile` of a WebhookAdmissionConfiguration): by the name
 * of its users, which are hosts, `*.` patterns of them or `*`, else those of its current context.
 * `readFile` gives the text of a file that it names. Throws where the text is no kubeconfig.
 */
export function credentialsFrom(
  text: string,
  readFile: (path: string) => Promise<string>,
): FindCredentials {
  const { value } = decodeYaml(text, { findDuplicates: false })
  const config = (value ?? {}) as Fields
  if (typeof config !== 'object') throw new Error('the kubeconfig is no object')
  const users = new Map(namedIn(config['users'], 'user'))
  const contexts = new Map(namedIn(config['contexts'], 'context'))
  const current = contexts.get(textOf(config['current-context']))
  const usual = users.get(textOf(current?.['user']))
  return async (hostPort) => {
    const user = candidatesFor(hostPort)
      .map((name) => users.get(name))
      .find((found) => found !== undefined)
    const chosen = user ?? usual
    return chosen === undefined ? {} : readCredentials(chosen, readFile)
  }
}

/** The names by which users are looked up, the most telling one first. */
function candidatesFor(hostPort: string): readonly string[] {
  const host = hostPort.endsWith(':443') ? hostPort.slice(0, -':443'.length) : undefined
  return [...withPatterns(hostPort), ...(host === undefined ? [] : withPatterns(host)), '*']
}

function withPatterns(target: string): readonly string[] {
  const steps = target.split('.')
  return [target, ...steps.slice(1).map((_, index) => `*.${steps.slice(index + 1).join('.')}`)]
}

async function readCredentials(
  user: Fields,
  readFile: (path: string) => Promise<string>,
): Promise<ClientCredentials> {
  if (user['auth-provider'] !== undefined) throw new Error('auth provider not supported')
  if (user['exec'] !== undefined) throw new Error('exec credentials are not supported')
  const pem = async (name: string) => {
    const inline = textOf(user[`${name}-data`])
    if (inline !== '') return Buffer.from(inline, 'base64').toString()
    const path = textOf(user[name])
    return path === '' ? undefined : readFile(path)
  }
  const tokenFile = textOf(user['tokenFile'])
  const token = textOf(user['token'])
  const bearerToken = token === '' && tokenFile !== '' ? (await readFile(tokenFile)).trim() : token
  return {
    certificate: await pem('client-certificate'),
    key: await pem('client-key'),
    ...(bearerToken !== '' && { bearerToken }),
    ...(textOf(user['username']) !== '' && {
      username: textOf(user['username']),
      password: textOf(user['password']),
    }),
    headers: impersonationOf(user),
  }
}

function impersonationOf(user: Fields): Readonly<Record<string, string>> {
  const name = textOf(user['as'])
  if (name === '') return {}
  const uid = textOf(user['as-uid'])
  return { 'impersonate-user': name, ...(uid !== '' && { 'impersonate-uid': uid }) }
}

function namedIn(list: unknown, field: string): readonly (readonly [string, Fields])[] {
  if (!Array.isArray(list)) return []
  return list.map((item: Fields) => [textOf(item['name']), (item[field] ?? {}) as Fields])
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
