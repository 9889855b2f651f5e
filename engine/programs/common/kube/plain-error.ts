/** An error whose words stand as they are, without the program's usual beginning. */
export class PlainError extends Error {
  override readonly name = 'PlainError'
}
