/** How a single value stands on the wire. `exactInt64` and `fixed64` have all their bits: bigints. */
export type ScalarType =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'exactInt64'
  | 'fixed64'
  | 'double'

/**
 * One field of a message. `Out` is what a decoder gives, `In` what an encoder takes; neither exists
 * at run time. Where "absent" differs from 0, a scalar `isOptional` (one of a `oneof`) or `isBoxed`:
 * Int64Value and UInt64Value, a message around one number; here either is a number or undefined.
 */
export interface Field<Out, In, IsOptional extends boolean = false> {
  readonly number: number
  readonly type: ScalarType | 'enum' | 'message'
  readonly label: 'single' | 'repeated' | 'map'
  readonly isBoxed: boolean
  readonly isOptional?: true
  readonly message?: MessageType
  /** An enum's names by number. */
  readonly values?: readonly string[]
  readonly types?: { readonly out: Out; readonly input: In; readonly isOptional: IsOptional }
}

export type AnyField = Field<unknown, unknown, boolean>
export type Shape = Readonly<Record<string, AnyField>>

/** A message declared once: its wire numbers and, through `Decoded` and `Given`, its types. */
export interface MessageType<S extends Shape = Shape> {
  /** The name in the interface definition, without the package. */
  readonly name: string
  readonly fields: S
}

type Types<F> = F extends { readonly types?: infer T } ? NonNullable<T> : never
type Out<F> = Types<F> extends { readonly out: infer T } ? T : never
type In<F> = Types<F> extends { readonly input: infer T } ? T : never
type IsOptional<F> = Types<F> extends { readonly isOptional: infer T } ? T : never
type OptionalKeys<S extends Shape> = {
  [K in keyof S]: IsOptional<S[K]> extends true ? K : never
}[keyof S]
type RequiredKeys<S extends Shape> = Exclude<keyof S, OptionalKeys<S>>

/** What a decoder gives: scalars, lists and maps always there, messages where they were sent. */
export type Decoded<M extends MessageType> = {
  readonly [K in RequiredKeys<M['fields']>]: Out<M['fields'][K]>
} & {
  readonly [K in OptionalKeys<M['fields']>]?: Out<M['fields'][K]> | undefined
}

/** What an encoder takes, which is some part of a message. A decoded message is one too. */
export type Given<M extends MessageType> = {
  readonly [K in keyof M['fields']]?: In<M['fields'][K]> | undefined
}

/** A message by its upstream name and its fields. */
export function message<const S extends Shape>(name: string, fields: S): MessageType<S> {
  return { name, fields }
}

type Single<T> = Field<T, T>
type MaybeNumber = Field<number, number, true>
type SomeMessage<M extends MessageType> = Field<Decoded<M>, Given<M>, true>

const single = (number: number, type: ScalarType) =>
  ({ number, type, label: 'single', isBoxed: false }) as const

export const string = (number: number): Single<string> => single(number, 'string')
export const bytes = (number: number): Single<Uint8Array> => single(number, 'bytes')
export const bool = (number: number): Single<boolean> => single(number, 'bool')
export const int32 = (number: number): Single<number> => single(number, 'int32')
export const uint32 = (number: number): Single<number> => single(number, 'uint32')
/** As a number: exact up to 2^53, which suffices for sizes, counts, ids and seconds. */
export const int64 = (number: number): Single<number> => single(number, 'int64')
export const uint64 = (number: number): Single<number> => single(number, 'uint64')
/** For what needs more than 53 bits: times in nanoseconds since the epoch, random ids. */
export const exactInt64 = (number: number): Single<bigint> => single(number, 'exactInt64')
/** One of a `oneof`: sent whenever it is given, also when it is 0. */
export const optionalInt64 = (number: number): MaybeNumber => ({
  ...single(number, 'int64'),
  isOptional: true,
})
/** Eight bytes without a sign, whatever the value. */
export const fixed64 = (number: number): Single<bigint> => single(number, 'fixed64')
export const double = (number: number): Single<number> => single(number, 'double')

/** As `optionalInt64`, for the other members of such a `oneof`. */
export const optionalString = (number: number): Field<string, string, true> => ({
  ...single(number, 'string'),
  isOptional: true,
})
export const optionalBool = (number: number): Field<boolean, boolean, true> => ({
  ...single(number, 'bool'),
  isOptional: true,
})
export const optionalDouble = (number: number): MaybeNumber => ({
  ...single(number, 'double'),
  isOptional: true,
})

export const boxedInt64 = (number: number): MaybeNumber => ({
  ...single(number, 'int64'),
  isBoxed: true,
})
export const boxedUint64 = (number: number): MaybeNumber => ({
  ...single(number, 'uint64'),
  isBoxed: true,
})

/** A field of an enum, whose values are named in the order of their numbers. */
export function oneOf<const V extends string>(
  number: number,
  values: readonly V[],
): Field<V, V, false> {
  return { number, type: 'enum', label: 'single', isBoxed: false, values }
}

/** A field that is a message. */
export function one<M extends MessageType>(number: number, type: M): SomeMessage<M> {
  return { number, type: 'message', label: 'single', isBoxed: false, message: type }
}

/** A field that repeats a message. */
export function many<M extends MessageType>(
  number: number,
  type: M,
): Field<readonly Decoded<M>[], readonly Given<M>[]> {
  return { number, type: 'message', label: 'repeated', isBoxed: false, message: type }
}

type List<T> = Field<readonly T[], readonly T[]>
export const strings = (number: number): List<string> => ({
  ...single(number, 'string'),
  label: 'repeated',
})
export const int32s = (number: number): List<number> => ({
  ...single(number, 'int32'),
  label: 'repeated',
})
export const int64s = (number: number): List<number> => ({
  ...single(number, 'int64'),
  label: 'repeated',
})

export type StringMap = Readonly<Record<string, string>>
export const map = (number: number): Field<StringMap, StringMap> => ({
  ...single(number, 'string'),
  label: 'map',
})
