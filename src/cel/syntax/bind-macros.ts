import type { Expr } from './ast.ts'
import { type Macro, MacroError, macroKey, NodeMaker, nameOfArgument } from './macro.ts'
import { CONDITIONAL } from './operators.ts'
import { STANDARD_MACROS } from './standard-macros.ts'

const UNUSED = '#unused'
const SORT_INPUT = '@__sortBy_input__'

/** Evaluates `body` with a variable: a comprehension that loops over nothing. */
function bind(make: NodeMaker, name: string, value: Expr, body: Expr): Expr {
  return make.comprehension({
    range: make.list(),
    iterVar: UNUSED,
    accuVar: name,
    accuInit: value,
    condition: make.literal(false),
    step: make.ident(name),
    result: body,
  })
}

/** `optional.optMap(x, f)` and `optFlatMap`: `f` of what the optional holds. */
const mapOptional =
  (macro: string, wrap: (make: NodeMaker, value: Expr) => Expr): Macro =>
  (offset, target, [argument, body]) => {
    const make = new NodeMaker(offset)
    const message = `${macro}() variable name must be a simple identifier`
    const name = nameOfArgument(argument, message)
    const value = make.memberCall('value', make.copy(target))
    const bound = bind(make, name, value, body ?? make.literal(null))
    return make.call(
      CONDITIONAL,
      make.memberCall('hasValue', target),
      wrap(make, bound),
      make.call('optional.none'),
    )
  }

const SORTABLE: ReadonlySet<Expr['kind']> = new Set([
  ...(['list', 'select', 'ident', 'comprehension', 'call'] as const),
])

const mapMacro = new Map(STANDARD_MACROS).get(macroKey('map', 2, true))

/** `list.sortBy(x, key)`: maps to the keys, and sorts by them. */
const sortBy: Macro = (offset, target, args) => {
  if (!SORTABLE.has(target.kind)) {
    const kinds = 'a list, identifier, comprehension, call or select expression'
    throw new MacroError(target, `sortBy can only be applied to ${kinds}`)
  }
  const make = new NodeMaker(offset)
  const keys = mapMacro?.(offset, make.ident(SORT_INPUT), args) ?? make.list()
  const sorted = make.memberCall('@sortByAssociatedKeys', make.ident(SORT_INPUT), keys)
  return bind(make, SORT_INPUT, target, sorted)
}

/** The macros of the optionals' and the lists' library. */
export const BIND_MACROS: readonly (readonly [string, Macro])[] = [
  [
    macroKey('optMap', 2, true),
    mapOptional('optMap', (make, value) => make.call('optional.of', value)),
  ],
  [macroKey('optFlatMap', 2, true), mapOptional('optFlatMap', (_make, value) => value)],
  [macroKey('sortBy', 2, true), sortBy],
]
