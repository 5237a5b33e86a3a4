/** Something that may not be done as things stand; nothing was changed. Exit code 3. */
export class Refused extends Error {
  override readonly name = 'Refused'
  /** Stable, for scripts: `data_dir_in_use`. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
