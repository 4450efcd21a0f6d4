// Writes dist/descriptions.json: what `kubectl explain` says of types and fields. The prose is that
// of the type declarations of @kubernetes/client-node (Apache-2.0), read when the program is built
// and never kept in the repository; where it has none, the sentence above our own declaration is
// used.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIELD_SENTENCES } from './field-sentences.mjs'

const MODELS = 'node_modules/@kubernetes/client-node/dist/gen/models'
const CLASS = /\/\*\*\n((?:\*.*\n)+)\*\/\nexport declare class (\w+) \{\n([\s\S]*?)static readonly/
const FIELD = /(?:\/\*\*\n((?:\s*\*(?!\/).*\n)+)\s*\*\/\n\s*)?'([^']+)'\??: /g
const STRUCT = /\/\*\* ([^\n]*?) ?\*\/\nexport const \w+ = s\.struct\(\s*'([^']+)'/g
const KIND =
  /\/\*\* ([^\n]*?) ?\*\/\nexport const (\w+) = defineKind\(\{\n\s*group: '([^']*)',\n\s*version: '([^']+)'/g

/** Collects all descriptions and writes them into `dist`. */
export function writeDescriptions(root) {
  const models = join(root, MODELS)
  const found = existsSync(models) ? modelDescriptions(models) : {}
  const file = { models: found, structs: {}, fields: FIELD_SENTENCES }
  for (const folder of ['src/kinds', 'src/machinery']) {
    Object.assign(file.structs, ownSentences(join(root, folder)))
  }
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'dist', 'descriptions.json'), JSON.stringify(file))
}

function modelDescriptions(folder) {
  const entries = readdirSync(folder)
    .filter((name) => name.endsWith('.d.ts'))
    .flatMap((name) => {
      const match = CLASS.exec(readFileSync(join(folder, name), 'utf8'))
      if (match === null) return []
      const [, comment, model, body] = match
      const fields = [...body.matchAll(FIELD)].flatMap(([, text, field]) =>
        text === undefined ? [] : [[restoredName(field), prose(text)]],
      )
      return [[model, { type: prose(comment), fields: Object.fromEntries(fields) }]]
    })
  return Object.fromEntries(entries)
}

/** Words of TypeScript bear an underscore in front, and dashes became underscores. */
function restoredName(field) {
  return field.startsWith('x_kubernetes_') ? field.replaceAll('_', '-') : field.replace(/^_/, '')
}

/** The text of a comment, where quotes and backslashes have a backslash in front. */
export function prose(comment) {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, ''))
    .join('\n')
    .replace(/\\(["'\\])/g, '$1')
    .trim()
}

function ownSentences(folder) {
  const sentences = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    for (const [, sentence, struct] of text.matchAll(STRUCT)) sentences[struct] = sentence
    for (const [, sentence, kind, group, version] of text.matchAll(KIND)) {
      sentences[`${structGroup(group)}.${version}.${kind}`] = sentence
    }
  }
  return sentences
}

/** As in src/machinery/kind.ts. */
function structGroup(group) {
  if (group === '') return 'core'
  if (group === 'internal.apiserver.k8s.io') return 'apiserverinternal'
  return group.split('.')[0]
}
