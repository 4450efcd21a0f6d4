import type { Filter } from '../apiserver/handler.ts'
import { noSuchPath } from '../apiserver/verbs/routes.ts'
import type { Kind } from '../machinery/kind.ts'

type Names = Pick<Kind, 'group' | 'version' | 'plural'>

/** In settings; in paths, too, the core group is there. */
const CORE = 'api'
/** Whole classes of versions, in the order in which they are looked at. */
const CLASSES: readonly (readonly [string, RegExp])[] = [
  ['api/all', /^/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
]

/**
 * The kinds that clients are served, all where nothing is said (upstream's `--runtime-config`).
 * What names more counts more. Throws for what upstream refuses.
 */
export function servedKinds(
  kinds: readonly Kind[],
  settings: readonly string[] = [],
): readonly Kind[] {
  const values = new Map(settings.map(parseSetting))
  if (values.size === 1 && values.get('api/all') === false) {
    throw new Error('invalid runtime-config with only api/all=false')
  }
  checkNames(kinds, values)
  return kinds.filter((kind) => {
    const named = [`${versionOf(kind)}/${kind.plural}`, versionOf(kind)]
    const classes = CLASSES.filter(([, pattern]) => pattern.test(kind.version)).map(([id]) => id)
    const deciding = [...named, ...classes.toReversed()].find((name) => values.has(name))
    return deciding === undefined || values.get(deciding) === true
  })
}

/** Answers as if there were no such kinds, to all but this server itself. No filter for none. */
export function hideKinds(kinds: readonly Kind[], served: readonly Kind[]): readonly Filter[] {
  const shown = new Set(served)
  const hidden = new Set(kinds.filter((kind) => !shown.has(kind)).map(idOf))
  if (hidden.size === 0) return []
  return [
    (request, next) => {
      const { isResourceRequest, group, version, resource } = request.info
      const id = idOf({ group, version, plural: resource })
      if (isResourceRequest && !request.isInProcess && hidden.has(id)) throw noSuchPath()
      return next(request)
    },
  ]
}

function parseSetting(text: string): readonly [string, boolean] {
  const [, name = '', value = 'true'] = /^([^=]*)(?:=(.*))?$/.exec(text.trim()) ?? []
  if (!['true', 'false', ''].includes(value)) throw new Error(`invalid value ${name}=${value}`)
  return [name === 'v1' ? `${CORE}/v1` : name, value !== 'false']
}

function checkNames(kinds: readonly Kind[], values: ReadonlyMap<string, boolean>): void {
  const groups = new Set(kinds.map(({ group }) => group || CORE))
  const versions = new Set(kinds.map(versionOf))
  for (const name of values.keys()) {
    if (CLASSES.some(([id]) => id === name)) continue
    const [group = '', version = '', resource, ...others] = name.split('/')
    if (!groups.has(group)) throw new Error(`unknown api groups ${name}`)
    if (!versions.has(`${group}/${version}`)) {
      throw new Error(`group version ${name} that has not been registered`)
    }
    if (others.length > 0 || resource?.toLowerCase() !== resource) {
      throw new Error(
        `invalid key ${name}: group/version/resource and resource is always lowercase plural`,
      )
    }
  }
}

/** As settings name it. */
function versionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return `${group || CORE}/${version}`
}

function idOf({ group, version, plural }: Names): string {
  return `${group}/${version}/${plural}`
}
