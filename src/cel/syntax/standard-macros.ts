import type { Expr } from './ast.ts'
import {
  ACCUMULATOR,
  iterationVariable,
  type Macro,
  MacroError,
  macroKey,
  NodeMaker,
  nameOfArgument,
} from './macro.ts'
import {
  ADD,
  CONDITIONAL,
  EQUALS,
  LOGICAL_AND,
  LOGICAL_NOT,
  LOGICAL_OR,
  NOT_STRICTLY_FALSE,
} from './operators.ts'

/** What is looped over, with which variables, and the other arguments. */
interface Loop {
  readonly range: Expr
  readonly iterVar: string
  readonly iterVar2?: string
  readonly rest: readonly Expr[]
}

type LoopBuilder = (make: NodeMaker, loop: Loop) => Expr

const has: Macro = (offset, _target, [argument]) => {
  if (argument?.kind === 'select') {
    return new NodeMaker(offset).presenceTest(argument.operand, argument.field)
  }
  throw new MacroError(argument ?? EMPTY, 'invalid argument to has() macro')
}

const EMPTY: Expr = { kind: 'literal', offset: -1, value: null }

const SIMPLE_NAME = 'argument must be a simple name'

/** A macro with one variable: the item of a list, the key of a map. */
function withOneVariable(build: LoopBuilder, message: string): Macro {
  return (offset, range, [name, ...rest]) =>
    build(new NodeMaker(offset), { range, iterVar: iterationVariable(name, message), rest })
}

/** A macro with two: index and item of a list, key and value of a map. */
const withTwoVariables =
  (build: LoopBuilder): Macro =>
  (offset, range, [first, second, ...rest]) => {
    const iterVar = nameOfArgument(first, SIMPLE_NAME)
    const iterVar2 = nameOfArgument(second, SIMPLE_NAME)
    if (iterVar === iterVar2) {
      throw new MacroError(second ?? EMPTY, `duplicate variable name: ${iterVar}`)
    }
    iterationVariable(first, SIMPLE_NAME)
    iterationVariable(second, SIMPLE_NAME)
    return build(new NodeMaker(offset), { range, iterVar, iterVar2, rest })
  }

interface Folding {
  readonly init: Expr
  readonly condition?: Expr
  readonly step: Expr
  readonly result?: Expr
}

function fold(make: NodeMaker, { rest: _, ...loop }: Loop, folding: Folding): Expr {
  return make.comprehension({
    ...loop,
    accuVar: ACCUMULATOR,
    accuInit: folding.init,
    condition: folding.condition ?? make.literal(true),
    step: folding.step,
    result: folding.result ?? make.accumulator(),
  })
}

const all: LoopBuilder = (make, loop) =>
  fold(make, loop, {
    init: make.literal(true),
    condition: make.call(NOT_STRICTLY_FALSE, make.accumulator()),
    step: make.call(LOGICAL_AND, make.accumulator(), loop.rest[0] ?? EMPTY),
  })

const exists: LoopBuilder = (make, loop) =>
  fold(make, loop, {
    init: make.literal(false),
    condition: make.call(NOT_STRICTLY_FALSE, make.call(LOGICAL_NOT, make.accumulator())),
    step: make.call(LOGICAL_OR, make.accumulator(), loop.rest[0] ?? EMPTY),
  })

const existsOne: LoopBuilder = (make, loop) =>
  fold(make, loop, {
    init: make.literal(0),
    step: make.call(
      CONDITIONAL,
      loop.rest[0] ?? EMPTY,
      make.call(ADD, make.accumulator(), make.literal(1)),
      make.accumulator(),
    ),
    result: make.call(EQUALS, make.accumulator(), make.literal(1)),
  })

/** The last argument is what is gathered; one before it says of which items. */
const map: LoopBuilder = (make, loop) =>
  fold(make, loop, { init: make.list(), step: filtered(make, loop, appended(make, loop.rest)) })

const appended = (make: NodeMaker, rest: readonly Expr[]) =>
  make.call(ADD, make.accumulator(), make.list(rest.at(-1) ?? EMPTY))

/** The step, or where a filter is given and does not hold, nothing. */
function filtered(make: NodeMaker, { rest }: Loop, step: Expr): Expr {
  const [filter] = rest
  if (rest.length < 2 || filter === undefined) return step
  return make.call(CONDITIONAL, filter, step, make.accumulator())
}

const filter: Macro = (offset, range, [name, condition]) => {
  const make = new NodeMaker(offset)
  const iterVar = iterationVariable(name, 'argument is not an identifier')
  const loop = { range, iterVar, rest: [condition ?? EMPTY, name ?? EMPTY] }
  return map(make, loop)
}

const MAP_INSERT = 'cel.@mapInsert'

const transformMap: LoopBuilder = (make, loop) => {
  const value = loop.rest.at(-1) ?? EMPTY
  const insert = make.call(MAP_INSERT, make.accumulator(), make.ident(loop.iterVar), value)
  return fold(make, loop, { init: make.map(), step: filtered(make, loop, insert) })
}

const transformMapEntry: LoopBuilder = (make, loop) => {
  const insert = make.call(MAP_INSERT, make.accumulator(), loop.rest.at(-1) ?? EMPTY)
  return fold(make, loop, { init: make.map(), step: filtered(make, loop, insert) })
}

/** The macros of the language, for one variable and for two. */
export const STANDARD_MACROS: readonly (readonly [string, Macro])[] = [
  [macroKey('has', 1, false), has],
  [macroKey('all', 2, true), withOneVariable(all, SIMPLE_NAME)],
  [macroKey('exists', 2, true), withOneVariable(exists, SIMPLE_NAME)],
  [macroKey('exists_one', 2, true), withOneVariable(existsOne, SIMPLE_NAME)],
  [macroKey('map', 2, true), withOneVariable(map, 'argument is not an identifier')],
  [macroKey('map', 3, true), withOneVariable(map, 'argument is not an identifier')],
  [macroKey('filter', 2, true), filter],
  [macroKey('all', 3, true), withTwoVariables(all)],
  [macroKey('exists', 3, true), withTwoVariables(exists)],
  [macroKey('existsOne', 3, true), withTwoVariables(existsOne)],
  [macroKey('exists_one', 3, true), withTwoVariables(existsOne)],
  [macroKey('transformList', 3, true), withTwoVariables(map)],
  [macroKey('transformList', 4, true), withTwoVariables(map)],
  [macroKey('transformMap', 3, true), withTwoVariables(transformMap)],
  [macroKey('transformMap', 4, true), withTwoVariables(transformMap)],
  [macroKey('transformMapEntry', 3, true), withTwoVariables(transformMapEntry)],
  [macroKey('transformMapEntry', 4, true), withTwoVariables(transformMapEntry)],
]
