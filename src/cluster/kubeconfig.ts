import { dirname } from 'node:path'
import { Document, isCollection, isMap, isSeq, parseDocument, YAMLSeq } from 'yaml'
import { type FileSystem, writeFileAtomically } from '../base/file-system.ts'
import type { KeyPair } from './certificates/certificate.ts'

/** What kubectl needs to reach a cluster as one user. */
export interface KubeconfigEntry {
  /** Of the context, and of its cluster and user. */
  readonly name: string
  readonly server: string
  /** PEM. */
  readonly authority: string
  readonly client: KeyPair
}

/** A kubeconfig that holds this entry alone. */
export function formatKubeconfig(entry: KubeconfigEntry): string {
  return mergeKubeconfig('', entry)
}

/**
 * The text of a kubeconfig file with this entry added or replaced, and made the current context.
 * Everything else in the text stays, comments included. Throws where it is not a kubeconfig.
 */
export function mergeKubeconfig(text: string, entry: KubeconfigEntry): string {
  const document = openKubeconfig(text)
  const { name, server, authority, client } = entry
  setNamed(document, 'clusters', name, {
    cluster: { server, 'certificate-authority-data': base64(authority) },
  })
  setNamed(document, 'users', name, {
    user: {
      'client-certificate-data': base64(client.certificate),
      'client-key-data': base64(client.key),
    },
  })
  setNamed(document, 'contexts', name, { context: { cluster: name, user: name } })
  document.set('current-context', name)
  return document.toString({ lineWidth: 0 })
}

/** The text of a kubeconfig file without this context, its cluster and its user. */
export function removeFromKubeconfig(text: string, name: string): string {
  const document = openKubeconfig(text)
  for (const list of ['clusters', 'users', 'contexts']) {
    const items = document.get(list)
    if (isSeq(items)) items.items = items.items.filter((item) => nameOf(item) !== name)
  }
  if (document.get('current-context') === name) document.set('current-context', '')
  return document.toString({ lineWidth: 0 })
}

/** Changes a kubeconfig file in one step; a missing one counts as empty. */
export async function rewriteKubeconfig(
  files: FileSystem,
  path: string,
  change: (text: string) => string,
): Promise<void> {
  const exists = (await files.stat(path)) !== undefined
  const text = exists ? Buffer.from(await files.readFile(path)).toString() : ''
  let changed: string
  try {
    changed = change(text)
  } catch (cause) {
    throw new Error(`${path} is not a kubeconfig file; nothing was changed in it`, { cause })
  }
  if (changed === text) return
  await files.mkdir(dirname(path))
  await writeFileAtomically(files, path, changed)
}

function openKubeconfig(text: string): Document {
  const document = text.trim() === '' ? new Document({}) : parseDocument(text)
  const [problem] = document.errors
  if (problem !== undefined) throw problem
  if (!isMap(document.contents)) throw new Error('the document is not a map')
  if (!document.has('apiVersion')) document.set('apiVersion', 'v1')
  if (!document.has('kind')) document.set('kind', 'Config')
  return document as Document
}

function setNamed(document: Document, list: string, name: string, content: object): void {
  const held = document.get(list)
  const items = isSeq(held) ? held : new YAMLSeq()
  if (items !== held) document.set(list, items)
  items.flow = false
  const node = document.createNode({ name, ...content })
  const index = items.items.findIndex((item) => nameOf(item) === name)
  if (index < 0) items.items.push(node)
  else items.items[index] = node
}

function nameOf(item: unknown): unknown {
  return isCollection(item) ? item.get('name') : undefined
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
