/**
 * Field numbers by struct name and JSON field. A list leads through messages that JSON has inline:
 * `[1, 4]` is field 4 of the message in field 1.
 */
export type ProtobufNumbers = Readonly<
  Record<string, Readonly<Record<string, number | readonly number[]>>>
>
