/** Something with a `write`, as the process's streams have. */
export type Sink = { write(text: string): unknown }

export type Streams = { readonly stdout: Sink; readonly stderr: Sink }

export type Modes = { readonly json: boolean; readonly quiet: boolean }

/** How a result looks to people: in full, and as the one value that a script wants. */
export type Shown = { readonly lines: readonly string[]; readonly brief?: string }

/**
 * Data goes to stdout and talk to stderr. With `--json` stdout gets exactly one JSON object, also
 * when the command fails; with `--quiet` the bare value and no talk.
 */
export class Output {
  readonly #streams: Streams
  readonly #modes: Modes

  constructor(streams: Streams, modes: Modes) {
    this.#streams = streams
    this.#modes = modes
  }

  get isJson(): boolean {
    return this.#modes.json
  }

  /** The command's outcome; to be called once. */
  result(data: object, shown: Shown): void {
    const { json, quiet } = this.#modes
    const text = quiet ? (shown.brief ?? '') : shown.lines.join('\n')
    this.#print(json ? JSON.stringify(data) : text)
  }

  /** What a person may like to know on the way. */
  talk(line: string): void {
    if (!this.#modes.quiet) this.#streams.stderr.write(`${line}\n`)
  }

  failure(code: string, message: string): void {
    if (this.#modes.json) this.#print(JSON.stringify({ error: { code, message } }))
    else this.#streams.stderr.write(`homeport: ${message}\n`)
  }

  #print(text: string): void {
    if (text !== '') this.#streams.stdout.write(`${text}\n`)
  }
}

/** Rows in columns that line up, two blanks between. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, cell.length)
    }
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
