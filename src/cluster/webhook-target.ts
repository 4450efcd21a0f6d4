import { dirname, resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import { parse } from 'yaml'
import type { FileSystem } from '../base/file-system.ts'
import type { HttpTarget, SendRequest } from '../base/http-backend.ts'

/** A webhook's server, as a kubeconfig file names it. */
export interface WebhookTarget {
  readonly server: HttpTarget
  readonly path: string
  /** Sent as a bearer token where there is one. */
  readonly token: string | undefined
}

interface Kubeconfig {
  readonly 'current-context'?: string
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[]
  readonly clusters?: readonly { name: string; cluster: Fields }[]
  readonly users?: readonly { name: string; user: Fields }[]
}

type Fields = Readonly<Record<string, string | undefined>>

/** Upstream gives a webhook so long. */
const TIMEOUT_MS = 30_000

const BOTH = 'specifying a root certificates file with the insecure flag is not allowed'

/** The server of a kubeconfig file's current context; undefined where no file is named. */
export async function readWebhookTarget(
  path: string | undefined,
  files: FileSystem,
): Promise<WebhookTarget | undefined> {
  if (path === undefined) return undefined
  const text = Buffer.from(await files.readFile(path)).toString()
  const config = (parse(text) ?? {}) as Kubeconfig
  const { cluster, user } = currentOf(config)
  if (cluster?.['server'] === undefined) throw new Error(`${path} names no server`)
  const url = new URL(cluster['server'])
  const isSecure = url.protocol === 'https:'
  const read = (fields: Fields, name: string) => readPem(fields, name, dirname(path), files)
  const given = await read(cluster, 'certificate-authority')
  const isTrusted = String(cluster['insecure-skip-tls-verify']) === 'true'
  if (isTrusted && given !== undefined) throw new Error(`${path}: ${BOTH}`)
  const authority = isTrusted ? undefined : (given ?? rootCertificates.join('\n'))
  const certificate = await read(user, 'client-certificate')
  const key = await read(user, 'client-key')
  const tls = {
    ...(authority !== undefined && { authority }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  }
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
  return {
    server: { host: url.hostname, port, ...(isSecure && { tls }) },
    path: `${url.pathname}${url.search}`,
    token: user['token'],
  }
}

function currentOf(config: Kubeconfig) {
  const current = config.contexts?.find(({ name }) => name === config['current-context'])
  return {
    cluster: config.clusters?.find(({ name }) => name === current?.context.cluster)?.cluster,
    user: config.users?.find(({ name }) => name === current?.context.user)?.user ?? {},
  }
}

/** Posts JSON; resolves to the HTTP code once the answer is read. */
export async function postTo(
  { server, path, token }: WebhookTarget,
  body: string,
  send: SendRequest,
): Promise<number> {
  const response = await send(server, {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: Buffer.from(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (response.type === 'upgraded') {
    response.socket.destroy()
    throw new Error('the webhook switched protocols')
  }
  response.body.resume()
  return response.code
}

async function readPem(
  fields: Fields,
  name: string,
  folder: string,
  files: FileSystem,
): Promise<string | undefined> {
  const inline = fields[`${name}-data`]
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString()
  const path = fields[name]
  if (path === undefined) return undefined
  return Buffer.from(await files.readFile(resolve(folder, path))).toString()
}
