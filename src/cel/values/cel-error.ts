/** An error that an expression meets, as a value: `||` and `&&` may absorb it. */
export class CelError {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}
